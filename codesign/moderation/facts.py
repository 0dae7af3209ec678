"""What moderators may know of what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codesign.comments.facts import CommentFact
from codesign.ideas.facts import IdeaFact

IDEA, COMMENT = "idea", "comment"
KINDS = (IDEA, COMMENT)
HIDE, HOLD, PUBLISH, KEEP, REFUSE, CHANGE = "hide", "hold", "publish", "keep", "refuse", "change"
DECISIONS = (HIDE, HOLD, PUBLISH, KEEP, REFUSE, CHANGE)
#: What an author may appeal against.
APPEALABLE = (HIDE, REFUSE, CHANGE)
UPHELD, REJECTED = "upheld", "rejected"


@dataclass(frozen=True)
class FlagFact:
    """One report. ``person_name`` is for moderators."""

    id: str
    kind: str
    target_id: str
    person_id: str
    person_name: str
    reason: str
    created_at: datetime
    settled_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class TextFact:
    """A text as plugins get to read it. ``title`` of a comment is the title of its idea."""

    kind: str
    id: str
    idea_id: str
    title: str
    body: str
    author_id: str | None
    state: str
    version: int
    created_at: datetime


@dataclass(frozen=True)
class ReportFact:
    """An open report: ``accuracy`` is the share of its author's last reports here that moderators agreed with, drawn to one half
    while there are few of them."""

    person_id: str
    accuracy: float


@dataclass(frozen=True)
class ClaimFact:
    """Who reads a text now, and until when others leave it alone."""

    person_id: str
    person_name: str
    until: datetime


@dataclass(frozen=True)
class AppealFact:
    """An author's wish that another moderator looks again. ``against`` is who decided before."""

    id: str
    kind: str
    target_id: str
    against: str | None
    created_at: datetime


@dataclass(frozen=True)
class ReplyFact:
    """A canned reply."""

    id: str
    title: str
    body: str


@dataclass(frozen=True)
class QueueItem:
    """A text that waits for a decision: held, reported, or both. ``idea`` is the idea itself or the one a comment is on.

    ``place`` sorts the queue: ids grow with time. ``weight`` sums the accuracy of those who reported it.
    """

    kind: str
    target_id: str
    place: str
    idea: IdeaFact
    comment: CommentFact | None
    held: bool
    flags: tuple[FlagFact, ...]
    history: tuple[dict[str, Any], ...]
    reasons: tuple[str, ...]
    claim: ClaimFact | None = None
    appeal: AppealFact | None = None
    weight: float = 0.0

    @property
    def seen(self) -> str:
        """What a moderator saw: another decision or edit since then makes another one."""
        return f"{self.text.state}.{self.text.version}.{len(self.history)}"  # as service.seen_of

    @property
    def text(self) -> IdeaFact | CommentFact:
        """The text that is decided on."""
        return self.comment or self.idea
