"""What the verbs about people check first, and share."""

from __future__ import annotations

from sqlalchemy import update

from codesign.accounts import queries
from codesign.accounts.facts import PersonFact
from codesign.accounts.models import Person
from codesign.kernel.actor import Actor
from codesign.kernel.db import session
from codesign.kernel.errors import Forbidden, Invalid, NotFound
from codesign.kernel.text import _

LONGEST_NAME = 80
LONGEST_EXTERNAL_ID = 200


def require_admin(actor: Actor) -> None:
    """Raise Forbidden unless *actor* is the system or a server administrator (with a token: of scope ``admin``)."""
    if not (actor.is_admin and actor.may("admin")):
        raise Forbidden(_("Only a server administrator may do that."))


def require_person(actor: Actor) -> str:
    """The id of a person who acts for themselves, at a page; what concerns an account is not done by token."""
    if actor.person_id is None or actor.guest or actor.token_id is not None:
        raise Forbidden(_("Sign in to do this."))
    return actor.person_id


def raise_epoch(person_id: str) -> None:
    """Make every cookie of a person void (inside a verb)."""
    session().execute(update(Person).where(Person.id == person_id).values(sign_in_epoch=Person.sign_in_epoch + 1))


def tidy_name(name: str) -> str:
    """*name* in one line; raises Invalid when it is empty, too long or holds what nobody can read."""
    tidy = " ".join(name.split())
    if not tidy:
        raise Invalid.field("name", _("Tell us how to call you."))
    if len(tidy) > LONGEST_NAME:
        raise Invalid.field("name", _("Take at most %(count)s letters.", count=LONGEST_NAME))
    if not tidy.isprintable():
        raise Invalid.field("name", _("This name holds characters that cannot be shown."))
    return tidy


def tidy_external_id(external_id: str) -> str:
    """*external_id* as it is kept; raises Invalid when it cannot be."""
    if not external_id or len(external_id) > LONGEST_EXTERNAL_ID or not external_id.isprintable():
        raise Invalid.field("external_id", _("Take 1 to %(count)s readable letters.", count=LONGEST_EXTERNAL_ID))
    return external_id


def must(person_id: str) -> PersonFact:
    """The person with this id, or NotFound."""
    person = queries.get_person(person_id)
    if person is None:
        raise NotFound(_("There is no such person."))
    return person
