"""What rooms ask plugins, with what happens when nobody answers. Called before a verb or while reading, never inside
a verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from codesign.hooks.answers import STRICTNESS
from codesign.hooks.facts import Found, Hit
from codesign.hooks.host import PluginHost
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HOLD, TextDraft, Verdict
from codesign.kernel.text import _

if TYPE_CHECKING:
    from codesign.spaces.facts import SpaceFact

SEARCH = "search_contributions"

#: ``space.settings["when_down"]``: what happens to a text when a reviewing plugin fails or is late.
WHEN_DOWN = ("hold", "newcomers", "pass")


def review(host: PluginHost, space: SpaceFact, actor: Actor, draft: TextDraft, newcomer: bool) -> Verdict:
    """The strictest verdict of all plugins on a text, with all their reasons; a silent reviewer as the space has
    chosen."""
    verdict = Verdict()
    for answer in host.ask_all("review_contribution", space, actor=actor, draft=draft):
        said = answer.value if answer.ok else _when_down(space, newcomer)
        if said is not None:
            verdict = _stricter(verdict, said)
    return verdict


def _when_down(space: SpaceFact, newcomer: bool) -> Verdict | None:
    choice = space.settings.get("when_down", "newcomers")
    if choice == "hold" or (choice == "newcomers" and newcomer):
        return Verdict(HOLD, (_("A reviewer could not be reached; a moderator reads this first."),))
    return None


def _stricter(one: Verdict, other: Verdict) -> Verdict:
    decision = max(one.decision, other.decision, key=STRICTNESS.__getitem__)
    return Verdict(decision, (*one.reasons, *(reason for reason in other.reasons if reason not in one.reasons)))


def find_similar(host: PluginHost, space: SpaceFact, actor: Actor, text: str) -> list[tuple[str, Hit]] | None:
    """Look-alikes of a text with the plugin that found each, best first, each thing once; None where nobody answered."""
    found: dict[tuple[str, str], tuple[str, Hit]] = {}
    answers = host.ask_all("find_similar", space, actor=actor, text=text)
    for answer in answers:
        for hit in _seen(host, answer.plugin, "find_similar", answer.value or (), {space.id}):
            known = found.get((hit.kind, hit.id))
            if known is None or hit.weight > known[1].weight:
                found[hit.kind, hit.id] = (answer.plugin, hit)
    if not any(answer.ok and answer.value is not None for answer in answers):
        return None
    return sorted(found.values(), key=lambda pair: (-pair[1].weight, pair[1].id))


def search(host: PluginHost, spaces: Sequence[SpaceFact], actor: Actor, query: str) -> tuple[str, Found] | None:
    """What the first plugin that answers has found, with its name; None leaves the search to core.

    The caller shows only what *actor* may see and calls ``blamed`` when that dropped anything.
    """
    if not spaces:
        return None
    common = set.intersection(*({item.name for item, _ask in host.asked(SEARCH, s.id)} for s in spaces))
    for item, ask in host.asked(SEARCH, spaces[0].id):
        if item.name not in common:
            continue
        answer = ask(spaces=tuple(spaces), actor=actor, query=query, settings=item.settings)
        if answer.ok and answer.value is not None:
            hits = _seen(host, item.name, SEARCH, answer.value.hits, {s.id for s in spaces})
            return item.name, replace(answer.value, hits=hits)
    return None


def blamed(host: PluginHost, plugin: str, hook: str, count: int) -> None:
    """Note that a plugin answered with *count* things its asker may not see."""
    if count:
        host.runner.blame(plugin, hook, f"answered with {count} things the viewer may not see")


def _seen(host: PluginHost, plugin: str, hook: str, given: Sequence[Hit], spaces: set[str]) -> list[Hit]:
    """The hits in the spaces that were asked about; others are dropped and held against the plugin."""
    hits = [hit for hit in given if hit.space_id in spaces]
    if len(hits) != len(given):
        host.runner.blame(plugin, hook, "answered with hits outside the spaces it was asked about")
    return hits
