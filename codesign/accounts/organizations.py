"""What is known of organizations beside their names: attributes that another system tells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from codesign.accounts.directory import OrganizationFact
from codesign.accounts.models import Organization
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _


@reading
def organizations(ids: Iterable[str]) -> dict[str, OrganizationFact]:
    """Organizations by id with what is known of them; their people are not counted."""
    rows = session().scalars(select(Organization).where(Organization.id.in_(sorted(set(ids)))))
    return {row.id: OrganizationFact(row.id, row.name, dict(row.attributes)) for row in rows}


@verb
def describe_organization(organization_id: str, **attributes: Any) -> list[str]:
    """Keep *attributes* (``segment``, ``revenue``) of an organization; which of them are news."""
    row = session().get(Organization, organization_id, with_for_update=True)
    if row is None:
        raise NotFound(_("There is no such organization."))
    news = sorted(name for name, value in attributes.items() if row.attributes.get(name) != value)
    if news:
        row.attributes = {**row.attributes, **{name: attributes[name] for name in news}}
        session().flush()
    return news
