"""One text at a time: report it, or decide on it with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, make_response, redirect, render_template, request
from marshmallow import validate
from werkzeug.wrappers import Response

from codesign.accounts import pending
from codesign.accounts.detour import sign_in_first
from codesign.comments.facts import CommentFact
from codesign.comments.queries import comment_access
from codesign.ideas.facts import IdeaFact
from codesign.ideas.limits import count_text
from codesign.ideas.queries import get_idea, idea_access
from codesign.ideas.views import idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Conflict, FieldError, NotFound
from codesign.kernel.text import _
from codesign.moderation.desk import reply_body
from codesign.moderation.facts import CHANGE, COMMENT, DECISIONS, HIDE, HOLD, IDEA, KEEP, PUBLISH, REFUSE
from codesign.moderation.pages.blueprint import blueprint
from codesign.moderation.service import raise_flag, settle_flags
from codesign.spaces.access import require
from codesign.spaces.facts import Access
from codesign.web.forms import KEEPS_TEXT, Form, Line, Prose, Query, asked, posted, refusals
from codesign.web.identity import current_actor
from codesign.web.preferences import local_path

#: Heading, button, its class, whether a reason is needed, what is said afterwards.
WORDS: dict[str, tuple[str, str, str, bool, str]] = {
    "report": (_("Report this"), _("Report"), "primary", False, _("Thank you. A moderator looks at it.")),
    HIDE: (_("Hide this"), _("Hide"), "stop", True, _("Hidden. Only its author and the team see it now.")),
    HOLD: (_("Hold this back"), _("Hold"), "stop", True, _("Held back. It waits in the queue.")),
    PUBLISH: (_("Publish this"), _("Publish"), "primary", False, _("Published.")),
    CHANGE: (
        _("Ask for a change"),
        _("Ask to change"),
        "primary",
        True,
        _("Its author is asked; once edited, it waits again."),
    ),
    REFUSE: (_("Refuse this"), _("Refuse"), "stop", True, _("Refused. Its author reads why and may appeal.")),
    KEEP: (_("Let this stay"), _("Let it stay"), "primary", False, _("It stays. The reports are settled.")),
}
HINTS = {
    "report": _("What is wrong with it? Moderators read this, its author does not."),
    HIDE: _("Its author reads the reason. Nothing is deleted; you can publish it again."),
    HOLD: _("Its author reads the reason."),
    PUBLISH: _("If you like; it is kept with the decision."),
    CHANGE: _("Say what would make it fit. Until then only its author and the team see it."),
    REFUSE: _("Its author reads the reason and may ask another moderator once."),
    KEEP: _("If you like; it is kept with the decision."),
}


class ReportForm(Form):
    """A report."""

    reason = Prose(load_default="")


class DecisionForm(Form):
    """A decision."""

    decision = Line(required=True, validate=validate.OneOf(DECISIONS))
    reason = Prose(load_default="")
    reply = Line(load_default="", validate=validate.Length(max=26))
    seen = Line(load_default=None, validate=validate.Length(max=60))


class DecisionQuery(Query):
    """The decision a form is asked for."""

    decision = Line(load_default=HIDE, validate=validate.OneOf(DECISIONS))


@blueprint.get("/spaces/<space>/report/<kind>/<target_id>")
def report(space: str, kind: str, target_id: str) -> Response:
    """The form to report a text."""
    access, idea, comment = target(kind, target_id)
    return draw(access, idea, comment, "report")


@blueprint.post("/spaces/<space>/report/<kind>/<target_id>")
def send_report(space: str, kind: str, target_id: str) -> Response:
    """Report it."""
    reason = posted(ReportForm())["reason"]
    access, idea, comment = target(kind, target_id)
    back = place(idea, comment)
    if not current_actor().known:
        return sign_in_first("flag", {"kind": kind, "target_id": target_id, "reason": reason}, back)
    try:
        count_text(current_actor())
        raise_flag(current_actor(), kind, target_id, reason)
    except KEEPS_TEXT as problem:
        return draw(access, idea, comment, "report", reason, refusals(problem), problem.status)
    flash(WORDS["report"][4])
    return redirect(back, 303)


@blueprint.get("/spaces/<space>/moderate/<kind>/<target_id>")
def ask(space: str, kind: str, target_id: str) -> Response:
    """The form for a decision and its reason."""
    access, idea, comment = target(kind, target_id)
    require(current_actor(), access, "moderate")
    return draw(access, idea, comment, asked(DecisionQuery())["decision"])


@blueprint.post("/spaces/<space>/moderate/<kind>/<target_id>")
def decide(space: str, kind: str, target_id: str) -> Response:
    """Decide; without the reason it needs, ask for it."""
    values = posted(DecisionForm())
    decision, (access, idea, comment) = values["decision"], target(kind, target_id)
    reason = values["reason"] or reply_body(access.space.id, values["reply"])
    back = local_path(request.args.get("next", ""), place(idea, comment))
    try:
        settle_flags(current_actor(), kind, target_id, decision, reason, seen=values["seen"])
    except Conflict as problem:  # somebody was faster, or reads it now: the page shows how it stands
        flash(problem.sentence)
        return redirect(back, 303)
    except KEEPS_TEXT as problem:
        return draw(access, idea, comment, decision, reason, refusals(problem), problem.status)
    flash(WORDS[decision][4])
    return redirect(back, 303)


def report_kept(actor: Actor, content: dict[str, Any]) -> pending.Done:
    """Make a report that was begun before signing in."""
    try:
        raise_flag(actor, content["kind"], content["target_id"], content["reason"])
    except Conflict as problem:  # it turned out to be their own text
        return pending.Done(problem.sentence)
    return pending.Done(WORDS["report"][4])


def target(kind: str, target_id: str) -> tuple[Access, IdeaFact, CommentFact | None]:
    """The text, behind its room's gate: the idea, or the comment and the idea it is on."""
    actor = current_actor()
    if kind == COMMENT:
        return comment_access(actor, target_id)
    if kind != IDEA:
        raise NotFound()
    access, _plain = idea_access(actor, target_id)
    return access, get_idea(actor, target_id), None


def place(idea: IdeaFact, comment: CommentFact | None) -> str:
    """Where the text stands."""
    return idea_url(idea, _anchor=f"comment-{comment.id}") if comment else idea_url(idea)


def draw(
    access: Access,
    idea: IdeaFact,
    comment: CommentFact | None,
    what: str,
    reason: str = "",
    errors: Sequence[FieldError] = (),
    status: int = 200,
) -> Response:
    """The small form for *what*."""
    heading, button, tone, required, _after = WORDS[what]
    text = {"title": "" if comment else idea.title, "text": comment.body if comment else idea.body}
    form = {"heading": heading, "button": button, "tone": tone, "required": required, "hint": HINTS[what], **text}
    page = render_template(
        "moderation/reason.html",
        space=access.space,
        form=form,
        decision="" if what == "report" else what,
        reason=reason,
        errors=errors,
        back_url=local_path(request.args.get("next", ""), place(idea, comment)),
    )
    return make_response(page, status)
