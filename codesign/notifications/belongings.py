"""What becomes of a person's notices and letters when they are joined with an account, are forgotten, or take them out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, tuple_, update

from codesign.accounts.addresses import same_person
from codesign.accounts.queries import get_person
from codesign.kernel import clock
from codesign.kernel.db import reading, session, verb
from codesign.notifications.models import ConfirmedAddress, Delivery, Letter, LetterWish, Notice


@verb
def join(guest_id: str, person_id: str) -> None:
    """Make a guest's notices the person's."""
    own = select(Notice.space_id, Notice.seq).where(Notice.person_id == person_id)
    theirs = Notice.person_id == guest_id
    drop = delete(Notice).where(theirs, tuple_(Notice.space_id, Notice.seq).in_(own))
    session().execute(drop.execution_options(synchronize_session=False))
    session().execute(update(Notice).where(theirs).values(person_id=person_id))
    # A guest has no address: there are no letters and no wishes to bring along.


@verb
def erase(person_id: str) -> None:
    """Drop a person's notices and letters; those to their address too, which they got before they had an account."""
    for table in (Notice, Delivery, LetterWish, ConfirmedAddress):
        session().execute(delete(table).where(table.person_id == person_id))
    person = get_person(person_id)
    address = person.email if person else None
    to_whom = session().execute(select(Letter.id, Letter.recipient).where(Letter.person_id.is_(None)))
    theirs = [row.id for row in to_whom if address and same_person(row.recipient, address)]
    session().execute(delete(Letter).where((Letter.person_id == person_id) | Letter.id.in_(theirs)))


@reading
def data_of(person_id: str) -> dict[str, list[dict[str, Any]]]:
    """What this room keeps of a person, for their own download; links in letters are left out, since they work."""
    notices = session().scalars(select(Notice).where(Notice.person_id == person_id).order_by(Notice.occurred_at))
    letters = session().scalars(select(Letter).where(Letter.person_id == person_id).order_by(Letter.id))
    wishes = session().scalars(select(LetterWish).where(LetterWish.person_id == person_id).order_by(LetterWish.kind))
    return {
        "letters_wanted": [{"kind": row.kind, "rhythm": row.rhythm} for row in wishes],
        "notices": [
            {
                "what": row.name, "idea_id": row.idea_id, "at": clock.rfc3339(row.occurred_at),
                "read_at": clock.rfc3339(row.read_at) if row.read_at else None,
            }
            for row in notices
        ],
        "letters": [
            {"to": row.recipient, "subject": row.subject, "written_at": clock.rfc3339(row.created_at)} for row in letters
        ],
    }  # fmt: skip
