"""Who somebody is: registering, signing in, names. Passwords, links and tokens have files beside this one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from codesign.accounts import limits, queries
from codesign.accounts.addresses import person_key, tidy_address
from codesign.accounts.checks import (
    LONGEST_NAME,
    must,
    raise_epoch,
    require_admin,
    require_person,
    tidy_external_id,
    tidy_name,
)
from codesign.accounts.credentials import ask_reset, change_password, prove_password, reset_password
from codesign.accounts.events import PersonBanned, PersonChanged, PersonRegistered, SignedOutEverywhere
from codesign.accounts.facts import PersonFact
from codesign.accounts.links import make_link, needs_setup, setup_secret, spend_link, use_link
from codesign.accounts.models import Person
from codesign.accounts.passwords import check_password, hash_password
from codesign.accounts.sessions import end_session, forget_old, keep_action, take_action
from codesign.accounts.tokens import make_token, revoke_token, touch_token
from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _

__all__ = [
    "add_people", "ask_reset", "ban", "change_password", "change_profile", "create_person", "end_session",
    "find_or_create_external", "find_or_create_externals", "forget_old", "keep_action", "make_guest", "make_link",
    "make_token", "needs_setup", "prove_password", "register", "reset_password", "revoke_token", "set_up",
    "setup_secret", "sign_in", "sign_out_everywhere", "speak", "take_action", "touch_token", "unban", "use_link",
]  # fmt: skip


# --- Coming in --------------------------------------------------------------------------------------------------------


def register(
    name: str, email: str, password: str, guest_id: str | None = None, address: str | None = None
) -> PersonFact:
    """Make an account. A guest (*guest_id*) keeps their row and all they gave; *address* is where this came from."""
    email, name = tidy_address(email), tidy_name(name)
    check_password(password, email, name)
    limits.sign_ins.take(person_key(email), address)
    return _register(name, email, hash_password(password), guest_id)


@verb
def _register(name: str, email: str, hashed: str, guest_id: str | None) -> PersonFact:
    values = {"name": name, "email": email, "email_key": person_key(email), "password_hash": hashed}
    _refuse_taken(email)
    is_guest = Person.id == guest_id, Person.guest.is_(True), Person.joined_into.is_(None), Person.erased_at.is_(None)
    person_id = None
    if guest_id:
        named = update(Person).where(*is_guest).values(**values, guest=False).returning(Person.id)
        with _only_one("email"):
            person_id = session().scalar(named)
    person_id = person_id or _insert_person(**values)
    record(PersonRegistered(SERVER, person_id), actor=Actor(person_id=person_id))
    return must(person_id)


def sign_in(email: str, password: str, address: str | None = None) -> PersonFact:
    """The person with this address and password. Whatever is wrong, the answer is the same and takes as long."""
    return prove_password(email, password, address)


@verb
def make_guest() -> PersonFact:
    """A person without credentials; made when somebody first does something."""
    return must(_insert_person(guest=True))


def set_up(secret: str, name: str, email: str, password: str) -> PersonFact:
    """Make the first server administrator with the secret `serve` printed, once; else NotFound."""
    email, name = tidy_address(email), tidy_name(name)
    check_password(password, email, name)
    return _set_up(secret, name, email, hash_password(password))


@verb
def _set_up(secret: str, name: str, email: str, hashed: str) -> PersonFact:
    if queries.has_administrator() or spend_link(secret, "setup") is None:
        raise NotFound()
    return create_person(SYSTEM, name=name, email=email, password_hash=hashed, is_admin=True)


# --- Making people for others -----------------------------------------------------------------------------------------


@verb
def create_person(
    actor: Actor,
    *,
    name: str,
    email: str | None = None,
    password_hash: str | None = None,
    external_id: str | None = None,
    is_admin: bool = False,
    demo_role: str | None = None,
    locale: str | None = None,
) -> PersonFact:
    """Make a person (the system, or a server administrator). *password_hash* comes from ``passwords.hash_password``."""
    require_admin(actor)
    values = {"name": tidy_name(name), "is_admin": is_admin, "demo_role": demo_role, "locale": locale}
    if email is not None:
        email = tidy_address(email)
        _refuse_taken(email)
        values |= {"email": email, "email_key": person_key(email), "password_hash": password_hash}
    if external_id is not None:
        values["external_id"] = tidy_external_id(external_id)
    person_id = _insert_person(**values)
    record(PersonRegistered(SERVER, person_id), actor=actor)
    return must(person_id)


@verb
def find_or_create_external(external_id: str, name: str = "") -> PersonFact:
    """The person another system knows by *external_id*, made if there is none. The caller has passed a gate."""
    external_id = tidy_external_id(external_id)
    return must(find_or_create_externals([(external_id, name)])[external_id])


@verb
def find_or_create_externals(people: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Our ids of people (external id, name) by external id; whoever is missing is made, without credentials."""
    wanted = dict(people)
    known = queries.ids_of_externals(wanted)
    missing = [external_id for external_id in wanted if external_id not in known]
    made = add_people(
        [{"external_id": external_id, "name": wanted[external_id][:LONGEST_NAME]} for external_id in missing]
    )
    return known | dict(zip(missing, made, strict=True))


