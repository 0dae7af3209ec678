"""What becomes of a guest's answers when they are joined with an account, and of a person's when they take them out.

Erasing a person leaves their answers, as it leaves their votes: estimates stay right, and the row they point at is empty.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from codesign.insights.models import Choice
from codesign.kernel import clock
from codesign.kernel.db import reading, session, verb


@verb
def join(guest_id: str, person_id: str) -> None:
    """Make a guest's answers the person's; they are numbered behind the person's own."""
    for row in session().scalars(select(Choice).where(Choice.person_id == guest_id).order_by(Choice.number)).all():
        mine = (Choice.product_version_id == row.product_version_id) & (Choice.person_id == person_id)
        last = session().scalar(select(func.max(Choice.number)).where(mine)) or 0
        row.person_id, row.number = person_id, last + 1
        session().flush()


@reading
def data_of(person_id: str) -> list[dict[str, Any]]:
    """What this room keeps of a person, for their own download."""
    rows = session().scalars(select(Choice).where(Choice.person_id == person_id).order_by(Choice.at, Choice.id))
    return [
        {"product_id": row.product_id, "shown": row.shown, "chosen": row.chosen, "at": clock.rfc3339(row.at)}
        for row in rows
    ]
