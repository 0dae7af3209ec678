"""Splitting an idea in two at the desk: what the new one says, which comments go along, and whether its voters do."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from codesign.comments.queries import first_comments
from codesign.events.log import head
from codesign.ideas.queries import get_ideas
from codesign.ideas.views import idea_url
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, FieldError, NotFound
from codesign.kernel.text import _
from codesign.merging.preview import voters
from codesign.spaces.access import look
from codesign.triage.filters import ALL
from codesign.triage.pages.blueprint import blueprint
from codesign.triage.pages.wishes import DeskWish
from codesign.triage.service import SPLIT, change_ideas
from codesign.web.forms import KEEPS_TEXT, Form, Line, Prose, posted, refusals
from codesign.web.identity import current_actor


class SplitForm(Form):
    """The new idea; ``seen`` is the number of the log the form was drawn at."""

    title = Line(load_default="", validate=validate.Length(max=300))
    body = Prose(load_default="")
    tags = Line(load_default="", validate=validate.Length(max=300))
    comments = fields.List(Line(validate=validate.Length(max=26)), load_default=list)
    votes = Line(load_default="both", validate=validate.OneOf(["both", "stay"]))
    seen = fields.Integer(load_default=None, validate=validate.Range(0, 2**53))


@blueprint.get("/spaces/<space>/desk/ideas/<idea_id>/split")
def split_form(space: str, idea_id: str) -> Response:
    """What the new idea should be."""
    return draw_split(space, idea_id, {})


@blueprint.post("/spaces/<space>/desk/ideas/<idea_id>/split")
def split(space: str, idea_id: str) -> Response:
    """Split, and show the new idea at the desk, where one press takes it back."""
    sent = {**request.form.to_dict(), "comments": request.form.getlist("comments")}
    try:
        values = posted(SplitForm(), sent)
        wish = {**values, "tags": values["tags"].split(","), "with_votes": values["votes"] == "both"}
        done = change_ideas(current_actor(), space, SPLIT, wish, [idea_id], values["seen"])
    except (*KEEPS_TEXT, Conflict) as problem:
        return draw_split(space, idea_id, sent, refusals(problem), problem.status)
    if done.deed is None:
        raise NotFound()
    flash(_("Split: “%(title)s” stands by itself now. Undo makes them one again.", title=done.deed.wish["title"]))
    here = DeskWish(inbox=ALL, idea=done.deed.wish["offshoot_id"])
    return redirect(here.url(space, anchor="panel"), 303)


def draw_split(
    space: str, idea_id: str, typed: dict[str, Any], errors: tuple[FieldError, ...] = (), status: int = 200
) -> Response:
    """The form beside what there is to split."""
    with read():
        access = look(current_actor(), space, "moderate")
        idea = get_ideas(access, [idea_id]).get(idea_id)
        if idea is None:
            raise NotFound()
        comments, seq = first_comments(access, idea_id), head(access.space.id)
    words = {"title": "", "body": "", "tags": ", ".join(idea.tags), "comments": [], "votes": "both", **typed}
    page = render_template(
        "triage/split.html", space=access.space, active="desk", idea=idea, voters=voters(idea), comments=comments,
        seq=seq, words=words, errors=errors, idea_url=idea_url(idea),
        action=url_for("triage.split", space=access.space.slug, idea_id=idea.id),
        back_url=DeskWish(inbox=ALL, idea=idea.id).url(access.space.slug, anchor="panel"),
    )  # fmt: skip
    return make_response(page, status)
