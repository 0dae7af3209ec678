"""What is done at the desk by a press: one change of one idea or of many, and taking it back. Works without scripts."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, request
from flask_babel import ngettext
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from codesign.comments.service import add_comment
from codesign.ideas.limits import count_text
from codesign.ideas.queries import get_ideas
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from codesign.kernel.text import _
from codesign.kernel.words import is_usable
from codesign.merging.preview import voters
from codesign.spaces.access import look
from codesign.triage.facts import Done
from codesign.triage.kinds import KINDS
from codesign.triage.pages.blueprint import blueprint
from codesign.triage.pages.desk import DEEDS, draw
from codesign.triage.pages.wishes import DeskQuery, DeskWish
from codesign.triage.queries import filtered_ids
from codesign.triage.service import FIELD, MERGE, SPLIT, change_ideas, undo_deed
from codesign.web.csrf import FIELD as TOKEN
from codesign.web.forms import Form, Line, Prose, asked, posted
from codesign.web.identity import current_actor

#: So many different reasons for what was left alone are told.
MOST_REASONS = 3


class ChangeForm(Form):
    """One thing to do (``verb``) with the value in the field of that name; ``every``: to all that the filter lets through."""

    verb = Line(required=True, validate=validate.OneOf(sorted(KINDS.keys() - {SPLIT})))
    seen = fields.Integer(load_default=None, validate=validate.Range(0, 2**53))
    every = fields.Boolean(truthy={"1"}, falsy={"0"}, load_default=False)
    status = Line(load_default="", validate=validate.Length(max=26))
    tag = Line(load_default="", validate=validate.Length(max=300))
    tags = Line(load_default="", validate=validate.Length(max=300))
    owner = Line(load_default="", validate=validate.Length(max=26))
    read = Line(load_default="1", validate=validate.Length(max=1))
    answer = Prose(load_default="")
    merge = Line(load_default="", validate=validate.Length(max=26))
    field = Line(load_default="", validate=validate.Length(max=32))
    value = Line(load_default="", validate=validate.Length(max=500))


@blueprint.post("/spaces/<space>/desk")
def change(space: str) -> Response:
    """Do one thing to the ideas that are ticked, or to all."""
    wish, ids = DeskWish(**asked(DeskQuery())), [each for each in request.form.getlist("idea") if is_usable(each)]
    sent = {name: value for name, value in request.form.to_dict().items() if name not in {"idea", TOKEN}}
    values = posted(ChangeForm(), sent)
    actor, name = current_actor(), values["verb"]
    with read():
        slug = look(actor, space, "moderate").space.slug
    try:
        ids = filtered_ids(actor, space, wish.filter) if values["every"] else ids
        if not ids:
            flash(_("Tick the ideas first."))
            return redirect(wish.url(slug), 303)
        done = change_ideas(actor, space, name, wished(space, values, ids), ids, values["seen"])
    except (Conflict, Forbidden, Invalid) as refusal:
        page = make_response(draw(actor, space, wish, refusal, sent | {"ideas": ids}))
        page.status_code = refusal.status
        return page
    tell(name, done)
    return redirect(wish.url(slug, anchor=_anchor(wish, ids)), 303)


def _anchor(wish: DeskWish, ids: list[str]) -> str | None:
    """Where the reader goes on: at the open idea, at the card that was moved."""
    return "panel" if wish.idea else f"row-{ids[0]}" if wish.board and len(ids) == 1 else None


def wished(space: str, values: dict[str, Any], ids: list[str]) -> Any:
    """The value that the thing to do takes, out of its field of the form."""
    name = values["verb"]
    if name == FIELD:
        return {"key": values["field"], "value": values["value"]}
    if name == MERGE and not values[MERGE] and len(ids) > 1:
        return most_wanted(space, ids)
    return values["tag" if name == "untag" else name]


def most_wanted(space: str, ids: list[str]) -> str:
    """Of several ideas the one that stays when they become one: it has the most voters, and is the oldest of those."""
    with read():
        ideas = get_ideas(look(current_actor(), space, "moderate"), ids).values()
    best = sorted(ideas, key=lambda idea: (-voters(idea), idea.id))
    return best[0].id if best else ""


def tell(name: str, done: Done) -> None:
    """Say what came of it, and why something was left alone."""
    if done.changed:
        what = DEEDS[name]
        count = ngettext("%(num)s idea", "%(num)s ideas", done.changed)
        flash(_("%(what)s: %(count)s.", what=what, count=count))
    elif not done.left:
        flash(_("Nothing to change there."))
    reasons = list(dict.fromkeys(each.reason for each in done.left))
    for reason in reasons[:MOST_REASONS]:
        count = sum(each.reason == reason for each in done.left)
        flash(ngettext("%(num)s left alone.", "%(num)s left alone.", count) + " " + reason)


@blueprint.post("/spaces/<space>/desk/deeds/<deed_id>/undo")
def undo(space: str, deed_id: str) -> Response:
    """Take back what was done, as far as nobody changed it since."""
    wish = DeskWish(**asked(DeskQuery()))
    posted(Form())
    done = undo_deed(current_actor(), space, deed_id)
    flash(_("Taken back: %(count)s.", count=ngettext("%(num)s idea", "%(num)s ideas", done.changed)))
    for reason in list(dict.fromkeys(each.reason for each in done.left))[:MOST_REASONS]:
        flash(reason)
    with read():
        slug = look(current_actor(), space, "moderate").space.slug
    return redirect(wish.url(slug), 303)


class NoteForm(Form):
    """What the team says among itself."""

    body = Prose(load_default="")


@blueprint.post("/spaces/<space>/desk/notes/<idea_id>")
def note(space: str, idea_id: str) -> Response:
    """Write an internal note beside the open idea."""
    wish, sent = DeskWish(**asked(DeskQuery())), request.form.to_dict()
    actor = current_actor()
    with read():
        access = look(actor, space, "moderate")
        if idea_id not in get_ideas(access, [idea_id]):
            raise NotFound()
    count_text(actor)
    try:
        add_comment(actor, idea_id, posted(NoteForm())["body"], internal=True)
    except (Conflict, Invalid) as refusal:
        page = make_response(draw(actor, space, wish, refusal, sent | {"ideas": [idea_id]}))
        page.status_code = refusal.status
        return page
    flash(_("The note is kept. Only the team sees it."))
    return redirect(wish.url(access.space.slug, idea=idea_id, anchor="notes"), 303)
