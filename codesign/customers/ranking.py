"""Who wants what in a space: the most wanted ideas with raw, weighted and per-segment totals side by side."""

from __future__ import annotations

from dataclasses import dataclass

from codesign.customers.facts import Wants, WeightsFact
from codesign.customers.wants import wants_of, who_votes
from codesign.customers.weights import weights_now
from codesign.ideas.facts import IdeaFact
from codesign.ideas.sifting import TOP, Order, Sieve, sift_ideas
from codesign.kernel.actor import Actor
from codesign.kernel.believed import Believed
from codesign.kernel.db import reading
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.spaces.access import look
from codesign.spaces.facts import Access

VOTES, WEIGHTED, REVENUE, SEGMENT = "votes", "weighted", "revenue", "segment:"
#: So many ideas are looked at, the most wanted by votes.
MOST_IDEAS = 100
#: Everybody who votes in a space is a look over all of them.
_everybody: Believed[Wants] = Believed(30)


@dataclass(frozen=True)
class Ranked:
    """One idea; ``votes`` is the plain count."""

    idea: IdeaFact
    votes: int
    wants: Wants


@dataclass(frozen=True)
class Ranking:
    """The ideas, everybody who votes here, and the weights they were counted with."""

    access: Access
    rows: tuple[Ranked, ...]
    everybody: Wants
    weights: WeightsFact


@reading
def rank_ideas(
    actor: Actor, reference: str, *, status: str = "", tag: str = "", sort: str = "", limit: int = MOST_IDEAS
) -> Ranking:
    """The most wanted ideas of a space, for its team. What narrows the list never changes the numbers of an idea in it.

    Raises NotFound, Forbidden, Invalid (no such order).
    """
    access = look(actor, reference, "moderate")
    sieve = Sieve(statuses=(status,) if status else None, tag=tag)
    ideas = sift_ideas(access, sieve, Order(TOP), limit=limit).items
    weights = weights_now(access.space.id)
    wants = wants_of(access, [idea.id for idea in ideas], weights)
    rows = [Ranked(idea, idea.tally.score if idea.tally else 0, wants[idea.id]) for idea in ideas]
    key = (access.space.id, weights.number, access.may("product"))
    everybody = _everybody.get(key, lambda: who_votes(access, weights))
    return Ranking(access, tuple(_ordered(rows, sort, access)), everybody, weights)


def _ordered(rows: list[Ranked], sort: str, access: Access) -> list[Ranked]:
    if sort in {"", VOTES}:
        return rows
    if sort == WEIGHTED:
        return sorted(rows, key=lambda row: -(row.wants.weighted or 0.0))
    if sort == REVENUE and access.may("product"):
        return sorted(rows, key=lambda row: -(row.wants.revenue or 0.0))
    if sort.startswith(SEGMENT):
        name = sort.removeprefix(SEGMENT)
        return sorted(rows, key=lambda row: -_in_segment(row.wants, name))
    raise Invalid.field("sort", _("There is no order of that name."), "unknown")


def _in_segment(wants: Wants, name: str) -> int:
    found = wants.in_segment(name)
    return found.people if found else 0
