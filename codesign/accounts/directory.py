"""Who is who: finding people by name, and the organizations they belong to.

Rooms that manage people (``spaces``) look up and attach here; who may do that is decided by their gate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select, update

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


def people_named(text: str = "", external_id: str | None = None) -> Select[str]:
    """The ids of people whose name, address or external id holds *text*, as a query to be put into another one."""
    query = select(Person.id)
    if external_id is not None:
        query = query.where(Person.external_id == external_id)
    if text:
        fields = (Person.name, Person.email, Person.external_id)
        query = query.where(or_(*(func.lower(field).contains(text.lower(), autoescape=True) for field in fields)))
    return query


@reading
def ids_named(text: str, limit: int = 200) -> list[str]:
    """The ids of people whose name holds *text*, whoever asks; addresses are not looked at."""
    query = select(Person.id).where(func.lower(Person.name).contains(text.lower(), autoescape=True))
    return list(session().scalars(query.order_by(Person.id).limit(limit)))


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
