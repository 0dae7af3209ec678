"""What others may know of an idea."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from codesign.kernel import clock
from codesign.spaces.facts import StatusFact


@dataclass(frozen=True)
class Tally:
    """The count of one idea; ``seq`` is the number of the last fact that changed it."""

    up: int
    down: int
    passed: int
    imported_up: int
    imported_down: int
    seq: int

    @property
    def score(self) -> int:
        """Up minus down, imported counts included."""
        return self.up - self.down + self.imported_up - self.imported_down


@dataclass(frozen=True)
class IdeaFact:
    """One idea for one viewer: ``tally`` is None where they may not see it, ``my_vote`` None where they cast none.

    ``author_id`` and ``author_name`` are None for an author who is gone or does not want to be named. ``verdict`` is
    for the author and for moderators. ``survivor_id`` is where the chain of merges ends. ``for_product_id`` and ``for_group``
    say in which part of a product it misses an option.
    """

    id: str
    space_id: str
    space_slug: str
    slug: str
    external_id: str | None
    title: str
    body: str
    state: str
    verdict: dict[str, Any] | None
    status_id: str | None
    author_id: str | None
    author_name: str | None
    configuration_id: str | None
    merged_into: str | None
    version: int
    comment_count: int
    created_at: datetime
    published_at: datetime | None
    edited_at: datetime | None
    answer_body: str | None
    answer_by: str | None
    answer_at: datetime | None
    tags: tuple[str, ...] = ()
    tally: Tally | None = None
    my_vote: int | None = None
    following: bool = False
    author_guest: bool = False
    status: StatusFact | None = None
    survivor_id: str | None = None
    for_product_id: str | None = None
    for_group: str | None = None

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/spaces/{self.space_slug}/ideas/{self.id}-{self.slug}"


@dataclass(frozen=True)
class Lookalike:
    """An idea that resembles a text: 1.0 is the same words in the title."""

    idea: IdeaFact
    likeness: float


@dataclass(frozen=True)
class TagFact:
    """A topic and how many published ideas have it."""

    name: str
    count: int


@dataclass(frozen=True)
class VoteNumbers:
    """What the votes on an idea look like over time."""

    voters: int = 0
    last_at: datetime | None = None
    votes_24h: int = 0
    votes_7d: int = 0


@dataclass(frozen=True)
class SpaceTotals:
    """The votes on all ideas of a space, imported ones included, as they were counted last (every night).

    They stand still in between, so that all ideas of a space are measured by the same ones.
    """

    ideas: int = 0
    up: int = 0
    down: int = 0
    passed: int = 0
    counted_at: datetime | None = None


@dataclass(frozen=True)
class IdeaStatistics:
    """What a score rule may know of an idea at a moment (``at``), and of the space it is in.

    ``fields`` is what the team's fields say in numbers, by key (80 % is 0.8): for rules of the team, empty for others.
    """

    idea_id: str
    up: int
    down: int
    passed: int
    voters: int
    comments: int
    first_at: datetime
    last_at: datetime | None
    votes_24h: int
    votes_7d: int
    fields: dict[str, float] = field(default_factory=dict)
    at: datetime = field(default_factory=clock.now)
    space: SpaceTotals = SpaceTotals()


@dataclass(frozen=True)
class ScoreRow:
    """What a rule says of an idea: None as value takes an earlier score back."""

    idea_id: str
    value: float | None
    parts: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class ScoreFact:
    """A kept score with the parts it is made of."""

    rule: str
    value: float
    parts: tuple[dict[str, Any], ...]
    as_of_seq: int


@dataclass(frozen=True)
class Delta:
    """What to add to the tally of one idea."""

    idea_id: str
    up: int = 0
    down: int = 0
    passed: int = 0
