"""JSON doors of comments."""

from __future__ import annotations

from typing import Any

from codesign.comments import queries, service
from codesign.comments.schemas import (
    CommentPageSchema,
    CommentPatch,
    CommentSchema,
    CommentsQuery,
    NewCommentInput,
    comment_json,
)
from codesign.ideas.limits import count_text
from codesign.ideas.queries import idea_access
from codesign.ideas.schemas import HideInput, PublishInput
from codesign.kernel.db import read
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("comments_api", __name__, description="Comments")


@blueprint.route("/ideas/<idea>/comments", methods=["GET"])
@blueprint.arguments(CommentsQuery, location="query")
@blueprint.response(200, CommentPageSchema)
def list_comments(query: dict[str, Any], idea: str) -> dict[str, Any]:
    """What people said about an idea, in the order they said it; internal notes are for the team."""
    with read():
        access, _idea = idea_access(current_actor(), idea)
        page = queries.list_comments(access, idea, limit=query["limit"], cursor=query["cursor"])
    return {"items": [comment_json(comment) for comment in page.items], "next": page.next, "seq": page.seq}


@blueprint.route("/ideas/<idea>/comments", methods=["POST"])
@blueprint.arguments(NewCommentInput)
@blueprint.response(201, CommentSchema)
def add_comment(content: dict[str, Any], idea: str) -> dict[str, Any]:
    """Say something, or answer a comment of the first level. `internal` notes are for the team."""
    actor = current_actor()
    count_text(actor)
    return comment_json(service.add_comment(actor, idea, **content))


@blueprint.route("/comments/<comment>", methods=["PATCH"])
@blueprint.arguments(CommentPatch)
@blueprint.response(200, CommentSchema)
def edit_comment(content: dict[str, Any], comment: str) -> dict[str, Any]:
    """Change a comment: its author, and the team. With `version`, a stale one is refused."""
    return comment_json(service.edit_comment(current_actor(), comment, **content))


@blueprint.route("/comments/<comment>", methods=["DELETE"])
@blueprint.response(204)
def remove_comment(comment: str) -> None:
    """Take a comment away; the answers to it stay."""
    service.remove_comment(current_actor(), comment)


@blueprint.route("/comments/<comment>/hide", methods=["POST"])
@blueprint.arguments(HideInput)
@blueprint.response(200, CommentSchema)
def hide_comment(content: dict[str, Any], comment: str) -> dict[str, Any]:
    """Let only its author and the team read a comment. For moderators; reversible."""
    return comment_json(service.hide_comment(current_actor(), comment, content["reason"]))


@blueprint.route("/comments/<comment>/publish", methods=["POST"])
@blueprint.arguments(PublishInput)
@blueprint.response(200, CommentSchema)
def publish_comment(content: dict[str, Any], comment: str) -> dict[str, Any]:
    """Let everybody read a comment that was held or hidden. For moderators."""
    return comment_json(service.publish_comment(current_actor(), comment, content["reason"]))
