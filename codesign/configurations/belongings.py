"""What becomes of a person's configurations when they are joined with an account, are forgotten, or take them out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from codesign.configurations.facts import DRAFT
from codesign.configurations.models import Configuration
from codesign.kernel import clock
from codesign.kernel.db import reading, session, verb
from codesign.kernel.text import _

UNNAMED = _("Removed by its author")


@verb
def join(guest_id: str, person_id: str) -> None:
    """Make a guest's configurations the person's."""
    theirs = update(Configuration).where(Configuration.person_id == guest_id)
    session().execute(theirs.values(person_id=person_id), execution_options={"synchronize_session": False})


@verb
def erase(person_id: str, remove_texts: bool) -> None:
    """Drop a person's drafts. What they published stays, without them: others forked it, votes lie on its idea.

    Its name goes with their texts, if asked.
    """
    theirs = Configuration.person_id == person_id
    plainly: dict[str, Any] = {"synchronize_session": False}
    session().execute(delete(Configuration).where(theirs, Configuration.state == DRAFT), execution_options=plainly)
    values: dict[str, Any] = {"name": str(UNNAMED)} if remove_texts else {}
    session().execute(update(Configuration).where(theirs).values(person_id=None, **values), execution_options=plainly)


@reading
def data_of(person_id: str) -> list[dict[str, Any]]:
    """What this room keeps of a person, for their own download."""
    rows = session().scalars(
        select(Configuration).where(Configuration.person_id == person_id).order_by(Configuration.id)
    )
    return [
        {
            "id": row.id, "space_id": row.space_id, "product_id": row.product_id, "name": row.name, "state": row.state,
            "decisions": row.decisions, "wishes": row.wishes, "forked_from": row.forked_from,
            "created_at": clock.rfc3339(row.created_at),
        }
        for row in rows
    ]  # fmt: skip
