"""What becomes of a person's row and keys when a guest is joined with it, or the person is forgotten."""

from __future__ import annotations

from sqlalchemy import delete, update

from codesign.accounts.checks import raise_epoch
from codesign.accounts.events import PersonErased, PersonJoined
from codesign.accounts.models import ApiToken, Person, SingleUseLink
from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb


@verb
def mark_joined(guest_id: str, person_id: str) -> bool:
    """Note that a guest is this person from now on; False for somebody who is no guest, or was joined already."""
    free = Person.id == guest_id, Person.guest.is_(True), Person.joined_into.is_(None), Person.erased_at.is_(None)
    joined = session().scalar(update(Person).where(*free).values(joined_into=person_id).returning(Person.id))
    if joined is None:
        return False
    record(PersonJoined(SERVER, person_id, guest_id), actor=Actor(person_id=person_id))
    return True


@verb
def erase(actor: Actor, person_id: str) -> None:
    """Empty a person's row; what they signed in with, their tokens and links are gone."""
    session().execute(delete(ApiToken).where(ApiToken.person_id == person_id))
    session().execute(delete(SingleUseLink).where(SingleUseLink.person_id == person_id))
    empty = {
        "external_id": None, "name": "", "email": None, "email_key": None, "password_hash": None, "is_admin": False,
        "demo_role": None, "organization_id": None, "locale": None, "show_name": False, "erased_at": clock.now(),
    }  # fmt: skip
    session().execute(update(Person).where(Person.id == person_id).values(**empty))
    raise_epoch(person_id)
    record(PersonErased(SERVER, person_id), actor=actor)
