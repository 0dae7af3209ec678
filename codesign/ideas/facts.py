"""What others may know of an idea."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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
    """One idea for one viewer: ``tally`` is None where the viewer may not see it, ``my_vote`` None where they cast none."""

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
    position: dict[str, Any] = field(default_factory=dict)  # what a cursor after this row needs


@dataclass(frozen=True)
class IdeaStatistics:
    """What a score rule may know of an idea."""

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


@dataclass(frozen=True)
class Delta:
    """What to add to the tally of one idea."""

    idea_id: str
    up: int = 0
    down: int = 0
    passed: int = 0
