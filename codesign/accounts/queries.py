"""Reading people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, func, or_, select

from codesign.accounts.addresses import person_key, tidy_address
from codesign.accounts.facts import Known, KnownToken, PersonFact, TokenFact
from codesign.accounts.models import ApiToken, EndedSession, PendingAction, Person, SingleUseLink
from codesign.accounts.secret import hash_secret
from codesign.kernel import clock
from codesign.kernel.db import look_up, reading, session
from codesign.kernel.errors import Invalid

_COLUMNS = (
    Person.id, Person.external_id, Person.name, Person.email, Person.guest, Person.is_admin, Person.demo_role,
    Person.locale, Person.show_name, Person.sign_in_epoch, Person.organization_id,
    Person.password_hash.is_not(None).label("has_password"), Person.erased_at.is_not(None).label("erased"),
    Person.banned_at.is_not(None).label("banned"), Person.created_at,
)  # fmt: skip
_KNOWN = (Person.id, Person.name, Person.guest, Person.is_admin, Person.sign_in_epoch)
_MAY_ENTER = (Person.banned_at.is_(None), Person.erased_at.is_(None), Person.joined_into.is_(None))
# Asked for every vote that a program casts for somebody: putting the statement together took as long as its answer.
_REFERENCE: BindParameter[str] = bindparam("reference")
# An external id is anybody's choice, so somebody's id comes first: nobody is acted for under a name they took from another.
_BY_REFERENCE = (
    select(*_KNOWN)
    .where(or_(Person.id == _REFERENCE, Person.external_id == _REFERENCE), *_MAY_ENTER)
    .order_by((Person.id == _REFERENCE).desc())
    .limit(1)
)
_BY_IDS = select(*_COLUMNS).where(Person.id.in_(bindparam("people", expanding=True)))
_REFERENCES: Any = bindparam("references", expanding=True)
_BY_REFERENCES = select(*_KNOWN, Person.external_id).where(
    or_(Person.id.in_(_REFERENCES), Person.external_id.in_(_REFERENCES)), *_MAY_ENTER
)
_TOKEN = (
    ApiToken.id, ApiToken.person_id, ApiToken.name, ApiToken.scopes, ApiToken.created_at, ApiToken.expires_at,
    ApiToken.last_used_at, ApiToken.revoked_at,
)  # fmt: skip


def _fact(row: Row[*tuple[Any, ...]]) -> PersonFact:
    return PersonFact(**row._mapping)


def _one(query: Select[*tuple[Any, ...]]) -> PersonFact | None:
    row = session().execute(query).first()
    return _fact(row) if row else None


@reading
def get_person(person_id: str) -> PersonFact | None:
    """A person by id; erased ones and guests too."""
    return _one(select(*_COLUMNS).where(Person.id == person_id))


def hold_person(person_id: str) -> None:
    """Let nobody else pass here for a person until this verb ends: what is counted for them stays true."""
    session().execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


@reading
def language_of(person_id: str | None) -> str | None:
    """The language somebody reads in, where that is known."""
    return session().scalar(select(Person.locale).where(Person.id == person_id)) if person_id else None


@reading
def get_people(person_ids: Iterable[str]) -> dict[str, PersonFact]:
    """People by id; unknown ids are left out."""
    if not (wanted := {person_id for person_id in person_ids if person_id}):
        return {}
    rows = look_up(_BY_IDS, people=sorted(wanted))
    return {row.id: _fact(row) for row in rows}


@reading
def find_by_email(email: str) -> PersonFact | None:
    """The person with this address, however they write it."""
    try:
        key = person_key(tidy_address(email))
    except Invalid:
        return None
    return _one(select(*_COLUMNS).where(Person.email_key == key))


@reading
def find_by_external_id(external_id: str) -> PersonFact | None:
    """The person another system knows by this id."""
    return _one(select(*_COLUMNS).where(Person.external_id == external_id))


@reading
def ids_of_externals(external_ids: Iterable[str]) -> dict[str, str]:
    """Our ids of people other systems know, by their ids there."""
    rows = session().execute(
        select(Person.external_id, Person.id).where(Person.external_id.in_(sorted(set(external_ids))))
    )
    return {str(row.external_id): row.id for row in rows}


@reading
def list_people(limit: int = 10_000) -> list[PersonFact]:
    """Everybody who can sign in, banned ones too, in the order they came (for the command line)."""
    query = select(*_COLUMNS).where(Person.email_key.is_not(None), Person.erased_at.is_(None))
    return [_fact(row) for row in session().execute(query.order_by(Person.id).limit(limit))]


@reading
def list_demo_people(role: str | None = None, limit: int = 100) -> list[PersonFact]:
    """The one-click people of the demo, in the order they were made; only those of *role* if given."""
    query = select(*_COLUMNS).where(Person.demo_role.is_not(None) if role is None else Person.demo_role == role)
    return [_fact(row) for row in session().execute(query.where(*_MAY_ENTER).order_by(Person.id).limit(limit))]


@reading
def has_administrator() -> bool:
    """Whether this server has anybody to look after it; an empty instance has not."""
    return count_administrators() > 0


@reading
def count_administrators() -> int:
    """How many server administrators can sign in."""
    query = select(func.count()).select_from(Person).where(Person.is_admin.is_(True), *_MAY_ENTER)
    return session().scalar(query) or 0


# --- For the doors: who knocks ----------------------------------------------------------------------------------------


def _known(row: Row[*tuple[Any, ...]]) -> Known:
    return Known(row.id, row.name, row.guest, row.is_admin, row.sign_in_epoch)


@reading
def known_by_session(person_id: str, session_id: str) -> Known | None:
    """The person of a session cookie, unless they may not enter or that session was ended."""
    ended = select(EndedSession.id).where(EndedSession.id == hash_secret(session_id)).exists()
    row = session().execute(select(*_KNOWN).where(Person.id == person_id, *_MAY_ENTER, ~ended)).first()
    return _known(row) if row else None


@reading
def known_by_reference(reference: str) -> Known | None:
    """The person another acts for: by id, or by the id another system knows them by."""
    row = session().execute(_BY_REFERENCE, {"reference": reference}).first()
    return _known(row) if row else None


@reading
def known_by_references(references: Iterable[str]) -> dict[str, Known]:
    """Whoever may enter of these people, by the id or external id they were asked for, in one query."""
    wanted = sorted(set(references))
    rows = look_up(_BY_REFERENCES, references=wanted).all()
    found = {row.external_id: _known(row) for row in rows if row.external_id is not None}
    found |= {row.id: _known(row) for row in rows}
    return {reference: found[reference] for reference in wanted if reference in found}


def find_person_id(reference: str) -> str | None:
    """The id of the person with this id or external id, unless they may not enter."""
    known = known_by_reference(reference)
    return known.person_id if known else None


@reading
def known_token(hashed: str) -> KnownToken | None:
    """The token with this hash, if it may be used now and its person may enter."""
    query = select(*_KNOWN, ApiToken.id.label("token"), ApiToken.scopes, ApiToken.expires_at, ApiToken.last_used_at)
    query = query.join(ApiToken, ApiToken.person_id == Person.id)
    row = session().execute(query.where(ApiToken.hash == hashed, ApiToken.revoked_at.is_(None), *_MAY_ENTER)).first()
    if row is None or (row.expires_at is not None and row.expires_at <= clock.now()):
        return None
    return KnownToken(row.token, frozenset(row.scopes), row.expires_at, row.last_used_at, _known(row))


# --- What belongs to a person -----------------------------------------------------------------------------------------


@reading
def list_tokens(person_id: str) -> list[TokenFact]:
    """A person's tokens that were not revoked, newest first."""
    query = select(*_TOKEN).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    return [
        TokenFact(**{**row._mapping, "scopes": tuple(row.scopes)})
        for row in session().execute(query.order_by(ApiToken.id.desc()))
    ]


@reading
def link_is_good(secret: str, purpose: str) -> bool:
    """Whether a single-use link would still work."""
    query = select(SingleUseLink.id).where(SingleUseLink.hash == hash_secret(secret), SingleUseLink.purpose == purpose)
    return (
        session().scalar(query.where(SingleUseLink.used_at.is_(None), SingleUseLink.expires_at > clock.now()))
        is not None
    )


@reading
def kind_of_action(key: str) -> str | None:
    """The kind of what somebody began before they signed in."""
    return session().scalar(select(PendingAction.kind).where(PendingAction.id == hash_secret(key)))


@reading
def with_account(person_ids: Iterable[str]) -> set[str]:
    """Those of *person_ids* who can sign in: no guests, nobody only known to another system, nobody who left."""
    wanted, found = sorted(set(person_ids)), set[str]()
    may = Person.email_key.is_not(None) | Person.demo_role.is_not(None)
    for start in range(0, len(wanted), 1000):
        step = wanted[start : start + 1000]
        found.update(session().scalars(select(Person.id).where(Person.id.in_(step), may, *_MAY_ENTER)))
    return found
