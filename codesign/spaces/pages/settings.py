"""The settings of a space: its words, the rules of voting, phases, statuses."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _
from codesign.spaces import queries, service, words
from codesign.spaces.facts import ACTIONS, PHASES, Access
from codesign.spaces.pages.base import as_values, blueprint, local_field
from codesign.spaces.pages.conflict import both_versions, cells_of
from codesign.spaces.pages.forms import GeneralForm, PhaseForm, ScheduleForm, VotingFormWithCells
from codesign.spaces.tabs import entered, first_tab, settings_page
from codesign.web.forms import done, posted, refusals
from codesign.web.identity import current_actor


@blueprint.get("/spaces/<space>/settings")
def settings(space: str) -> Any:
    """The first tab this person may open."""
    return redirect(url_for(first_tab(entered(space, "view")), space=space))


# --- General ----------------------------------------------------------------------------------------------------------


@blueprint.get("/spaces/<space>/settings/general")
def general(space: str) -> Any:
    """Name, words and visibility."""
    access = entered(space, "own")
    return _general(access, as_values(access.space), [])


def _general(access: Access, values: dict[str, Any], errors: Any, status: int = 200) -> Any:
    version = values.get("version", access.space.version)
    return settings_page(
        "spaces/general.html", access, "general", status, values=values, errors=errors, version=version
    )


@blueprint.post("/spaces/<space>/settings/general")
def save_general(space: str) -> Any:
    """Change name, words and visibility."""
    try:
        form = posted(GeneralForm())
        return _save(space, form)
    except Invalid as problem:
        return _general(entered(space, "own"), request.form.to_dict(), refusals(problem), problem.status)


def _save(space: str, form: dict[str, Any]) -> Any:
    """Write the form, or show both versions where somebody else was faster."""
    version = form.pop("version")
    try:
        changed = service.change_space(current_actor(), space, version, **form)
    except Conflict as problem:
        return both_versions(space, form, problem, "spaces.general", "spaces.save_general")
    return done(_("Saved."), "spaces.general", space=changed.slug)


# --- Voting and phases ------------------------------------------------------------------------------------------------


@blueprint.get("/spaces/<space>/settings/voting")
def voting(space: str) -> Any:
    """The ballot, the phases, who may do what."""
    return _voting(entered(space, "product"), None, [])


def _voting(access: Access, typed: dict[str, str] | None, errors: Any, status: int = 200) -> Any:
    fact = access.space
    values = {**as_values(fact), **(typed or {})}
    ticked = {name for name, allowed in cells_of(fact).items() if allowed}
    if typed is not None and "results" in typed:
        ticked = {name for name, value in typed.items() if "-" in name and value}
    return settings_page(
        "spaces/voting.html", access, "voting", status, values=values, errors=errors, ticked=ticked,
        version=values.get("version", fact.version), at=local_field(fact.next_phase_at),
    )  # fmt: skip


@blueprint.post("/spaces/<space>/settings/voting")
def save_voting(space: str) -> Any:
    """Change the rules of voting."""
    try:
        return _save_rules(space, posted(VotingFormWithCells()))
    except Invalid as problem:
        access = entered(space, "own")
        return _voting(access, request.form.to_dict(), refusals(problem), problem.status)


def _save_rules(space: str, form: dict[str, Any]) -> Any:
    version = form.pop("version")
    rules = {name: value for name, value in form.items() if "-" not in name}
    cells = {f"{phase}-{action}": bool(form.get(f"{phase}-{action}")) for phase in PHASES for action in ACTIONS}
    table = {phase: {action: cells[f"{phase}-{action}"] for action in ACTIONS} for phase in PHASES}
    try:
        changed = service.change_space(current_actor(), space, version, **rules, phases=table)
    except Conflict as problem:
        if "version" in problem.details:
            return both_versions(space, {**rules, **cells}, problem, "spaces.voting", "spaces.save_voting")
        return _voting(entered(space, "own"), request.form.to_dict(), refusals(problem), problem.status)
    return done(_("Saved."), "spaces.voting", space=changed.slug)


@blueprint.post("/spaces/<space>/settings/phase")
def begin_phase(space: str) -> Any:
    """Begin a phase now."""
    form = posted(PhaseForm())
    fact = service.set_phase(current_actor(), space, form["phase"])
    name = words.title_of(words.PHASES, fact.phase)
    return done(_("The phase %(phase)s has begun.", phase=name), "spaces.voting", space=fact.slug)


@blueprint.post("/spaces/<space>/settings/schedule")
def plan_phase(space: str) -> Any:
    """Let a phase begin at a set time, or take the date away."""
    try:
        form = posted(ScheduleForm())
        fact = service.schedule_phase(current_actor(), space, form["phase"] or None, form["at"])
    except Invalid as problem:
        return _voting(entered(space, "product"), request.form.to_dict(), refusals(problem), problem.status)
    message = _("The date is set.") if fact.next_phase else _("No phase has a date now.")
    return done(message, "spaces.voting", space=fact.slug)


@blueprint.post("/spaces/<space>/settings/ballot/<any(open,closed):state>")
def switch_ballot(space: str, state: str) -> Any:
    """Close the ballot by hand, or open it again."""
    if state == "closed":
        fact = service.close_ballot(current_actor(), space)
        return done(_("The ballot is closed. Its counts show now."), "spaces.voting", space=fact.slug)
    fact = service.open_ballot(current_actor(), space)
    return done(_("The ballot is open again."), "spaces.voting", space=fact.slug)


# --- Archive, delete --------------------------------------------------------------------------------------------------


@blueprint.get("/spaces/<space>/settings/danger")
def danger(space: str) -> Any:
    """Archive or delete a space; take it out before."""
    access = entered(space, "own")
    return _danger(access, [])


def _danger(access: Access, errors: Any, status: int = 200) -> Any:
    with read():
        people = queries.count_members([access.space.id]).get(access.space.id, 0)
    return settings_page("spaces/danger.html", access, "danger", status, errors=errors, people=people)


@blueprint.post("/spaces/<space>/settings/archive")
def archive(space: str) -> Any:
    """Make it read only."""
    fact = service.archive_space(current_actor(), space)
    return done(_("The space is archived. Everything can be read."), "spaces.danger", space=fact.slug)


@blueprint.post("/spaces/<space>/settings/reopen")
def reopen(space: str) -> Any:
    """Take input again."""
    fact = service.reopen_space(current_actor(), space)
    return done(_("The space is open again."), "spaces.danger", space=fact.slug)


@blueprint.post("/spaces/<space>/settings/delete")
def delete(space: str) -> Any:
    """Delete it with everything in it, once its slug was typed."""
    access = entered(space, "own")
    try:
        service.delete_space(current_actor(), space, request.form.get("confirmation", ""))
    except Invalid as problem:
        return _danger(access, problem.errors, problem.status)
    return done(_("%(name)s is deleted.", name=access.space.name), "spaces.home")
