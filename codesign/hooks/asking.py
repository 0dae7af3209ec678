"""What rooms ask plugins, with what happens when nobody answers. Called before a verb or while reading, never inside
a verb."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from codesign.hooks.facts import Facet, Found, Hit
from codesign.hooks.host import PluginHost
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import ALLOW, HOLD, REFUSE, WARN, TextDraft, Verdict
from codesign.kernel.text import _

if TYPE_CHECKING:
    from codesign.spaces.facts import SpaceFact

SEARCH = "search_contributions"
#: More hits, ways to narrow and letters than these are cut off.
MOST_HITS, MOST_FACETS, LONGEST_MEANT = 500, 60, 200
FACET_FIELDS = ("status", "tag", "author")

_STRICTNESS = {ALLOW: 0, WARN: 1, HOLD: 2, REFUSE: 3}

#: ``space.settings["when_down"]``: what happens to a text when a reviewing plugin fails or is late.
WHEN_DOWN = ("hold", "newcomers", "pass")


def review(host: PluginHost, space: SpaceFact, actor: Actor, draft: TextDraft, newcomer: bool) -> Verdict:
    """The strictest verdict of all plugins on a text, with all their reasons; a silent reviewer as the space has
    chosen."""
    verdict = Verdict()
    for answer in host.ask_all("review_contribution", space, actor=actor, draft=draft):
        said = answer.value
        if answer.ok and said is not None and not (isinstance(said, Verdict) and said.decision in _STRICTNESS):
            host.runner.blame(answer.plugin, "review_contribution", f"answered {said!r}, which is no verdict")
            said = _when_down(space, newcomer)
        elif not answer.ok:
            said = _when_down(space, newcomer)
        if said is not None:
            verdict = _stricter(verdict, said)
    return verdict


def _when_down(space: SpaceFact, newcomer: bool) -> Verdict | None:
    choice = space.settings.get("when_down", "newcomers")
    if choice == "hold" or (choice == "newcomers" and newcomer):
        return Verdict(HOLD, (_("A reviewer could not be reached; a moderator reads this first."),))
    return None


def _stricter(one: Verdict, other: Verdict) -> Verdict:
    decision = max(one.decision, other.decision, key=_STRICTNESS.__getitem__)
    return Verdict(decision, (*one.reasons, *(reason for reason in other.reasons if reason not in one.reasons)))


def find_similar(host: PluginHost, space: SpaceFact, actor: Actor, text: str) -> list[tuple[str, Hit]] | None:
    """Look-alikes of a text with the plugin that found each, best first, each thing once; None where nobody answered."""
    found: dict[tuple[str, str], tuple[str, Hit]] = {}
    answers = host.ask_all("find_similar", space, actor=actor, text=text)
    for answer in answers:
        for hit in _hits(host, answer.plugin, "find_similar", answer.value, {space.id}):
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
            return item.name, _found(host, item.name, answer.value, {s.id for s in spaces})
    return None


def blamed(host: PluginHost, plugin: str, hook: str, count: int) -> None:
    """Note that a plugin answered with *count* things its asker may not see."""
    if count:
        host.runner.blame(plugin, hook, f"answered with {count} things the viewer may not see")


def _found(host: PluginHost, plugin: str, value: Any, spaces: set[str]) -> Found:
    """An answer to a search in one shape; parts that are not what they should be are dropped."""
    if not isinstance(value, Found):
        return Found(_hits(host, plugin, SEARCH, value, spaces))
    facets = value.facets if isinstance(value.facets, list | tuple) else ()
    meant = value.did_you_mean if isinstance(value.did_you_mean, str) else ""
    return Found(
        _hits(host, plugin, SEARCH, value.hits, spaces),
        meant[:LONGEST_MEANT],
        tuple(facet for facet in facets if _is_facet(facet))[:MOST_FACETS],
    )


def _is_hit(hit: Any) -> bool:
    if not isinstance(hit, Hit) or not all(
        isinstance(text, str) for text in (hit.kind, hit.id, hit.space_id, hit.snippet)
    ):
        return False
    return isinstance(hit.weight, int | float) and isfinite(hit.weight) and isinstance(hit.marks, list | tuple)


def _is_facet(facet: Any) -> bool:
    if not isinstance(facet, Facet) or facet.field not in FACET_FIELDS:
        return False
    return isinstance(facet.value, str) and isinstance(facet.label, str) and isinstance(facet.count, int)


def _hits(host: PluginHost, plugin: str, hook: str, value: Any, spaces: set[str]) -> list[Hit]:
    """The hits in an answer; anything else in it is dropped and held against the plugin."""
    given = list(value) if isinstance(value, list | tuple) else []
    hits = [hit for hit in given if _is_hit(hit) and hit.space_id in spaces]
    if len(hits) != len(given) or (value is not None and not isinstance(value, list | tuple)):
        host.runner.blame(plugin, hook, "answered with things that are no hits in the spaces it was asked about")
    return hits[:MOST_HITS]
