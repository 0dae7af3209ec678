"""What others may know of the customer's voice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

CALL, MAIL, MEETING, OTHER = "call", "mail", "meeting", "other"
SOURCES = (CALL, MAIL, MEETING, OTHER)


@dataclass(frozen=True)
class EntryFact:
    """A vote that the team entered. ``called`` is how the team named the person; ``by`` is the name of who entered it."""

    id: str
    idea_id: str
    called: str
    value: int
    source: str
    note: str
    by_id: str | None
    by: str
    at: datetime


@dataclass(frozen=True)
class EvidenceFact:
    """What a customer said elsewhere; ``by`` is the name of who attached it."""

    id: str
    idea_id: str
    quote: str
    url: str
    organization: str
    called: str
    by_id: str | None
    by: str
    at: datetime


@dataclass(frozen=True)
class WeightsFact:
    """How much a vote of each segment weighs; what is not named weighs one. Version 0: nobody has set any."""

    number: int = 0
    weights: Mapping[str, float] | None = None
    note: str = ""
    by_id: str | None = None
    by: str = ""
    at: datetime | None = None

    def of(self, segment: str | None) -> float:
        """What a vote of somebody of a segment weighs."""
        return (self.weights or {}).get(segment or "", 1.0)


@dataclass(frozen=True)
class SegmentFact:
    """The voters of one segment ("" for those of whom none is known).

    ``revenue`` is that of their organizations, each once, where at least five of the people have one with known revenue.
    ``organizations`` are those with at least five people, by name.
    """

    segment: str
    people: int
    revenue: float | None = None
    organizations: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Wants:
    """Who wants something: groups of at least five people. Every total is made of what is shown, and of nothing else.

    ``people`` is 0 where fewer than five want it: then nothing is told. ``others`` are the people in no segment shown,
    ``other_types`` those in no type shown. ``companies`` counts organizations. Others weigh one in ``weighted``.
    """

    people: int = 0
    segments: tuple[SegmentFact, ...] = ()
    others: int = 0
    types: tuple[tuple[str, int], ...] = ()
    other_types: int = 0
    companies: int | None = None
    revenue: float | None = None
    weighted: float | None = None

    def in_segment(self, name: str) -> SegmentFact | None:
        """The voters of a segment, where they may be told."""
        return next((each for each in self.segments if each.segment == name), None)
