"""What others may know of a roadmap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from codesign.ideas.facts import IdeaFact
from codesign.spaces.facts import Access, StatusFact


@dataclass(frozen=True)
class ColumnFact:
    """A column: the statuses whose ideas stand in it, and whether everybody sees it or only the team."""

    id: str
    name: str
    status_ids: tuple[str, ...]
    public: bool = True


@dataclass(frozen=True)
class FilledColumn:
    """A column with the statuses it gathers, how many ideas stand in it, and the first of them.

    ``folded``: what stands in it is declined, and needs no room on the page.
    """

    column: ColumnFact
    statuses: tuple[StatusFact, ...]
    count: int
    ideas: tuple[IdeaFact, ...]

    @property
    def folded(self) -> bool:
        return bool(self.statuses) and all(status.kind == "declined" for status in self.statuses)


@dataclass(frozen=True)
class Move:
    """An idea got another status."""

    idea: IdeaFact
    status: StatusFact
    at: datetime


@dataclass(frozen=True)
class Roadmap:
    """The roadmap of a space as a viewer may see it. ``since`` says from when ideas have had their status."""

    access: Access
    columns: tuple[FilledColumn, ...]
    moved: tuple[Move, ...]
    since: dict[str, datetime]
    seq: int


@dataclass(frozen=True)
class ReleaseFact:
    """A release with the ideas it brought, as their viewer may see them. ``published_at`` is None for a draft."""

    id: str
    space_id: str
    space_slug: str
    title: str
    body: str
    version: int
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None
    ideas: tuple[IdeaFact, ...] = ()

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/spaces/{self.space_slug}/changelog/{self.id}"