@verb
def add_people(rows: list[dict[str, object]]) -> list[str]:
    """Insert people as they are (imports, the demo) and return their ids.

    Keys of *rows*: ``name external_id email demo_role locale password_hash guest``, all optional.
    """
    values = [_person_row(row) for row in rows]
    if values:
        session().execute(insert(Person), values)
    for row in values:
        record(PersonRegistered(SERVER, str(row["id"])))
    return [str(row["id"]) for row in values]


def _person_row(row: dict[str, object]) -> dict[str, object]:
    email = tidy_address(str(row["email"])) if row.get("email") else None
    empty = dict.fromkeys(("external_id", "demo_role", "locale", "password_hash"))
    ours = {
        "id": new_id(),
        "email": email,
        "email_key": person_key(email) if email else None,
        "created_at": clock.now(),
    }
    fixed = {"is_admin": False, "show_name": True, "sign_in_epoch": 0}
    return {"name": "", "guest": False, **empty, **row, **ours, **fixed}


# --- Changing oneself -------------------------------------------------------------------------------------------------


@verb
def change_profile(actor: Actor, *, name: str, locale: str | None = None, show_name: bool = True) -> PersonFact:
    """Change how the actor is called and spoken to."""
    person_id = require_person(actor)
    values = {"name": tidy_name(name), "locale": locale, "show_name": show_name}
    before = must(person_id)
    changed = [field for field, value in values.items() if getattr(before, field) != value]
    if changed:
        session().execute(update(Person).where(Person.id == person_id).values(**values))
        record(PersonChanged(SERVER, person_id, changed), actor=actor)
    return must(person_id)


@verb
def speak(person_id: str, language: str) -> None:
    """Keep the language somebody reads in: letters are written in it. The door has asked whose browser this is."""
    other = or_(Person.locale.is_(None), Person.locale != language)
    query = update(Person).where(Person.id == person_id, Person.erased_at.is_(None), other).values(locale=language)
    session().execute(query)


@verb
def sign_out_everywhere(actor: Actor) -> PersonFact:
    """Make every cookie of the actor void, this one too."""
    person_id = require_person(actor)
    raise_epoch(person_id)
    record(SignedOutEverywhere(SERVER, person_id), actor=actor)
    return must(person_id)


@verb
def ban(actor: Actor, person_id: str) -> None:
    """Keep a person out of the whole server (server administrators)."""
    _set_ban(actor, person_id, banned=True)


@verb
def unban(actor: Actor, person_id: str) -> None:
    """Let a person in again (server administrators)."""
    _set_ban(actor, person_id, banned=False)


def _set_ban(actor: Actor, person_id: str, *, banned: bool) -> None:
    require_admin(actor)
    if actor.person_id == person_id:
        raise Invalid(_("You cannot lock yourself out."))
    person = queries.get_person(person_id)
    if person is None or person.erased:
        raise NotFound(_("There is no such person."))
    if person.banned == banned:
        return
    session().execute(update(Person).where(Person.id == person_id).values(banned_at=clock.now() if banned else None))
    record(PersonBanned(SERVER, person_id, lifted=not banned), actor=actor)


# --- Shared -----------------------------------------------------------------------------------------------------------


def _refuse_taken(email: str) -> None:
    if session().scalar(select(Person.id).where(Person.email_key == person_key(email))):
        raise Invalid.field("email", _("There is an account with this address already. Sign in with it."), code="taken")


def _insert_person(**values: object) -> str:
    person_id = new_id()
    with _only_one("email" if values.get("email") else "external_id"):
        session().execute(insert(Person).values(id=person_id, created_at=clock.now(), **values))
    return person_id


@contextmanager
def _only_one(field: str) -> Iterator[None]:
    """Two requests at once: the unique columns decide, and this transaction is over."""
    try:
        yield
    except IntegrityError:
        raise Invalid.field(field, _("There is an account with this already."), code="taken") from None
