"""Who is who: finding people by name, and the organizations they belong to.

Rooms that manage people (``spaces``) look up and attach here; who may do that is decided by their gate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, or_, select, update

from codesign.accounts.models import Organization, Person
from codesign.kernel import clock
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _

MOST_LETTERS = 120


@dataclass(frozen=True)
class OrganizationFact:
    """A company people belong to, and how many of them."""

    id: str
    name: str
    attributes: dict[str, Any]
    people: int = 0


@dataclass(frozen=True)
class Named:
    """A person by name."""

    id: str
    name: str


def people_named(text: str = "", external_id: str | None = None) -> Select[str]:
    """The ids of people whose name, address or external id holds *text*, as a query to be put into another one."""
    query = select(Person.id)
    if external_id is not None:
        query = query.where(Person.external_id == external_id)
    if text:
        fields = (Person.name, Person.email, Person.external_id)
        query = query.where(or_(*(func.lower(field).contains(text.lower(), autoescape=True) for field in fields)))
    return query


def belonging() -> Select[str, str | None]:
    """Selects everybody's id with that of their organization, to be joined into a query that counts people."""
    return select(Person.id, Person.organization_id)


@reading
def ids_named(text: str, limit: int = 200) -> list[str]:
    """The ids of people whose name holds *text*, whoever asks; addresses are not looked at."""
    query = select(Person.id).where(func.lower(Person.name).contains(text.lower(), autoescape=True))
    return list(session().scalars(query.order_by(Person.id).limit(limit)))


def _present(among: Select[str], hidden_too: bool) -> Select[*tuple[Any, ...]]:
    """People with an account of *among*; those who do not show their name only if *hidden_too*."""
    here = Person.id.in_(among), Person.guest.is_(False), Person.name != ""
    still = Person.erased_at.is_(None), Person.banned_at.is_(None), Person.joined_into.is_(None)
    query = select(Person.id, Person.name).where(*here, *still)
    return query if hidden_too else query.where(Person.show_name.is_(True))


@reading
def people_called(text: str, among: Select[str], *, hidden_too: bool, limit: int) -> list[Named]:
    """People of *among* (a query of ids) with a word of their name beginning with *text*, in one query.

    Those whose whole name begins so come first, then by the alphabet.
    """
    # SQLite lowers plain letters only: what begins with another one is also looked for with a capital.
    small, capital = text.lower(), text[:1].upper() + text[1:]
    lowered = func.lower(Person.name)
    first = or_(lowered.startswith(small, autoescape=True), Person.name.startswith(capital, autoescape=True))
    later = or_(lowered.contains(f" {small}", autoescape=True), Person.name.contains(f" {capital}", autoescape=True))
    query = _present(among, hidden_too).where(or_(first, later))
    rows = session().execute(query.order_by(case((first, 0), else_=1), lowered, Person.id).limit(limit))
    return [Named(row.id, row.name) for row in rows]


@reading
def people_here(person_ids: Iterable[str], among: Select[str], *, hidden_too: bool) -> set[str]:
    """Those of *person_ids* who are in *among* and may be named."""
    query = _present(among, hidden_too).where(Person.id.in_(sorted(set(person_ids))))
    return set(session().scalars(query))


@reading
def organization_names(ids: Iterable[str]) -> dict[str, str]:
    """The names of organizations by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session().execute(select(Organization.id, Organization.name).where(Organization.id.in_(wanted)))
    return {row.id: row.name for row in rows}


@reading
def list_organizations(limit: int = 500) -> list[OrganizationFact]:
    """The organizations of this server by name, with the number of their people."""
    people = select(func.count()).where(Person.organization_id == Organization.id).scalar_subquery()
    rows = session().execute(select(Organization, people).order_by(Organization.name).limit(limit))
    return [OrganizationFact(row.id, row.name, dict(row.attributes), count) for row, count in rows]


def _checked(name: str) -> str:
    text = " ".join(name.split())
    if not text or len(text) > MOST_LETTERS or not text.isprintable():
        raise Invalid.field("organization", _("Give it a name of at most %(most)s letters.", most=MOST_LETTERS))
    return text


@verb
def find_or_create_organization(name: str) -> str:
    """The id of the organization called *name* (case does not matter); made when there is none."""
    name = _checked(name)
    found = session().scalar(select(Organization.id).where(func.lower(Organization.name) == name.lower()))
    if found is not None:
        return found
    organization = Organization(id=new_id(), name=name, attributes={}, created_at=clock.now())
    session().add(organization)
    session().flush()
    return organization.id


@verb
def rename_organization(organization_id: str, name: str) -> None:
    """Give an organization another name; Conflict when another one has it."""
    name = _checked(name)
    same = select(Organization.id).where(func.lower(Organization.name) == name.lower())
    if session().scalar(same.where(Organization.id != organization_id)) is not None:
        raise Conflict(_("There is an organization of that name already."))
    changed = session().execute(update(Organization).where(Organization.id == organization_id).values(name=name))
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise NotFound(_("There is no such organization."))


@verb
def attach_to_organization(person_id: str, organization_id: str | None) -> None:
    """Say which organization a person belongs to; None: to none."""
    session().execute(update(Person).where(Person.id == person_id).values(organization_id=organization_id))
