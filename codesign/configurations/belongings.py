"""What becomes of a person's configurations when they are joined with an account, are forgotten, or take them out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, or_, select, update

from codesign.configurations.facts import DRAFT
from codesign.configurations.models import Configuration, DraftEdit, DraftPartner
from codesign.kernel import clock
from codesign.kernel.db import reading, session, verb
from codesign.kernel.text import _

UNNAMED = _("Removed by its author")


@verb
def join(guest_id: str, person_id: str) -> None:
    """Make a guest's configurations the person's, and what they did in those of others. Nobody is their own partner."""
    plainly: dict[str, Any] = {"synchronize_session": False}
    own = select(Configuration.id).where(Configuration.person_id == person_id)
    for table in (Configuration, DraftEdit):
        session().execute(
            update(table).where(table.person_id == guest_id).values(person_id=person_id), execution_options=plainly
        )
    already = select(DraftPartner.configuration_id).where(DraftPartner.person_id == person_id)
    theirs = DraftPartner.person_id == guest_id
    twice = theirs & DraftPartner.configuration_id.in_(already.scalar_subquery())
    session().execute(delete(DraftPartner).where(twice), execution_options=plainly)
    session().execute(update(DraftPartner).where(theirs).values(person_id=person_id), execution_options=plainly)
    their_own = (DraftPartner.person_id == person_id) & DraftPartner.configuration_id.in_(own)
    session().execute(delete(DraftPartner).where(their_own), execution_options=plainly)


@verb
def erase(person_id: str, remove_texts: bool) -> None:
    """Drop a person's drafts. What they published stays, without them: others forked it, votes lie on its idea.

    Its name goes with their texts, if asked. What they chose in drafts of others stays too, as somebody's.
    """
    theirs = Configuration.person_id == person_id
    plainly: dict[str, Any] = {"synchronize_session": False}
    drafts = select(Configuration.id).where(theirs, Configuration.state == DRAFT)
    for gone in (
        delete(DraftEdit).where(DraftEdit.configuration_id.in_(drafts)),
        delete(DraftPartner).where(or_(DraftPartner.configuration_id.in_(drafts), DraftPartner.person_id == person_id)),
        update(DraftEdit).where(DraftEdit.person_id == person_id).values(person_id=None),
    ):
        session().execute(gone, execution_options=plainly)
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
            "decisions": row.decisions, "wishes": row.wishes, "contested": row.contested, "forked_from": row.forked_from,
            "created_at": clock.rfc3339(row.created_at),
        }
        for row in rows
    ]  # fmt: skip


@reading
def edits_of(person_id: str) -> list[dict[str, Any]]:
    """What a person did in drafts, their own and those they edit along, step by step."""
    mine = select(DraftEdit).where(DraftEdit.person_id == person_id)
    return [
        {
            "configuration_id": row.configuration_id, "number": row.number, "did": row.did, "changes": row.changes,
            "wished": row.wished, "undone": row.undone_at is not None, "at": clock.rfc3339(row.at),
        }
        for row in session().scalars(mine.order_by(DraftEdit.configuration_id, DraftEdit.number))
    ]  # fmt: skip


@reading
def joined_by(person_id: str) -> list[dict[str, Any]]:
    """The drafts of others that a person edits along."""
    query = select(DraftPartner).where(DraftPartner.person_id == person_id).order_by(DraftPartner.configuration_id)
    return [
        {"configuration_id": row.configuration_id, "joined_at": clock.rfc3339(row.joined_at)}
        for row in session().scalars(query)
    ]
