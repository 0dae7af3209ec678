"""What becomes of a person's pictures when they are joined with an account, are forgotten, or take them out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from codesign.kernel import clock
from codesign.kernel.db import reading, session, verb
from codesign.pictures.facts import PictureFact
from codesign.pictures.models import Picture, PictureUse
from codesign.pictures.queries import COLUMNS


@verb
def join(guest_id: str, person_id: str) -> None:
    """Make a guest's pictures the person's."""
    session().execute(update(Picture).where(Picture.owner_id == guest_id).values(owner_id=person_id))


@verb
def erase(person_id: str) -> None:
    """Throw away a person's pictures; those that texts still show stay there, without an owner. After their texts."""
    theirs = Picture.owner_id == person_id
    plainly = {"synchronize_session": False}
    unused = Picture.id.not_in(select(PictureUse.picture_id))
    session().execute(delete(Picture).where(theirs, unused), execution_options=plainly)
    session().execute(update(Picture).where(theirs).values(owner_id=None), execution_options=plainly)


@reading
def data_of(person_id: str) -> list[dict[str, Any]]:
    """What this room keeps of a person, for their own download; each file lies at its address."""
    rows = session().execute(select(*COLUMNS).where(Picture.owner_id == person_id).order_by(Picture.id))
    facts = [PictureFact(**row._mapping) for row in rows]
    return [
        {
            "id": fact.id, "space_id": fact.space_id, "address": fact.address, "bytes": fact.size,
            "created_at": clock.rfc3339(fact.created_at),
        }
        for fact in facts
    ]  # fmt: skip
