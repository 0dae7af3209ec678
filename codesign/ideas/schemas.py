"""What ideas look like over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from codesign.ideas.facts import IdeaFact
from codesign.ideas.texts import LEAST_TITLE, MOST_BODY, MOST_EXTERNAL_ID, MOST_REASON, MOST_TAG, MOST_TAGS, MOST_TITLE
from codesign.kernel.contribution import STATES
from codesign.voting.schemas import TallySchema, tally_json
from codesign.web.api import ListQuery, NamedPerson, Strict, Switch, Time, Whole, page_of
from codesign.web.markdown import render

_ID = validate.Length(1, 40)


def _text(most: int, least: int = 0, **kwargs: Any) -> f.String:
    """A text that the service tidies first and measures then; the lengths here are for readers of the description."""
    return f.String(metadata={"minLength": least, "maxLength": most}, **kwargs)


class IdeaStatusSchema(Schema):
    """The team's state of an idea."""

    id = f.String(required=True)
    name = f.String(required=True)
    color = f.String(required=True)


class AnswerSchema(Schema):
    """The team's public answer."""

    body = f.String(required=True)
    body_html = f.String(required=True)
    at = Time(required=True)


class IdeaSchema(Schema):
    """An idea as this viewer may see it: `tally` is null where they may not see it."""

    id = f.String(required=True)
    space_id = f.String(required=True)
    slug = f.String(required=True)
    url = f.String(required=True)
    external_id = f.String(required=True, allow_none=True)
    title = f.String(required=True)
    body = f.String(required=True)
    body_html = f.String(required=True)
    state = f.String(required=True, validate=validate.OneOf(STATES))
    status = f.Nested(IdeaStatusSchema, required=True, allow_none=True)
    tags = f.List(f.String(), required=True)
    author = f.Nested(NamedPerson, required=True, allow_none=True)
    tally = f.Nested(TallySchema, required=True, allow_none=True)
    my_vote = f.Integer(required=True, allow_none=True, validate=validate.OneOf([-1, 0, 1]))
    comment_count = f.Integer(required=True)
    configuration_id = f.String(required=True, allow_none=True)
    merged_into = f.String(required=True, allow_none=True)
    answer = f.Nested(AnswerSchema, required=True, allow_none=True)
    version = f.Integer(required=True)
    created_at = Time(required=True)
    edited_at = Time(required=True, allow_none=True)


IdeaPageSchema = page_of(IdeaSchema, "IdeaPage")


class IdeasQuery(ListQuery):
    """Which ideas, in which order."""

    sort = f.String(load_default=None, validate=validate.Length(1, 64))
    status = f.String(load_default=None, validate=_ID)
    tag = f.String(load_default=None, validate=validate.Length(1, 100))
    author = f.String(load_default=None, validate=_ID)
    mine = Switch(load_default=False)
    voted = Switch(load_default=False)
    q = f.String(load_default=None, validate=validate.Length(max=200))
    external_id = f.String(load_default=None, validate=validate.Length(1, MOST_EXTERNAL_ID))
    state = f.String(load_default=None, validate=validate.Length(1, 16))


class NewIdeaInput(Strict):
    """The body of ``POST /spaces/{space}/ideas``."""

    title = _text(MOST_TITLE, LEAST_TITLE, required=True)
    body = _text(MOST_BODY, load_default="")
    tags = f.List(_text(MOST_TAG), load_default=list, metadata={"maxItems": MOST_TAGS})
    configuration_id = f.String(load_default=None, allow_none=True, validate=_ID)
    status = f.String(load_default=None, validate=_ID)
    external_id = f.String(load_default=None, validate=validate.Length(1, MOST_EXTERNAL_ID))


class IdeaPatch(Strict):
    """The body of ``PATCH /ideas/{idea}``: what is left out stays."""

    version = Whole(least=1)
    title = _text(MOST_TITLE, LEAST_TITLE)
    body = _text(MOST_BODY)
    tags = f.List(_text(MOST_TAG), metadata={"maxItems": MOST_TAGS})
    configuration_id = f.String(allow_none=True, validate=_ID)
    status = f.String(validate=_ID)


class HideInput(Strict):
    """Why something is hidden."""

    reason = _text(MOST_REASON, 1, required=True)


class PublishInput(Strict):
    """Why something is published."""

    reason = _text(MOST_REASON, load_default="")


class AnswerInput(Strict):
    """The body of ``PUT /ideas/{idea}/answer``."""

    body = _text(MOST_BODY, required=True)


class NothingInput(Strict):
    """No body, or an empty object."""


def answer_json(idea: IdeaFact) -> dict[str, Any] | None:
    """``Answer`` of the contract."""
    if idea.answer_body is None or idea.answer_at is None:
        return None
    return {"body": idea.answer_body, "body_html": str(render(idea.answer_body)), "at": idea.answer_at}


def idea_json(idea: IdeaFact) -> dict[str, Any]:
    """``Idea`` of the contract."""
    status, author = idea.status, {"id": idea.author_id, "name": idea.author_name or ""}
    return {
        "id": idea.id,
        "space_id": idea.space_id,
        "slug": idea.slug,
        "url": idea.path,
        "external_id": idea.external_id,
        "title": idea.title,
        "body": idea.body,
        "body_html": str(render(idea.body)),
        "state": idea.state,
        "status": {"id": status.id, "name": status.name, "color": status.color} if status else None,
        "tags": list(idea.tags),
        "author": author if idea.author_id else None,
        "tally": tally_json(idea.tally),
        "my_vote": idea.my_vote,
        "comment_count": idea.comment_count,
        "configuration_id": idea.configuration_id,
        "merged_into": idea.merged_into,
        "answer": answer_json(idea),
        "version": idea.version,
        "created_at": idea.created_at,
        "edited_at": idea.edited_at,
    }
