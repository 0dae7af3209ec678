"""Passwords of people: proving, changing, resetting. The slow hashing stands before each transaction, never inside."""

from __future__ import annotations

import logging

from sqlalchemy import select, update

from codesign.accounts import limits
from codesign.accounts.addresses import person_key, tidy_address
from codesign.accounts.checks import must, raise_epoch, require_person
from codesign.accounts.events import PasswordChanged, PasswordResetAsked
from codesign.accounts.facts import PersonFact
from codesign.accounts.links import drop_links, spend_link
from codesign.accounts.models import Person
from codesign.accounts.passwords import check_password, hash_password, outdated, password_fits
from codesign.accounts.queries import find_by_email, link_is_good
from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.db import read, session, verb
from codesign.kernel.errors import Invalid, NotFound, Unauthenticated
from codesign.kernel.text import _

log = logging.getLogger(__name__)

WRONG = _("This address and password do not belong together.")
STALE = _("This link was used already or is too old. Ask for a new one.")


def _typed_key(email: str) -> str:
    """What tries for an address are counted by, whatever was typed."""
    try:
        return person_key(tidy_address(email))
    except Invalid:
        return email.strip().lower()[:254]


def prove_password(email: str, password: str, address: str | None = None) -> PersonFact:
    """The person with this address and password; see ``service.sign_in``."""
    key = _typed_key(email)
    limits.sign_ins.take(key, address)
    with read() as work:
        row = work.execute(select(Person.id, Person.password_hash).where(Person.email_key == key)).first()
    fits = password_fits(row.password_hash if row else None, password)
    person = must(row.id) if row and fits else None
    if row is None or person is None or person.banned or person.erased:
        log.warning("sign-in refused for %s from %s", row.id if row else "an unknown address", address)
        raise Unauthenticated(WRONG)
    if outdated(row.password_hash):
        _rehash(row.id, row.password_hash, hash_password(password))
    return person


@verb
def _rehash(person_id: str, old: str, new: str) -> None:
    same = Person.id == person_id, Person.password_hash == old
    session().execute(update(Person).where(*same).values(password_hash=new))


def change_password(actor: Actor, old: str, new: str, address: str | None = None) -> PersonFact:
    """Give the actor a new password; everything signed in before is void. *old* is not asked where there is none."""
    person_id = require_person(actor)
    with read() as work:
        row = work.execute(
            select(Person.email, Person.email_key, Person.name, Person.password_hash).where(Person.id == person_id)
        ).one()
    check_password(new, row.email, row.name, field="new_password")
    if row.password_hash is not None:
        limits.sign_ins.take(str(row.email_key), address)
        if not password_fits(row.password_hash, old):
            raise Invalid.field("old_password", _("This is not your password."))
    return _change(actor, person_id, hash_password(new))


@verb
def _change(actor: Actor, person_id: str, hashed: str) -> PersonFact:
    session().execute(update(Person).where(Person.id == person_id).values(password_hash=hashed))
    raise_epoch(person_id)
    drop_links(person_id)
    record(PasswordChanged(SERVER, person_id), actor=actor)
    return must(person_id)


def ask_reset(email: str, address: str | None = None) -> None:
    """Somebody forgot a password. An unknown address gets the same answer after the same work.

    The letter is written by whoever follows the log.
    """
    limits.letters.take(_typed_key(email), address)
    person = find_by_email(email)
    may = person is not None and not person.banned and not person.erased
    _record_reset(person.id if person and may else None)


@verb
def _record_reset(person_id: str | None) -> None:
    record(PasswordResetAsked(SERVER, person_id), actor=SYSTEM)


def reset_password(secret: str, password: str) -> PersonFact:
    """Choose a new password by the link of a letter, once; everything signed in before is void."""
    if not link_is_good(secret, "reset"):
        raise NotFound(STALE)
    check_password(password)
    return _reset(secret, hash_password(password))


@verb
def _reset(secret: str, hashed: str) -> PersonFact:
    spent = spend_link(secret, "reset")
    if spent is None or spent.person_id is None:
        raise NotFound(STALE)
    person = must(spent.person_id)
    if person.banned or person.erased:
        raise NotFound(STALE)
    return _change(Actor(person_id=person.id), person.id, hashed)
