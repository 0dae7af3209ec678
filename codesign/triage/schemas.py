"""What the desk looks like over the wire."""

from __future__ import annotations

from typing import Any

import orjson
from marshmallow import Schema, ValidationError, validate
from marshmallow import fields as f

from codesign.ideas.schemas import IdeaSchema, idea_json
from codesign.kernel.text import _
from codesign.triage.facts import Done
from codesign.triage.fields import LARGEST
from codesign.triage.filters import FRESH
from codesign.triage.kinds import KINDS
from codesign.triage.queries import MOST_ROWS, ROWS, DeskRow
from codesign.triage.what_if import Outcome
from codesign.web.api import Limit, NamedPerson, Strict, Time, Truth, Whole, page_of


def _word(most: int, default: str = "") -> f.String:
    return f.String(load_default=default, validate=validate.Length(max=most))


class DeskFilterInput(Strict):
    """Which ideas, in which order: as the address of the desk says it."""

    inbox = _word(16, FRESH)
    q = _word(200)
    status = _word(26)
    tag = _word(40)
    owner = _word(26)
    answered = f.String(load_default="", validate=validate.OneOf(["", "yes", "no"]))
    where = _word(200)
    sort = _word(80)


class DeskRowsQuery(DeskFilterInput):
    """One page of them."""

    limit = Limit(most=MOST_ROWS, default=ROWS)
    cursor = f.String(load_default=None, validate=validate.Length(1, 1000))


class DeskScoreSchema(Schema):
    """A score with its parts."""

    rule = f.String(required=True)
    value = f.Float(required=True)
    parts = f.List(f.Dict(), required=True)


class DeskRowSchema(Schema):
    """One idea with what the team keeps of it: `fields` by key."""

    idea = f.Nested(IdeaSchema, required=True)
    owner = f.Nested(NamedPerson, required=True, allow_none=True)
    read_at = Time(required=True, allow_none=True)
    votes_week = f.Integer(required=True)
    scores = f.List(f.Nested(DeskScoreSchema), required=True)
    fields_ = f.Dict(required=True, data_key="fields")


DeskPageSchema = page_of(DeskRowSchema, "DeskPage")


class InboxSchema(Schema):
    """How many ideas wait in each inbox; counting ends at 1,000. `held` counts texts in the queue of moderators."""

    new = f.Integer(required=True)
    alike = f.Integer(required=True)
    unanswered = f.Integer(required=True)
    surging = f.Integer(required=True)
    mentioned = f.Integer(required=True)
    mine = f.Integer(required=True)
    held = f.Integer(required=True)


class JsonWord(f.Field):
    """A JSON object in an address."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            found = orjson.loads(value)
        except (orjson.JSONDecodeError, TypeError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(each, str | int | float) for each in found.values()):
            raise ValidationError(str(_("This is a JSON object of words and numbers.")))
        return found


class JsonNumbers(JsonWord):
    """One with numbers alone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        found = super()._deserialize(value, attr, data, **kwargs)
        if not all(type(each) in {int, float} and abs(each) <= LARGEST for each in found.values()):
            raise ValidationError(str(_("This is a JSON object of numbers.")))
        return found


class WhatIfQuery(Strict):
    """What is tried: a rule, its settings, and fields of one idea by key, both as JSON objects."""

    rule = _word(64)
    settings = JsonWord(load_default=dict)
    idea = _word(26)
    fields_ = JsonNumbers(load_default=dict, data_key="fields", attribute="fields")


class TriedSettingSchema(Schema):
    """A setting that can be tried, and its value in force."""

    name = f.String(required=True)
    kind = f.String(required=True)
    value = f.Raw(required=True, allow_none=True)


class TriedIdeaSchema(Schema):
    """One idea: its place and score in the order that would be, and those it has now; `needs` are fields it lacks."""

    idea_id = f.String(required=True)
    title = f.String(required=True)
    place = f.Integer(required=True)
    value = f.Float(required=True, allow_none=True)
    needs = f.List(f.String(), required=True)
    place_now = f.Integer(required=True, allow_none=True)
    value_now = f.Float(required=True, allow_none=True)


