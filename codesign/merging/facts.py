"""What others may know of a merge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class MergeFact:
    """Idea ``source_id`` is part of ``target_id``."""

    id: str
    space_id: str
    source_id: str
    target_id: str
    merged_by: str | None
    merged_at: datetime
    undone_at: datetime | None
