"""A plugin opens a type of rules; another brings one of them without importing it."""

from __future__ import annotations

from dataclasses import dataclass

from codesign.hooks import service
from codesign.hooks.discovery import Found
from codesign.hooks.host import PluginHost
from codesign.hooks.rules import rule
from codesign.kernel.actor import SYSTEM

from .conftest import SPACE, make_plugin


@dataclass(frozen=True)
class Line:
    """A type of rules that the plugin ``phone`` opens."""

    name: str
    title: str = ""


OPENER = make_plugin("phone", rule_types=(Line,), rules=(Line("own", "Its own"),))


def host_of(*cards: object) -> PluginHost:
    host = PluginHost()
    host.load([Found(card.name, "test", lambda card=card: card) for card in cards])  # type: ignore[attr-defined, misc]
    return host


def names(host: PluginHost) -> list[str]:
    return [each.name for each, _owner in host.rules.all(Line)]


def test_a_rule_is_made_once_both_are_loaded_whoever_comes_first() -> None:
    guest = make_plugin("guest", rules=(rule("phone.Line", name="guest_line", title="Theirs"),))
    for cards in ((OPENER, guest), (guest, OPENER)):
        host = host_of(*cards)
        assert names(host) == ["guest_line", "own"] and not host.refused
        assert host.rules.find(Line, "guest_line") == Line("guest_line", "Theirs")


def test_without_the_opener_the_rule_is_left_aside() -> None:
    host = host_of(make_plugin("guest", rules=(rule("phone.Line", name="guest_line"),)))
    assert "guest" in host.plugins and names(host) == [] and not host.refused


def test_what_does_not_fit_keeps_its_plugin_out_and_nobody_else() -> None:
    cases = {
        "odd": (rule("phone.Line", name="odd_line", colour="red"), "colour"),
        "wild": (rule("phone.Cord", name="cord"), "opens no such type"),
        "twin": (rule("phone.Line", name="own"), "both"),
    }
    host = host_of(OPENER, *(make_plugin(name, rules=(bad,)) for name, (bad, _why) in cases.items()))
    assert set(host.plugins) == {"phone"} and names(host) == ["own"]
    for refusal in host.refused:
        assert cases[refusal.name][1] in refusal.reason


def test_in_a_space_there_are_the_rules_of_plugins_that_are_on(ground: None) -> None:
    guest = make_plugin("guest", rules=(rule("phone.Line", name="guest_line"),))
    host = host_of(OPENER, guest)
    service.switch_plugin(SYSTEM, host, SPACE, "phone", True)
    assert set(host.rules_in(Line, SPACE)) == {"own"}
    service.switch_plugin(SYSTEM, host, SPACE, "guest", True)
    assert set(host.rules_in(Line, SPACE)) == {"own", "guest_line"}
