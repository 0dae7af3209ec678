"""The customer's voice at one idea: what the team entered, and the forms to enter more. Works without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from codesign.customers import service
from codesign.customers.facts import CALL, MAIL, MEETING, OTHER, Wants
from codesign.customers.pages.blueprint import blueprint
from codesign.customers.queries import Voice, count_entered, voice_of
from codesign.customers.schemas import EvidenceForm, VoteForm
from codesign.customers.wants import wants_of
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_idea, idea_access
from codesign.ideas.views import idea_url
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Conflict, FieldError, Problem
from codesign.kernel.text import _
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.spaces.tabs import access_here
from codesign.voting.limits import count_vote
from codesign.web.forms import KEEPS_TEXT, Form, done, posted, refusals
from codesign.web.identity import current_actor
from codesign.web.registry import PageView

SOURCE_NAMES = [(CALL, _("A call")), (MAIL, _("A mail")), (MEETING, _("A meeting")), (OTHER, _("Something else"))]
VALUE_NAMES = [("1", _("For it")), ("-1", _("Against it")), ("0", _("Seen it"))]
#: So many of each stand beside an open idea.
BESIDE = 3


def piece(at_desk: bool) -> Callable[[PageView, Any], Markup | None]:
    """Beside an idea, for the team: who wants it, what customers say of it, and the way to enter more."""
    return lambda view, facts: _draw_beside(view, facts, at_desk)


def _draw_beside(view: PageView, facts: Any, at_desk: bool) -> Markup | None:
    idea, access = facts[0] if facts else None, access_here(view)
    if not isinstance(idea, IdeaFact) or access is None or not access.may("moderate"):
        return None
    # Counting voters is no index look-up: beside the hub.
    voice, wants = offload(_beside, access, idea.id)
    drawn = render_template(
        "customers/_beside.html", idea=idea, voice=voice, wants=wants, slug=access.space.slug, at_desk=at_desk
    )
    return Markup(drawn)  # noqa: S704 - a template's


def note(view: PageView, facts: Any) -> Markup | None:
    """For everybody who sees the tally: how many votes the team entered."""
    idea = facts[0] if facts else None
    if not isinstance(idea, IdeaFact) or idea.tally is None or not (count := count_entered(idea.id)):
        return None
    return Markup(render_template("customers/_note.html", count=count))  # noqa: S704 - a template's


def _beside(access: Access, idea_id: str) -> tuple[Voice, Wants]:
    with read():
        return voice_of(idea_id, BESIDE), wants_of(access, [idea_id])[idea_id]


@blueprint.get("/spaces/<space>/ideas/<idea_id>/customers")
def voice(space: str, idea_id: str) -> str:
    """What customers say of an idea."""
    return draw(idea_id)


def draw(idea_id: str, problem: Problem | None = None) -> str:
    """The page; *problem* is what was refused of the form that was posted."""
    actor = current_actor()
    with read():
        access, _plain = idea_access(actor, idea_id)
        look(actor, access.space.id, "moderate")
        idea = get_idea(actor, idea_id)
        found = voice_of(idea_id)
    return render_template(
        "customers/idea.html", space=access.space, seq=None, active="desk", idea=idea, voice=found,
        idea_url=idea_url(idea), sources=SOURCE_NAMES, values=_values(access), form=request.form,
        open=idea.state == PUBLISHED and idea.merged_into is None,
        errors=refusals(problem) if problem else (),
    )  # fmt: skip


def _values(access: Access) -> list[tuple[str, Any]]:
    return VALUE_NAMES if access.space.ballot.kind == "updown" else []


@blueprint.post("/spaces/<space>/ideas/<idea_id>/customers/votes")
def enter(space: str, idea_id: str) -> Any:
    """Enter a customer's vote."""
    actor = current_actor()
    try:
        content = posted(VoteForm())
        count_vote(actor)
        content["value"] = int(content["value"])
        service.enter_vote(actor, idea_id, content.pop("person"), content.pop("source"), **content)
    except (*KEEPS_TEXT, Conflict) as problem:
        return draw(idea_id, problem), problem.status
    sentence = _("Entered. If they have voted here themselves, their own vote counts.")
    return done(sentence, "customers.voice", space=space, idea_id=idea_id)


@blueprint.post("/spaces/<space>/ideas/<idea_id>/customers/votes/<entry>/back")
def take_back(space: str, idea_id: str, entry: str) -> Any:
    """Take an entered vote back."""
    posted(Form())
    try:
        count_vote(current_actor())
        service.take_back_vote(current_actor(), idea_id, entry)
    except (*KEEPS_TEXT, Conflict) as problem:
        return draw(idea_id, problem), problem.status
    return done(_("Taken back. A vote of their own stands."), "customers.voice", space=space, idea_id=idea_id)


@blueprint.post("/spaces/<space>/ideas/<idea_id>/customers/evidence")
def attach(space: str, idea_id: str) -> Any:
    """Attach what a customer said elsewhere."""
    try:
        content = posted(EvidenceForm())
        company, whose = content.pop("company"), content.pop("whose")
        service.add_evidence(current_actor(), idea_id, organization=company, person=whose, **content)
    except (*KEEPS_TEXT, Conflict) as problem:
        return draw(idea_id, _as_posted(problem)), problem.status
    return done(_("The evidence is attached."), "customers.voice", space=space, idea_id=idea_id)


def _as_posted(problem: Problem) -> Problem:
    """The refusal with the names that the fields have on the page."""
    names = {"organization": "company", "person": "whose", "name": "whose"}
    problem.errors = tuple(
        FieldError(names.get(error.field, error.field), error.code, error.message) for error in problem.errors
    )
    return problem


@blueprint.post("/spaces/<space>/ideas/<idea_id>/customers/evidence/<evidence>/remove")
def remove(space: str, idea_id: str, evidence: str) -> Response:
    """Take evidence away."""
    posted(Form())
    service.remove_evidence(current_actor(), idea_id, evidence)
    return done(_("The evidence is gone."), "customers.voice", space=space, idea_id=idea_id)
