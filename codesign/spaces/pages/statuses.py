"""The settings tab of statuses."""

from __future__ import annotations

from typing import Any

from flask import request

from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _
from codesign.spaces import queries, service
from codesign.spaces.facts import Access
from codesign.spaces.pages.base import blueprint
from codesign.spaces.pages.forms import StatusForm, StepForm
from codesign.spaces.tabs import entered, settings_page
from codesign.web.forms import Form, done, posted, refusals
from codesign.web.identity import current_actor

_TAB = "spaces.statuses"


@blueprint.get("/spaces/<space>/settings/statuses")
def statuses(space: str) -> Any:
    """The list of statuses."""
    return _statuses(entered(space, "product"), [])


def _statuses(access: Access, errors: Any, status: int = 200, edited: str = "") -> Any:
    with read():
        found = queries.list_statuses(access.space.id, retired=True)
    return settings_page(
        "spaces/statuses.html", access, "statuses", status, errors=errors, edited=edited, typed=request.form,
        statuses=[line for line in found if not line.retired], retired=[line for line in found if line.retired],
    )  # fmt: skip


@blueprint.post("/spaces/<space>/settings/statuses")
def add_status(space: str) -> Any:
    """Add a status."""
    try:
        status = service.add_status(current_actor(), space, **posted(StatusForm()))
    except (Invalid, Conflict) as problem:
        return _statuses(entered(space, "product"), refusals(problem), problem.status, "new")
    return done(_("Added %(name)s.", name=status.name), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/statuses/<status_id>")
def change_status(space: str, status_id: str) -> Any:
    """Rename or recolour a status."""
    try:
        service.change_status(current_actor(), space, status_id, **posted(StatusForm()))
    except (Invalid, Conflict) as problem:
        return _statuses(entered(space, "product"), refusals(problem), problem.status, status_id)
    return done(_("Saved."), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/statuses/<status_id>/move")
def move_status(space: str, status_id: str) -> Any:
    """Move a status by one place."""
    service.move_status(current_actor(), space, status_id, posted(StepForm())["step"])
    return done(_("Moved."), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/statuses/<status_id>/retire")
def retire_status(space: str, status_id: str) -> Any:
    """Take a status out of the list; ideas that have it keep it."""
    return _set_retired(space, status_id, retired=True)


@blueprint.post("/spaces/<space>/settings/statuses/<status_id>/bring-back")
def bring_back_status(space: str, status_id: str) -> Any:
    """Put a retired status into the list again."""
    return _set_retired(space, status_id, retired=False)


def _set_retired(space: str, status_id: str, *, retired: bool) -> Any:
    posted(Form())
    try:
        status = service.change_status(current_actor(), space, status_id, retired=retired)
    except Conflict as problem:
        return _statuses(entered(space, "product"), refusals(problem), problem.status)
    message = _("%(name)s is not offered any more.", name=status.name)
    return done(message if retired else _("%(name)s is back.", name=status.name), _TAB, space=space)
