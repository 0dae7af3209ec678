"""What others may know of an erasure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ErasureFact:
    """A person who was forgotten; ``done_at`` is None while a plugin still has to."""

    person_id: str
    asked_at: datetime
    done_at: datetime | None
    tries: int
    last_error: str | None
