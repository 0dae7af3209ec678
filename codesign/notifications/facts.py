"""What others may know of notices and letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class NoticeFact:
    """One thing a person hears of. The idea is as they may see it now; without it there is no notice.

    ``says`` is the sentence of an event that rings by itself and is about no idea.
    """

    space_id: str
    seq: int
    name: str
    idea_id: str
    idea_slug: str
    idea_title: str
    space_slug: str
    space_name: str
    actor_name: str | None
    occurred_at: datetime
    read_at: datetime | None
    says: str = ""


@dataclass(frozen=True)
class LetterFact:
    """A mail in the outbox."""

    id: str
    person_id: str | None
    recipient: str
    subject: str
    body: str
    created_at: datetime
    sent_at: datetime | None
    tries: int
    next_try_at: datetime | None
    last_error: str | None
    html: str | None = None
    stop: str | None = None
