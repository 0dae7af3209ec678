"""What comments look like over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from codesign.comments.facts import CommentFact
from codesign.comments.service import MOST_COMMENT
from codesign.kernel.contribution import STATES
from codesign.web.api import ListQuery, NamedPerson, Strict, Time, Truth, Whole, page_of
from codesign.web.markdown import render

_BODY = {"minLength": 1, "maxLength": MOST_COMMENT}


class CommentSchema(Schema):
    """A comment as this viewer may read it; what is gone has no text and no author."""

    id = f.String(required=True)
    idea_id = f.String(required=True)
    parent_id = f.String(required=True, allow_none=True)
    body = f.String(required=True)
    body_html = f.String(required=True)
    state = f.String(required=True, validate=validate.OneOf(STATES))
    internal = f.Boolean(required=True)
    author = f.Nested(NamedPerson, required=True, allow_none=True)
    version = f.Integer(required=True)
    created_at = Time(required=True)
    edited_at = Time(required=True, allow_none=True)


CommentPageSchema = page_of(CommentSchema, "CommentPage")


class CommentsQuery(ListQuery):
    """Which page of the comments."""


class NewCommentInput(Strict):
    """The body of ``POST /ideas/{idea}/comments``."""

    body = f.String(required=True, metadata=_BODY)
    parent_id = f.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    internal = Truth(load_default=False)


class CommentPatch(Strict):
    """The body of ``PATCH /comments/{comment}``."""

    version = Whole(least=1)
    body = f.String(required=True, metadata=_BODY)


def comment_json(comment: CommentFact) -> dict[str, Any]:
    """``Comment`` of the contract."""
    return {
        "id": comment.id,
        "idea_id": comment.idea_id,
        "parent_id": comment.parent_id,
        "body": comment.body,
        "body_html": str(render(comment.body)),
        "state": comment.state,
        "internal": comment.internal,
        "author": {"id": comment.author_id, "name": comment.author_name or ""} if comment.author_id else None,
        "version": comment.version,
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
    }