class WhatIfSchema(Schema):
    """The first 50 of the order that would be, among `looked_at` ideas. `rules` can be tried, `rule` is the one that was (null
    where there is none), with its `settings`; `fields` are the keys it counts with."""

    rules = f.List(f.String(), required=True)
    rule = f.String(required=True, allow_none=True)
    settings = f.List(f.Nested(TriedSettingSchema), required=True)
    fields_ = f.List(f.String(), required=True, data_key="fields")
    looked_at = f.Integer(required=True)
    items = f.List(f.Nested(TriedIdeaSchema), required=True)


class ChangeInput(Strict):
    """One thing to do (`verb`) with a value, to ideas by id or to all that a filter lets through. With `seen` (a number of the
    log), what somebody else changed after it is left alone; for one idea that is a conflict."""

    verb = f.String(required=True, validate=validate.OneOf(sorted(KINDS)))
    value = f.Raw(load_default=None, allow_none=True)
    ideas = f.List(f.String(validate=validate.Length(1, 40)), load_default=None, validate=validate.Length(1, 5000))
    filter = f.Nested(DeskFilterInput, load_default=None)
    seen = Whole(load_default=None, least=0, most=2**53)


class LeftSchema(Schema):
    """An idea that was left alone, and why; `stale`: somebody else was faster."""

    idea_id = f.String(required=True)
    reason = f.String(required=True)
    stale = f.Boolean(required=True)


class DoneSchema(Schema):
    """What came of it; `deed_id` takes it back."""

    deed_id = f.String(required=True, allow_none=True)
    changed = f.Integer(required=True)
    left = f.List(f.Nested(LeftSchema), required=True)


class ViewSchema(Schema):
    """A saved view."""

    id = f.String(required=True)
    name = f.String(required=True)
    team = f.Boolean(required=True)
    mine = f.Boolean(required=True)
    query = f.Dict(required=True)


class ViewsSchema(Schema):
    """The team's views and one's own."""

    items = f.List(f.Nested(ViewSchema), required=True)


class ViewInput(Strict):
    """A name for a filter with columns."""

    name = f.String(required=True, validate=validate.Length(1, 60))
    query = f.Dict(keys=f.String(), values=f.String(), load_default=dict)
    team = Truth(load_default=False)


class TriageFieldSchema(Schema):
    """A field of a space."""

    key = f.String(required=True)
    kind = f.String(required=True)
    title = f.String(required=True)
    unit = f.String(required=True)
    choices = f.List(f.String(), required=True)
    retired = f.Boolean(required=True)


class TriageFieldsSchema(Schema):
    """The fields of a space in their order."""

    items = f.List(f.Nested(TriageFieldSchema), required=True)


class TriageFieldInput(Strict):
    """A field; its kind stays once it is there."""

    title = f.String(required=True, validate=validate.Length(1, 40))
    kind = f.String(load_default="number")
    unit = f.String(load_default="", validate=validate.Length(max=16))
    choices = f.List(f.String(validate=validate.Length(1, 40)), load_default=list)


def row_json(row: DeskRow) -> dict[str, Any]:
    """One row."""
    owner = {"id": row.mark.owner_id, "name": row.owner or ""} if row.mark.owner_id else None
    scores = [{"rule": s.rule, "value": s.value, "parts": list(s.parts)} for s in row.scores.values()]
    return {
        "idea": idea_json(row.idea), "owner": owner, "read_at": row.mark.read_at, "votes_week": row.numbers.votes_7d,
        "scores": scores, "fields_": dict(row.values),
    }  # fmt: skip


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """What came of a try."""
    trial = outcome.trial
    return {
        "rules": [each.rule.name for each in outcome.trials],
        "rule": trial.rule.name if trial else None,
        "settings": [{"name": each.name, "kind": each.kind, "value": each.value} for each in trial.settings] if trial else [],
        "fields_": [each.key for each in outcome.fields],
        "looked_at": outcome.looked_at,
        "items": [
            {"idea_id": line.idea.id, "title": line.idea.title, "place": line.place, "value": line.value,
             "needs": [each.key for each in line.lacks], "place_now": line.place_now, "value_now": line.value_now}
            for line in outcome.lines
        ],
    }  # fmt: skip


def done_json(done: Done) -> dict[str, Any]:
    """What came of a deed."""
    left = [{"idea_id": each.idea_id, "reason": each.reason, "stale": each.stale} for each in done.left]
    return {"deed_id": done.deed.id if done.deed else None, "changed": done.changed, "left": left}
