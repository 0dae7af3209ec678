"""What ideas look like over the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from codesign.ideas.asked import Matches
from codesign.ideas.facts import IdeaFact
from codesign.ideas.texts import (
    LEAST_TITLE,
    MOST_BODY,
    MOST_EXTERNAL_ID,
    MOST_GROUP,
    MOST_REASON,
    MOST_TAG,
    MOST_TAGS,
    MOST_TITLE,
)
from codesign.kernel.contribution import STATES
from codesign.voting.schemas import TallySchema, tally_json
from codesign.web.api import Limit, ListQuery, NamedPerson, Strict, Switch, Time, Whole, page_of
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
    for_product_id = f.String(required=True, allow_none=True)
    for_group = f.String(required=True, allow_none=True)
    merged_into = f.String(required=True, allow_none=True)
    answer = f.Nested(AnswerSchema, required=True, allow_none=True)
    version = f.Integer(required=True)
    created_at = Time(required=True)
    edited_at = Time(required=True, allow_none=True)


class FoundHitSchema(Schema):
    """Where a plugin found something: `marks` are the parts of the plain text `snippet` to highlight, as `[start, end]`."""

    idea_id = f.String(required=True)
    kind = f.String(required=True)
    id = f.String(required=True)
    snippet = f.String(required=True)
    marks = f.List(f.List(f.Integer()), required=True)


class FacetSchema(Schema):
    """One way to narrow a search: the filter `field` (`status`, `tag`, `author`) and its `value`."""

    field = f.String(required=True)
    value = f.String(required=True)
    label = f.String(required=True)
    count = f.Integer(required=True)


class FoundSchema(Schema):
    """What a plugin that searched says beside the ideas of this page."""

    plugin = f.String(required=True)
    did_you_mean = f.String(required=True)
    facets = f.List(f.Nested(FacetSchema), required=True)
    hits = f.List(f.Nested(FoundHitSchema), required=True)


IdeaPageSchema = page_of(IdeaSchema, "IdeaPage", found=f.Nested(FoundSchema))


class SimilarInput(Strict):
    """A text to find look-alikes of, and an idea to leave out."""

    text = f.String(required=True, validate=validate.Length(3, 1000))
    skip = f.String(load_default=None, validate=_ID)
    limit = Limit(most=20, default=5)


class LookalikeSchema(Schema):
    """An idea and how much it is like the text: 1 is the same words in its title."""

    idea = f.Nested(IdeaSchema, required=True)
    likeness = f.Float(required=True)


class LookalikesSchema(Schema):
    """Look-alikes, best first."""

    items = f.List(f.Nested(LookalikeSchema), required=True)


class IdeasQuery(ListQuery):
    """Which ideas, in which order."""

    sort = f.String(load_default=None, validate=validate.Length(1, 64))
    status = f.String(load_default=None, validate=_ID)
    tag = f.String(load_default=None, validate=validate.Length(1, 100))
    author = f.String(load_default=None, validate=_ID)
    mine = Switch(load_default=False)
    voted = Switch(load_default=False)
    composed = Switch(load_default=False)
    for_product = f.String(load_default=None, validate=_ID)
    q = f.String(load_default=None, validate=validate.Length(max=200))
    external_id = f.String(load_default=None, validate=validate.Length(1, MOST_EXTERNAL_ID))
    state = f.String(load_default=None, validate=validate.Length(1, 16))


class NewIdeaInput(Strict):
    """The body of ``POST /spaces/{space}/ideas``."""

    title = _text(MOST_TITLE, LEAST_TITLE, required=True)
    body = _text(MOST_BODY, load_default="")
    tags = f.List(_text(MOST_TAG), load_default=list, metadata={"maxItems": MOST_TAGS})
    configuration_id = f.String(load_default=None, allow_none=True, validate=_ID)
    for_product_id = f.String(load_default=None, allow_none=True, validate=_ID)
    for_group = f.String(load_default=None, allow_none=True, validate=validate.Length(1, MOST_GROUP))
    status = f.String(load_default=None, validate=_ID)
    external_id = f.String(load_default=None, validate=validate.Length(1, MOST_EXTERNAL_ID))


class IdeaPatch(Strict):
    """The body of ``PATCH /ideas/{idea}``: what is left out stays."""

    version = Whole(least=1)
    title = _text(MOST_TITLE, LEAST_TITLE)
    body = _text(MOST_BODY)
    tags = f.List(_text(MOST_TAG), metadata={"maxItems": MOST_TAGS})
    configuration_id = f.String(allow_none=True, validate=_ID)
    for_product_id = f.String(allow_none=True, validate=_ID)
    for_group = f.String(allow_none=True, validate=validate.Length(1, MOST_GROUP))
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


def found_json(matches: Matches, ideas: Iterable[IdeaFact]) -> dict[str, Any]:
    """What a plugin found on one page of a list."""
    hits = [(idea.id, hit) for idea in ideas for hit in matches.ideas.get(idea.id, ())]
    facets = [{"field": x.field, "value": x.value, "label": x.label, "count": x.count} for x in matches.facets]
    return {
        "plugin": matches.plugin,
        "did_you_mean": matches.did_you_mean,
        "facets": facets,
        "hits": [
            {
                "idea_id": i,
                "kind": hit.kind,
                "id": hit.id,
                "snippet": hit.snippet,
                "marks": [list(m) for m in hit.marks],
            }
            for i, hit in hits
        ],
    }


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
        "for_product_id": idea.for_product_id,
        "for_group": idea.for_group,
        "merged_into": idea.merged_into,
        "answer": answer_json(idea),
        "version": idea.version,
        "created_at": idea.created_at,
        "edited_at": idea.edited_at,
    }
