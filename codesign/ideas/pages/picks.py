"""The orders a board offers as pills, and the filter that is on, as chips that take it off again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from codesign.hooks.facts import Facet
from codesign.ideas.lists import MATCH, NEW, SHUFFLED, TOP
from codesign.ideas.pages.parts import product_name
from codesign.ideas.pages.wishes import Wish
from codesign.ideas.ports import ports
from codesign.kernel.text import _
from codesign.spaces.facts import Access, SpaceFact, StatusFact

_TITLES = {NEW: _("New"), TOP: _("Most wanted"), SHUFFLED: _("Mixed for you"), MATCH: _("Best match")}


@dataclass(frozen=True)
class Pick:
    """A link that changes the board: a pill or a chip."""

    title: str
    url: str
    current: bool = False


def orders(access: Access, wish: Wish, current: str, *, hidden: bool, matched: bool = False) -> list[Pick]:
    """The orders to choose from; while counts are hidden, only those that tell nothing of votes. Others than the team
    see none of the team's.

    *matched*: a plugin searched and has an order of its own.
    """
    space = access.space
    rules = {name: rule for name, rule in ports.rules(space).items() if access.is_team or not rule.for_team}
    names = [name for name in rules if not (hidden and rules[name].tells_votes)]
    names.sort(key=lambda name: (name == NEW, name != TOP))
    if space.order == SHUFFLED:
        names.insert(0, SHUFFLED)
    if matched:
        names.insert(0, MATCH)
    return [
        Pick(_TITLES.get(name) or rules[name].title or name, wish.url(space.slug, sort=name), name == current)
        for name in names
    ]


def narrowing(space: SpaceFact, wish: Wish, facets: Iterable[Facet]) -> list[tuple[Pick, int]]:
    """What a plugin that searched offers to narrow the list by, with how many it would leave."""
    return [
        (Pick(facet.label, wish.url(space.slug, **{facet.field: facet.value})), facet.count)
        for facet in facets
        if not getattr(wish, facet.field)
    ]


def applied(space: SpaceFact, wish: Wish, statuses: Iterable[StatusFact], author_name: str | None) -> list[Pick]:
    """One chip for each filter that is on."""
    status = {status.id: status.name for status in statuses}.get(wish.status, wish.status)
    words = {
        "status": _("Status: %(name)s", name=status),
        "tag": _("Tag: %(name)s", name=wish.tag),
        "author": _("By %(name)s", name=author_name) if author_name else _("By one person"),
        "mine": _("Proposed by me"),
        "voted": _("I voted for it"),
        "composed": _("With a configuration"),
        "for_product": _("Missing in %(name)s", name=product_name(wish.for_product)) if wish.for_product else "",
    }
    return [
        Pick(words[name], wish.url(space.slug, **{name: False if value is True else ""}))
        for name, value in wish.filters.items()
        if name != "q"  # it stands in the search box
    ]
