"""What a roadmap looks like over the wire, and what its forms hold."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from codesign.ideas.schemas import IdeaSchema, idea_json
from codesign.roadmap.facts import ColumnFact, ReleaseFact, Roadmap
from codesign.roadmap.outcome import PARTS, Outcome
from codesign.roadmap.queries import SHOWN
from codesign.roadmap.releases import LONGEST_BODY, LONGEST_TITLE, MOST_IDEAS
from codesign.roadmap.service import LONGEST_NAME, MOST
from codesign.web.api import Limit, ListQuery, Strict, Time, Truth, Whole, page_of
from codesign.web.forms import Form, Line, Prose, Query
from codesign.web.markdown import render

_ID = validate.Length(1, 40)
_NAME = validate.Length(1, LONGEST_NAME)
_STATUSES: dict[str, Any] = {"validate": validate.Length(max=30)}


# --- Input ------------------------------------------------------------------------------------------------------------


class RoadmapQuery(Strict):
    """How many ideas of each column."""

    limit = Limit(most=50, default=SHOWN)


class ColumnInput(Strict):
    """The body of ``POST /spaces/{space}/roadmap/columns``."""

    name = f.String(required=True, validate=_NAME)
    status_ids = f.List(f.String(validate=_ID), load_default=list, **_STATUSES)
    public = Truth(load_default=True)


class ColumnPatch(Strict):
    """The body of ``PATCH …/columns/{column}``: what is left out stays; ``position`` counts from 0."""

    name = f.String(validate=_NAME)
    status_ids = f.List(f.String(validate=_ID), **_STATUSES)
    public = Truth()
    position = Whole(least=0, most=MOST)


# --- Output -----------------------------------------------------------------------------------------------------------


class RoadmapColumnSchema(Schema):
    """A column: ideas whose status is one of `status_ids` stand in it."""

    id = f.String(required=True)
    name = f.String(required=True)
    status_ids = f.List(f.String(), required=True)
    public = f.Boolean(required=True)


class FilledColumnSchema(RoadmapColumnSchema):
    """A column with how many ideas stand in it and the first of them: most wanted first, newest while counts are hidden."""

    count = f.Integer(required=True)
    ideas = f.List(f.Nested(IdeaSchema), required=True)


class RoadmapSchema(Schema):
    """The roadmap of a space; columns that only the team sees are left out for others."""

    columns = f.List(f.Nested(FilledColumnSchema), required=True)
    seq = f.Integer(required=True)


def column_json(column: ColumnFact) -> dict[str, Any]:
    """``RoadmapColumn`` of the contract."""
    return {"id": column.id, "name": column.name, "status_ids": list(column.status_ids), "public": column.public}


def roadmap_json(found: Roadmap) -> dict[str, Any]:
    """``Roadmap`` of the contract."""
    columns = [
        {**column_json(each.column), "count": each.count, "ideas": [idea_json(idea) for idea in each.ideas]}
        for each in found.columns
    ]
    return {"columns": columns, "seq": found.seq}


# --- Releases ---------------------------------------------------------------------------------------------------------


class NewReleaseInput(Strict):
    """The body of ``POST /spaces/{space}/releases``: a draft, in Markdown, with the ideas it brings."""

    title = f.String(required=True, validate=validate.Length(2, LONGEST_TITLE))
    body = f.String(load_default="", validate=validate.Length(max=LONGEST_BODY))
    idea_ids = f.List(f.String(validate=_ID), load_default=list, validate=validate.Length(max=MOST_IDEAS))


class ReleasePatch(Strict):
    """The body of ``PATCH /releases/{release}``: what is left out stays."""

    version = Whole(least=1)
    title = f.String(validate=validate.Length(2, LONGEST_TITLE))
    body = f.String(validate=validate.Length(max=LONGEST_BODY))
    idea_ids = f.List(f.String(validate=_ID), validate=validate.Length(max=MOST_IDEAS))


class PublishReleaseInput(Strict):
    """The body of ``POST /releases/{release}/publish``: with ``version``, a stale one is refused."""

    version = Whole(least=1, load_default=None)


class ReleasesQuery(ListQuery):
    """Which page of the changelog."""


class ReleaseSchema(Schema):
    """What the team brought out; `published_at` is null for a draft."""

    id = f.String(required=True)
    space_id = f.String(required=True)
    url = f.String(required=True)
    title = f.String(required=True)
    body = f.String(required=True)
    body_html = f.String(required=True)
    version = f.Integer(required=True)
    idea_ids = f.List(f.String(), required=True)
    created_at = Time(required=True)
    changed_at = Time(required=True)
    published_at = Time(required=True, allow_none=True)


ReleasePageSchema = page_of(ReleaseSchema, "ReleasePage")


def release_json(release: ReleaseFact) -> dict[str, Any]:
    """``Release`` of the contract."""
    return {
        "id": release.id, "space_id": release.space_id, "url": release.path, "title": release.title,
        "body": release.body, "body_html": str(render(release.body)), "version": release.version,
        "idea_ids": [idea.id for idea in release.ideas], "created_at": release.created_at,
        "changed_at": release.changed_at, "published_at": release.published_at,
    }  # fmt: skip


# --- What came of it --------------------------------------------------------------------------------------------------


class OutcomePartSchema(Schema):
    """A number of ideas, and in how many days half of them got there, as far as the log tells."""

    count = f.Integer(required=True)
    median_days = f.Float(required=True, allow_none=True)


OutcomeSchema: type[Schema] = type(
    "OutcomeSchema",
    (Schema,),
    {
        "__doc__": "What came of the ideas of a space. `kept` and `broken`: answered within `days`, or not.",
        **{name: f.Nested(OutcomePartSchema, required=True) for name in PARTS},
        "days": f.Integer(required=True),
        "in_time_percent": f.Integer(required=True, allow_none=True),
        "replies": f.Integer(required=True),
        "comments": f.Integer(required=True),
        "seq": f.Integer(required=True),
    },
)


def outcome_json(found: Outcome) -> dict[str, Any]:
    """``Outcome`` of the contract."""
    parts = {name: {"count": part.count, "median_days": part.median} for name, part in found.parts.items()}
    more = {"days": found.days, "in_time_percent": found.share, "replies": found.replies, "comments": found.comments}
    return {**parts, **more, "seq": found.seq}


# --- Pages ------------------------------------------------------------------------------------------------------------


class TabQuery(Query):
    """Which column a phone shows."""

    column = f.String(load_default="", validate=validate.Length(max=40))


class ColumnForm(Form):
    """A column; its statuses are ticked."""

    name = Line(required=True, validate=_NAME)
    public = f.String(load_default="")
    status_ids = f.List(f.String(validate=_ID), load_default=list)


class PlaceForm(Form):
    """The place of a column, from 0."""

    position = f.Integer(required=True, validate=validate.Range(0, MOST))


class ReleaseForm(Form):
    """A release; the ideas it brings are ticked. ``act`` is the button."""

    version = f.Integer(load_default=None, allow_none=True)
    title = Line(required=True, validate=validate.Length(2, LONGEST_TITLE))
    body = Prose(load_default="", validate=validate.Length(max=LONGEST_BODY))
    idea_ids = f.List(f.String(validate=_ID), load_default=list)
    act = f.String(load_default="keep", validate=validate.OneOf(["keep", "publish"]))


class PlaceQuery(Query):
    """Which page of the changelog."""

    cursor = f.String(load_default=None, validate=validate.Length(max=1000))
