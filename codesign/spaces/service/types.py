"""What members can be to the company: every server knows the usual ones and adds its own."""

from __future__ import annotations

import re

from codesign.accounts import directory
from codesign.accounts.checks import require_admin
from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _
from codesign.spaces.events import OrganizationChanged, StakeholderTypeChanged
from codesign.spaces.facts import StakeholderTypeFact
from codesign.spaces.models import StakeholderType
from codesign.spaces.queries import list_stakeholder_types
from codesign.spaces.rules import check_text

MOST = 100


@verb
def set_stakeholder_type(actor: Actor, name: str, type_id: str | None = None) -> StakeholderTypeFact:
    """Add a stakeholder type, or rename the one with *type_id* (server administrators)."""
    require_admin(actor)
    name = check_text("name", name, 1, 60)
    known = list_stakeholder_types()
    if any(fact.name.casefold() == name.casefold() and fact.id != type_id for fact in known):
        raise Invalid.field("name", _("There is a stakeholder type of that name already."), "taken")
    ids = {fact.id for fact in known}
    if type_id is None:
        type_id = _free_id(name, ids)
        if len(known) >= MOST:
            raise Conflict(_("There are %(most)s stakeholder types already.", most=MOST))
    elif type_id not in ids:
        raise Invalid.field("type_id", _("There is no such stakeholder type."))
    session().merge(StakeholderType(id=type_id, name=name, position=len(known)))
    session().flush()
    record(StakeholderTypeChanged(SERVER, type_id), actor)
    return next(fact for fact in list_stakeholder_types() if fact.id == type_id)


@verb
def set_organization_name(actor: Actor, name: str, organization_id: str | None = None) -> str:
    """Add an organization, or rename the one with *organization_id* (server administrators); answers its id."""
    require_admin(actor)
    if organization_id is None:
        organization_id = directory.find_or_create_organization(name)
    else:
        directory.rename_organization(organization_id, name)
    record(OrganizationChanged(SERVER, organization_id), actor)
    return organization_id


def _free_id(name: str, ids: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:24] or "type"
    return next(candidate for candidate in (base, *(f"{base}_{n}" for n in range(2, MOST + 2))) if candidate not in ids)


def known_type(value: str) -> str:
    """The id of the stakeholder type called *value* (id or name); raises Invalid where there is none."""
    for fact in list_stakeholder_types():
        if value == fact.id or value.casefold() == fact.name.casefold():
            return fact.id
    raise Invalid.field("stakeholder_type", _("There is no such stakeholder type."), "not_a_choice")
