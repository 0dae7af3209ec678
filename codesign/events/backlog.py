"""How much of a log a reader has still to read."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from codesign.events.models import EventRow, LogHead
from codesign.kernel.db import session

#: Past so many facts nobody counts exactly.
EXACT = 10_000


def waiting(space_id: str, after: int, names: Collection[str]) -> int:
    """How many facts called *names* stand in a space's log after number *after*; past EXACT facts of any name, how many
    those are."""
    head = session().scalar(select(LogHead.seq).where(LogHead.space_id == space_id)) or 0
    if head - after > EXACT or head <= after:
        return max(0, head - after)
    query = select(func.count()).where(EventRow.space_id == space_id, EventRow.seq > after)
    return session().scalar(query.where(EventRow.name.in_(list(names)))) or 0
