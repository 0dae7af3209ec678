"""What others may know of a comment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class CommentFact:
    """One comment for one viewer. ``body`` is empty where it is gone or this viewer may not read it."""

    id: str
    space_id: str
    idea_id: str
    parent_id: str | None
    body: str
    state: str
    internal: bool
    author_id: str | None
    author_name: str | None
    author_guest: bool
    verdict: dict[str, Any] | None
    version: int
    created_at: datetime
    edited_at: datetime | None
    external_id: str | None = None
