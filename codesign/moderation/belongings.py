"""What becomes of a person's flags when they are joined with an account, are forgotten, or take them out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, tuple_, update

from codesign.kernel import clock
from codesign.kernel.db import reading, session, verb
from codesign.moderation.models import Appeal, Claim, Flag


@verb
def join(guest_id: str, person_id: str) -> None:
    """Make a guest's flags the person's; one flag each, the person's own."""
    own = select(Flag.kind, Flag.target_id).where(Flag.person_id == person_id)
    theirs = Flag.person_id == guest_id
    drop = delete(Flag).where(theirs, tuple_(Flag.kind, Flag.target_id).in_(own))
    session().execute(drop.execution_options(synchronize_session=False))
    session().execute(
        update(Flag).where(theirs).values(person_id=person_id).execution_options(synchronize_session=False)
    )
    session().execute(update(Appeal).where(Appeal.person_id == guest_id).values(person_id=person_id))


@verb
def erase(person_id: str) -> None:
    """Empty the reasons a person gave; that something was flagged stays on record."""
    session().execute(update(Flag).where(Flag.person_id == person_id).values(reason=""))
    session().execute(delete(Claim).where(Claim.person_id == person_id))


@reading
def data_of(person_id: str) -> list[dict[str, Any]]:
    """What this room keeps of a person, for their own download."""
    rows = session().scalars(select(Flag).where(Flag.person_id == person_id).order_by(Flag.id))
    asked = session().scalars(select(Appeal).where(Appeal.person_id == person_id).order_by(Appeal.id))
    return [
        {
            "kind": row.kind, "target_id": row.target_id, "appeal": True, "outcome": row.outcome,
            "created_at": clock.rfc3339(row.created_at),
        }
        for row in asked
    ] + [
        {
            "kind": row.kind, "target_id": row.target_id, "reason": row.reason, "outcome": row.outcome,
            "created_at": clock.rfc3339(row.created_at),
        }
        for row in rows
    ]  # fmt: skip
