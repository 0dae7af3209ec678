"""The settings tab of people: members, roles, organizations, invitations, bans."""

from __future__ import annotations

from typing import Any

from flask import make_response, request, url_for

from codesign.accounts.directory import list_organizations
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.text import _
from codesign.spaces import queries, service
from codesign.spaces.facts import Access
from codesign.spaces.pages.base import blueprint
from codesign.spaces.pages.forms import AddMemberForm, InvitationForm, MemberForm, PeopleQuery
from codesign.spaces.tabs import entered, settings_page
from codesign.web.forms import Form, asked, done, posted, refusals
from codesign.web.identity import current_actor

_TAB = "spaces.people"
_ROWS = 50


@blueprint.get("/spaces/<space>/settings/people")
def people(space: str) -> Any:
    """Who is here, who is invited, who is kept out."""
    return _people(entered(space, "moderate"), [])


def _people(access: Access, errors: Any, status: int = 200, form: str = "", link: str = "") -> Any:
    query = asked(PeopleQuery())
    with read():
        roles = [query["role"]] if query["role"] else []
        page = queries.list_members(access, roles=roles, q=query["q"], limit=_ROWS, cursor=query["cursor"])
        banned = queries.list_members(access, banned=True, limit=100).items
        invitations = queries.list_invitations(access) if access.may("own") else []
        count = queries.count_members([access.space.id]).get(access.space.id, 0)
        types = queries.list_stakeholder_types()
    kept = {name: value for name, value in query.items() if value and name != "cursor"}
    more = url_for(_TAB, space=access.space.slug, cursor=page.next, **kept) if page.next else ""
    return settings_page(
        "spaces/people.html", access, "people", status, members=page.items, more=more, banned=banned, count=count,
        invitations=invitations, types=types, people_query=query, errors=errors, form=form, typed=request.form, link=link,
        type_names={fact.id: fact.name for fact in types},
    )  # fmt: skip


@blueprint.post("/spaces/<space>/settings/people")
def add_member(space: str) -> Any:
    """Make somebody with an account a member."""
    try:
        member, new = service.add_member(current_actor(), space, **posted(AddMemberForm()))
    except (Invalid, Conflict) as problem:
        return _people(entered(space, "own"), refusals(problem), problem.status, "add")
    message = _("%(name)s is in.", name=member.name) if new else _("%(name)s was in already.", name=member.name)
    return done(message, _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/invitations")
def invite(space: str) -> Any:
    """Make an invitation; its link is shown on this answer and never again."""
    try:
        invitation, secret = service.invite(current_actor(), space, **posted(InvitationForm()))
    except (Invalid, Conflict) as problem:
        return _people(entered(space, "own"), refusals(problem), problem.status, "invite")
    if secret is None:
        return done(_("The invitation is on its way to %(email)s.", email=invitation.email), _TAB, space=space)
    link = url_for("spaces.invitation", secret=secret, _external=True)
    response = make_response(_people(entered(space, "own"), [], link=link))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/spaces/<space>/settings/invitations/<invitation_id>/revoke")
def revoke(space: str, invitation_id: str) -> Any:
    """Make a link void."""
    posted(Form())
    service.revoke_invitation(current_actor(), space, invitation_id)
    return done(_("That link does not work any more."), _TAB, space=space)


@blueprint.get("/spaces/<space>/settings/people/<person_id>")
def member(space: str, person_id: str) -> Any:
    """One member."""
    return _member(entered(space, "moderate"), person_id, [])


def _member(access: Access, person_id: str, errors: Any, status: int = 200) -> Any:
    with read():
        found = queries.get_member(access.space.id, person_id)
        if found is None:
            raise NotFound(_("There is no such member in this space."))
        types, organizations = queries.list_stakeholder_types(), list_organizations()
    return settings_page(
        "spaces/member.html", access, "people", status, member=found, types=types, organizations=organizations,
        errors=errors, typed=request.form,
    )  # fmt: skip


@blueprint.post("/spaces/<space>/settings/people/<person_id>")
def change_member(space: str, person_id: str) -> Any:
    """Give a member another role, type or organization."""
    try:
        form = posted(MemberForm())
        changed = service.describe_member(current_actor(), space, person_id, **form)
    except (Invalid, Conflict) as problem:
        return _member(entered(space, "own"), person_id, refusals(problem), problem.status)
    return done(_("Saved what %(name)s is here.", name=changed.name), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/people/<person_id>/remove")
def remove_member(space: str, person_id: str) -> Any:
    """Take a person out."""
    posted(Form())
    try:
        service.remove_member(current_actor(), space, person_id)
    except Conflict as problem:
        return _member(entered(space, "own"), person_id, refusals(problem), problem.status)
    return done(_("Not a member any more. What they gave stays."), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/people/<person_id>/ban")
def ban(space: str, person_id: str) -> Any:
    """Keep a person out."""
    posted(Form())
    try:
        service.ban_member(current_actor(), space, person_id)
    except (Invalid, Conflict) as problem:
        return _member(entered(space, "moderate"), person_id, refusals(problem), problem.status)
    return done(_("Kept out from now on. You find them below, under “Kept out”."), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/people/<person_id>/let-in")
def let_in(space: str, person_id: str) -> Any:
    """Let a banned person in again."""
    posted(Form())
    service.unban_member(current_actor(), space, person_id)
    return done(_("May come in again."), _TAB, space=space)
