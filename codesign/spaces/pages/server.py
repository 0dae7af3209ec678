"""What server administrators look after across spaces: stakeholder types and organizations."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from codesign.accounts.checks import require_admin
from codesign.accounts.directory import list_organizations
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Invalid, Unauthenticated
from codesign.kernel.text import _
from codesign.spaces import queries, service
from codesign.spaces.pages.base import blueprint
from codesign.spaces.pages.forms import NameForm
from codesign.web.forms import done, posted, refusals
from codesign.web.identity import current_actor

_PAGE = "spaces.server"


@blueprint.get("/server")
def server() -> Any:
    """Stakeholder types and organizations of this server."""
    return _server([])


def _server(errors: Any, status: int = 200, form: str = "") -> Any:
    _require_administrator()
    with read():
        types, organizations = queries.list_stakeholder_types(), list_organizations()
    html = render_template(
        "spaces/server.html", types=types, organizations=organizations, errors=errors, form=form, typed=request.form
    )
    return html, status


def _require_administrator() -> None:
    actor = current_actor()
    if not actor.known or actor.guest:
        raise Unauthenticated()
    require_admin(actor)


@blueprint.post("/server/stakeholder-types")
def add_type() -> Any:
    """Add a stakeholder type."""
    return _try("type", lambda name: service.set_stakeholder_type(current_actor(), name))


@blueprint.post("/server/stakeholder-types/<type_id>")
def rename_type(type_id: str) -> Any:
    """Rename a stakeholder type."""
    return _try(type_id, lambda name: service.set_stakeholder_type(current_actor(), name, type_id))


@blueprint.post("/server/organizations")
def add_organization() -> Any:
    """Add an organization."""
    return _try("organization", lambda name: service.set_organization_name(current_actor(), name))


@blueprint.post("/server/organizations/<organization_id>")
def rename_organization(organization_id: str) -> Any:
    """Rename an organization."""
    return _try(organization_id, lambda name: service.set_organization_name(current_actor(), name, organization_id))


def _try(form: str, change: Any) -> Any:
    try:
        change(posted(NameForm())["name"])
    except (Invalid, Conflict) as problem:
        return _server(refusals(problem), problem.status, form)
    return done(_("Saved."), _PAGE)
