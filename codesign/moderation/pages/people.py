"""Beside the queue: what an author has written here, canned replies, the appeal of an author, the public count."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import validate
from werkzeug.wrappers import Response

from codesign.comments.queries import comments_by, find_comment
from codesign.events import log
from codesign.ideas.queries import find_idea, ideas_by
from codesign.ideas.views import idea_url
from codesign.kernel.db import read
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _
from codesign.moderation import desk, transparency
from codesign.moderation.appeals import appeal
from codesign.moderation.facts import COMMENT, KINDS
from codesign.moderation.pages.blueprint import blueprint
from codesign.spaces.access import look
from codesign.web.forms import Form, Line, Prose, posted
from codesign.web.identity import current_actor

#: So many of an author's last texts are listed.
MOST = 50


class ReplyForm(Form):
    """A canned reply."""

    title = Line(load_default="", validate=validate.Length(max=200))
    body = Prose(load_default="")


@blueprint.get("/spaces/<space>/queue/authors/<person_id>")
def author(space: str, person_id: str) -> str:
    """What somebody has written in this space, and what became of it."""
    with read():
        access = look(current_actor(), space, "moderate")
        ideas, comments = ideas_by(access, person_id, MOST), comments_by(access, person_id, MOST)
        seq = log.head(access.space.id)
    both: list[Any] = [*ideas, *comments]
    texts = sorted(both, key=lambda text: text.id, reverse=True)[:MOST]
    if not texts:
        raise NotFound(_("This person has written nothing here."))
    return render_template(
        "moderation/author.html",
        space=access.space,
        seq=seq,
        active="queue",
        name=next((text.author_name for text in texts if text.author_name), ""),
        texts=texts,
        idea_url=idea_url,
    )


@blueprint.get("/spaces/<space>/queue/replies")
def canned(space: str) -> str:
    """The reasons that are given often."""
    access = look(current_actor(), space, "moderate")
    replies = desk.replies(access.space.id)
    return render_template("moderation/replies.html", space=access.space, active="queue", replies=replies)


@blueprint.post("/spaces/<space>/queue/replies")
def add_canned(space: str) -> Response:
    """Keep one more."""
    values = posted(ReplyForm())
    desk.add_reply(current_actor(), space, values["title"], values["body"])
    return redirect(url_for("moderation.canned", space=space), 303)


@blueprint.post("/spaces/<space>/queue/replies/<reply_id>/remove")
def remove_canned(space: str, reply_id: str) -> Response:
    """Take one away."""
    posted(Form())
    desk.remove_reply(current_actor(), space, reply_id)
    return redirect(url_for("moderation.canned", space=space), 303)


@blueprint.post("/spaces/<space>/appeal/<kind>/<target_id>")
def ask_again(space: str, kind: str, target_id: str) -> Response:
    """The author asks another moderator to look again."""
    posted(Form())
    if kind not in KINDS:
        raise NotFound()
    appeal(current_actor(), kind, target_id)
    flash(_("Another moderator looks at it."))
    found = find_comment(current_actor(), target_id) if kind == COMMENT else find_idea(current_actor(), target_id)
    anchor = {"_anchor": f"comment-{target_id}"} if kind == COMMENT else {}
    return redirect(idea_url(found[1], **anchor), 303)


@blueprint.get("/spaces/<space>/moderation")
def numbers(space: str) -> str:
    """What moderators did here, month by month and one by one; for everybody who may see the space."""
    with read():
        access = look(current_actor(), space)
        months, seq = transparency.months(access.space.id), log.head(access.space.id)
        last = transparency.decisions(access.space.id)
    return render_template(
        "moderation/numbers.html", space=access.space, seq=seq, active="about", months=months, last=last
    )
