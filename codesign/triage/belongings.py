"""What becomes of what a member of the team left at the desk when they are forgotten, or take it out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, or_, select, update

from codesign.kernel.db import reading, session, verb
from codesign.triage.models import Deed, Mark, View


@verb
def erase(person_id: str) -> None:
    """Nobody looks after their ideas any more, their own views go; what they did stands without them."""
    work = session()
    work.execute(update(Mark).where(Mark.owner_id == person_id).values(owner_id=None))
    work.execute(delete(View).where(View.owner_id == person_id))
    work.execute(update(View).where(View.made_by == person_id).values(made_by=None))
    work.execute(update(Deed).where(Deed.actor_id == person_id).values(actor_id=None))
    work.execute(update(Deed).where(Deed.undone_by == person_id).values(undone_by=None))


@reading
def data_of(person_id: str) -> dict[str, list[dict[str, Any]]]:
    """What this room keeps of a person, for their own download."""
    mine = or_(View.owner_id == person_id, View.made_by == person_id)
    views = session().scalars(select(View).where(mine).order_by(View.id))
    marks = session().scalars(select(Mark).where(Mark.owner_id == person_id).order_by(Mark.idea_id))
    return {
        "views": [{"space_id": row.space_id, "name": row.name, "filter": row.query} for row in views],
        "looks_after": [{"space_id": row.space_id, "idea_id": row.idea_id} for row in marks],
    }
