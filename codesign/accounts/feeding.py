"""Another system (a CRM) tells what it knows of a person. Told the same again, nothing changes and nothing is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from codesign.accounts import directory, queries
from codesign.accounts.checks import must, require_admin, tidy_name
from codesign.accounts.events import PersonChanged
from codesign.accounts.facts import PersonFact
from codesign.accounts.models import Person
from codesign.accounts.organizations import describe_organization, organizations
from codesign.accounts.service import find_or_create_external
from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _


@dataclass(frozen=True)
class Fed:
    """A person after another system told of them. ``news``: which fields changed; ``new``: they were made."""

    id: str
    person: PersonFact
    organization: directory.OrganizationFact | None
    news: tuple[str, ...]
    new: bool


@verb
def put_person(actor: Actor, external_id: str, **attributes: Any) -> Fed:
    """Keep what another system knows of the person *external_id* (server administrators): see ``feed_person``."""
    require_admin(actor)
    return feed_person(external_id, actor=actor, **attributes)


@verb
def feed_person(
    external_id: str,
    *,
    name: str | None = None,
    organization: str | None = None,
    segment: str | None = None,
    revenue: float | None = None,
    actor: Actor = SYSTEM,
) -> Fed:
    """Make or change the person another system calls *external_id*; what is None stays as it is.

    ``segment`` and ``revenue`` are attributes of the organization, so there must be one: the one named here, or theirs. An
    empty *organization* takes them out of theirs. The caller has passed a gate.
    """
    new = queries.find_by_external_id(external_id) is None
    person = find_or_create_external(external_id, tidy_name(name) if name is not None else "")
    if person.erased:
        raise Conflict(_("This person was forgotten."))
    news = [] if name is None else _rename(person, tidy_name(name))
    if organization is not None:
        news += _attach(person, organization)
    attributes = {key: value for key, value in (("segment", segment), ("revenue", revenue)) if value is not None}
    company_id = must(person.id).organization_id
    if attributes and company_id is None:
        raise Invalid.field("organization", _("Name the organization these belong to."))
    if attributes and company_id is not None:
        news += describe_organization(company_id, **attributes)
    if news:
        record(PersonChanged(SERVER, person.id, news), actor=actor)
    company = organizations([company_id])[company_id] if company_id else None
    return Fed(person.id, must(person.id), company, tuple(news), new)


def _rename(person: PersonFact, name: str) -> list[str]:
    if person.name == name:
        return []
    session().execute(update(Person).where(Person.id == person.id).values(name=name))
    return ["name"]


def _attach(person: PersonFact, organization: str) -> list[str]:
    company_id = directory.find_or_create_organization(organization) if organization.strip() else None
    if company_id == person.organization_id:
        return []
    directory.attach_to_organization(person.id, company_id)
    session().flush()
    return ["organization"]
