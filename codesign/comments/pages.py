"""Doors to comments for pages: say, change, take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from codesign.accounts import pending
from codesign.accounts.detour import is_stranger, sign_in_first
from codesign.comments.facts import CommentFact
from codesign.comments.queries import comment_access, find_comment
from codesign.comments.service import add_comment, edit_comment, remove_comment
from codesign.ideas.facts import IdeaFact
from codesign.ideas.limits import count_text
from codesign.ideas.queries import idea_access
from codesign.ideas.views import idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, Signs
from codesign.kernel.errors import Conflict, FieldError, Forbidden
from codesign.kernel.text import _
from codesign.pictures.ports import ports as pictures
from codesign.pictures.taking import PictureForm, drop_picture, take_picture
from codesign.spaces.facts import Access
from codesign.web.bodies import takes_files
from codesign.web.drafts import note_stored
from codesign.web.forms import KEEPS_TEXT, Form, Line, Prose, posted, refusals
from codesign.web.identity import current_actor, ensure_actor
from codesign.web.signs import signs_of_form

blueprint = Blueprint("comments", __name__, template_folder="templates")


class CommentForm(PictureForm):
    """Saying something."""

    body = Prose(load_default="")
    parent_id = Line(load_default=None, validate=validate.Length(max=26))
    internal = fields.Boolean(truthy={"1"}, falsy={"0"}, load_default=False)


class EditForm(PictureForm):
    """Changing it; the version the writer began with."""

    body = Prose(load_default="")
    version = fields.Integer(required=True)


def install(app: object, settings: object) -> None:
    """Say how a comment is made that was begun before signing in."""
    pending.register("comment", add_kept)
    pictures.gates["comment"] = find_comment


@blueprint.post("/spaces/<space>/ideas/<idea_id>/comments")
@takes_files
def add(space: str, idea_id: str) -> Response:
    """Say something and come back to it."""
    values, actor = posted(CommentForm()), current_actor()
    access, idea = idea_access(actor, idea_id)
    if not access.may("comment") and is_stranger(actor):
        drop_picture(values)
        return sign_in_first("comment", {"idea_id": idea_id, **values}, idea_url(idea, _anchor="comments"))
    try:
        take_picture(ensure_actor(), access.space.id, values)
        comment = store(ensure_actor(), idea_id, values, signs_of_form())
    except KEEPS_TEXT as problem:
        return again(access, idea, values, refusals(problem), problem.status)
    return redirect(said(idea, comment), 303)


@blueprint.get("/spaces/<space>/comments/<comment_id>/edit")
def edit(space: str, comment_id: str) -> Response:
    """The form with the words as they are."""
    access, idea, comment = mine_or_ours(comment_id)
    return draw(access, idea, comment, comment.body)


@blueprint.post("/spaces/<space>/comments/<comment_id>/edit")
@takes_files
def save(space: str, comment_id: str) -> Response:
    """Save; when somebody was faster, show both texts."""
    access, idea, comment = mine_or_ours(comment_id)
    values = posted(EditForm())
    try:
        take_picture(current_actor(), access.space.id, values)
        edit_comment(current_actor(), comment_id, values["version"], body=values["body"], signs=signs_of_form())
    except Conflict:
        return draw(access, idea, comment, values["body"], theirs=comment.body, status=409)
    except KEEPS_TEXT as problem:
        return draw(access, idea, comment, values["body"], errors=refusals(problem), status=problem.status)
    note_stored(f"comment-{comment_id}")
    return redirect(idea_url(idea, _anchor=f"comment-{comment_id}"), 303)


@blueprint.post("/spaces/<space>/comments/<comment_id>/delete")
def remove(space: str, comment_id: str) -> Response:
    """Take it away; a mark stays."""
    posted(Form())
    _access, idea, _comment = comment_access(current_actor(), comment_id)
    remove_comment(current_actor(), comment_id)
    flash(_("The comment is deleted."))
    return redirect(idea_url(idea, _anchor="comments"), 303)


def store(actor: Actor, idea_id: str, values: dict[str, Any], signs: Signs | None = None) -> CommentFact:
    """Call the verb with what the form held."""
    count_text(actor)
    return add_comment(actor, idea_id, **values, signs=signs)


def add_kept(actor: Actor, content: dict[str, Any]) -> pending.Done:
    """Make a comment that waited for its author."""
    _access, idea = idea_access(actor, content["idea_id"])
    comment = store(actor, content.pop("idea_id"), content)
    return pending.Done(_("Your comment is published."), said(idea, comment))


def said(idea: IdeaFact, comment: CommentFact) -> str:
    """Where a new comment stands; its draft may go."""
    note_stored(f"reply-{comment.parent_id}" if comment.parent_id else f"say-{idea.id}")
    if comment.state == HELD:
        flash(_("Thank you. A moderator reads this first. Only you see it until then."))
    return idea_url(idea, _anchor=f"comment-{comment.id}")


def mine_or_ours(comment_id: str) -> tuple[Access, IdeaFact, CommentFact]:
    """The comment, for its author and moderators; raises Forbidden for others."""
    actor = current_actor()
    access, idea, comment = comment_access(actor, comment_id)
    if not (access.may("moderate") or (actor.known and comment.author_id == actor.person_id)):
        raise Forbidden(_("Only its author and moderators can change a comment."))
    return access, idea, comment


def again(
    access: Access, idea: IdeaFact, values: dict[str, Any], errors: Sequence[FieldError], status: int
) -> Response:
    """The words that were refused, with what to fix."""
    action = url_for("comments.add", space=access.space.slug, idea_id=idea.id)
    page = render_template(
        "comments/again.html", space=access.space, action=action, words=values, errors=errors, idea_url=idea_url(idea)
    )
    return make_response(page, status)


def draw(
    access: Access,
    idea: IdeaFact,
    comment: CommentFact,
    body: str,
    *,
    theirs: str | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 200,
) -> Response:
    """The form as it stands; *theirs* is what somebody else saved meanwhile."""
    here: dict[str, Any] = {"space": access.space.slug, "comment_id": comment.id}
    page = render_template(
        "comments/edit.html",
        space=access.space,
        comment=comment,
        body=body,
        theirs=theirs,
        errors=errors,
        action=url_for("comments.save", **here),
        remove_action=url_for("comments.remove", **here),
        idea_url=idea_url(idea),
    )
    return make_response(page, status)
