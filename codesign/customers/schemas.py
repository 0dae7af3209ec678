"""What the customer's voice looks like over the wire, and what its forms post."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from codesign.customers.facts import CALL, SOURCES, EntryFact, EvidenceFact, Wants, WeightsFact
from codesign.customers.ranking import MOST_IDEAS, Ranked, Ranking
from codesign.customers.service import MOST_NOTE, MOST_ORGANIZATION, MOST_QUOTE, MOST_URL
from codesign.customers.weights import MOST_SEGMENT, MOST_SEGMENTS, MOST_WEIGHT
from codesign.kernel.text import _
from codesign.voting.facts import EVERY_VALUE
from codesign.web.api import Limit, NamedPerson, Strict, Time, Whole
from codesign.web.forms import Form, Line, Prose, Query

MOST_PERSON, MOST_NAME = 254, 80


def _word(most: int) -> f.String:
    return f.String(load_default="", validate=validate.Length(max=most))


class EnteredVoteInput(Strict):
    """A customer's vote, entered by the team. `person` is a mail address, a customer number (external id), a member's id or
    exact name; an address nobody has makes a person called `name`, of `organization`."""

    person = f.String(required=True, validate=validate.Length(1, MOST_PERSON))
    name = _word(MOST_NAME)
    organization = _word(MOST_ORGANIZATION)
    value = f.Integer(strict=True, load_default=1, validate=validate.OneOf(EVERY_VALUE))
    source = f.String(required=True, validate=validate.OneOf(SOURCES))
    note = _word(MOST_NOTE)


class EvidenceInput(Strict):
    """What a customer said elsewhere: a quote (Markdown), an https link, or both; `person` as for an entered vote."""

    quote = _word(MOST_QUOTE)
    url = _word(MOST_URL)
    organization = _word(MOST_ORGANIZATION)
    person = _word(MOST_PERSON)
    name = _word(MOST_NAME)


class EnteredVoteSchema(Schema):
    """A vote the team entered. `called` is how the team named the customer; `by` is null once that member was forgotten."""

    id = f.String(required=True)
    idea_id = f.String(required=True)
    called = f.String(required=True)
    value = f.Integer(required=True)
    source = f.String(required=True)
    note = f.String(required=True)
    by = f.Nested(NamedPerson, required=True, allow_none=True)
    at = Time(required=True)


class EnteredVotesSchema(Schema):
    """The entered votes of an idea and of those that became part of it, the newest first, at most 200 of `count`."""

    items = f.List(f.Nested(EnteredVoteSchema), required=True)
    count = f.Integer(required=True)


class EvidenceSchema(Schema):
    """What a customer said elsewhere."""

    id = f.String(required=True)
    idea_id = f.String(required=True)
    quote = f.String(required=True)
    url = f.String(required=True)
    organization = f.String(required=True)
    called = f.String(required=True)
    by = f.Nested(NamedPerson, required=True, allow_none=True)
    at = Time(required=True)


class EvidenceListSchema(Schema):
    """The evidence at an idea and at those that became part of it, the newest first."""

    items = f.List(f.Nested(EvidenceSchema), required=True)


class VoterGroupSchema(Schema):
    """How many voters belong to one group; "" is the group of those of whom it is not known."""

    name = f.String(required=True)
    people = f.Integer(required=True)


class SegmentSchema(VoterGroupSchema):
    """The voters of one segment; `revenue` is that of their organizations, null where too few stand behind it."""

    revenue = f.Float(required=True, allow_none=True)
    weight = f.Float(required=True)
    organizations = f.List(f.Nested(VoterGroupSchema), required=True)


class WantsSchema(Schema):
    """Who wants something. Groups have at least five people; `people` is null, and nothing is told, below that. Revenue is for
    product people. Every total is made of what is shown; `weighted` counts others as one each."""

    people = f.Integer(required=True, allow_none=True)
    segments = f.List(f.Nested(SegmentSchema), required=True)
    other_segments = f.Integer(required=True)
    types = f.List(f.Nested(VoterGroupSchema), required=True)
    other_types = f.Integer(required=True)
    organizations = f.Integer(required=True, allow_none=True)
    revenue = f.Float(required=True, allow_none=True)
    weighted = f.Float(required=True, allow_none=True)
    weights_version = f.Integer(required=True)


class WantedIdeaSchema(Schema):
    """An idea by its raw count (`votes`: for, less against, imported ones too) with who wants it beside."""

    idea_id = f.String(required=True)
    title = f.String(required=True)
    votes = f.Integer(required=True)
    wants = f.Nested(WantsSchema, required=True)


class RankingSchema(Schema):
    """The most wanted ideas, and everybody who votes in the space."""

    items = f.List(f.Nested(WantedIdeaSchema), required=True)
    everybody = f.Nested(WantsSchema, required=True)


class RankingQuery(Strict):
    """Which ideas, and by what: `votes`, `weighted`, `revenue` or `segment:<name>`. Among the most wanted by votes."""

    status = f.String(load_default="", validate=validate.Length(max=26))
    tag = f.String(load_default="", validate=validate.Length(max=40))
    sort = f.String(load_default="", validate=validate.Length(max=140))
    limit = Limit(most=MOST_IDEAS, default=MOST_IDEAS)


class RankingAddress(Query):
    """The same in the address of the page."""

    status = Line(load_default="", validate=validate.Length(max=26))
    tag = Line(load_default="", validate=validate.Length(max=40))
    sort = Line(load_default="", validate=validate.Length(max=140))


class WeightsInput(Strict):
    """What a vote of each segment weighs; what is not named weighs one. With `version`, a later one
    is a conflict."""

    weights = f.Dict(
        keys=f.String(validate=validate.Length(1, MOST_SEGMENT)),
        values=f.Float(allow_nan=False, validate=validate.Range(0, MOST_WEIGHT)),
        required=True,
        validate=validate.Length(max=MOST_SEGMENTS),
    )
    version = Whole(load_default=None, least=0)
    note = _word(200)


class WeightsSchema(Schema):
    """One version of the weights."""

    version = f.Integer(required=True)
    weights = f.Dict(keys=f.String(), values=f.Float(), required=True)
    note = f.String(required=True)
    by = f.Nested(NamedPerson, required=True, allow_none=True)
    at = Time(required=True, allow_none=True)


class WeightsVersionsSchema(Schema):
    """The versions, the newest first, at most 20; without any, every vote weighs one."""

    items = f.List(f.Nested(WeightsSchema), required=True)


class WeightsForm(Form):
    """The weights from a page: one line for each segment."""

    weights = Prose(load_default="", validate=validate.Length(max=10_000, error=_("This text is too long.")))
    note = Line(load_default="", validate=validate.Length(max=200))
    number = f.Integer(required=True, validate=validate.Range(0, 2**31 - 1))


class VoteForm(Form):
    """A customer's vote, from a page."""

    person = Line(load_default="", validate=validate.Length(max=MOST_PERSON))
    name = Line(load_default="", validate=validate.Length(max=MOST_NAME))
    organization = Line(load_default="", validate=validate.Length(max=MOST_ORGANIZATION))
    value = Line(load_default="1", validate=validate.OneOf([str(value) for value in EVERY_VALUE]))
    source = Line(load_default=CALL, validate=validate.OneOf(SOURCES))
    note = Prose(load_default="", validate=validate.Length(max=MOST_NOTE, error=_("This text is too long.")))


class EvidenceForm(Form):
    """Evidence, from a page. Its fields stand beside those of a vote, so they are called otherwise."""

    quote = Prose(load_default="", validate=validate.Length(max=MOST_QUOTE, error=_("This text is too long.")))
    url = Line(load_default="", validate=validate.Length(max=MOST_URL))
    company = Line(load_default="", validate=validate.Length(max=MOST_ORGANIZATION))
    whose = Line(load_default="", validate=validate.Length(max=MOST_PERSON))


def entry_json(entry: EntryFact) -> dict[str, Any]:
    """One entered vote."""
    by = {"id": entry.by_id, "name": entry.by} if entry.by_id else None
    return {"id": entry.id, "idea_id": entry.idea_id, "called": entry.called, "value": entry.value,
            "source": entry.source, "note": entry.note, "by": by, "at": entry.at}  # fmt: skip


def evidence_json(evidence: EvidenceFact) -> dict[str, Any]:
    """One piece of evidence."""
    by = {"id": evidence.by_id, "name": evidence.by} if evidence.by_id else None
    return {"id": evidence.id, "idea_id": evidence.idea_id, "quote": evidence.quote, "url": evidence.url,
            "organization": evidence.organization, "called": evidence.called, "by": by, "at": evidence.at}  # fmt: skip


def wants_json(wants: Wants, weights: WeightsFact) -> dict[str, Any]:
    """Who wants something."""
    segments = [
        {"name": each.segment, "people": each.people, "revenue": each.revenue, "weight": weights.of(each.segment),
         "organizations": [{"name": name, "people": people} for name, people in each.organizations]}
        for each in wants.segments
    ]  # fmt: skip
    return {
        "people": wants.people or None, "segments": segments, "other_segments": wants.others,
        "types": [{"name": name, "people": people} for name, people in wants.types], "other_types": wants.other_types,
        "organizations": wants.companies, "revenue": wants.revenue, "weighted": wants.weighted,
        "weights_version": weights.number,
    }  # fmt: skip


def ranked_json(ranked: Ranked, weights: WeightsFact) -> dict[str, Any]:
    """One idea."""
    return {"idea_id": ranked.idea.id, "title": ranked.idea.title, "votes": ranked.votes,
            "wants": wants_json(ranked.wants, weights)}  # fmt: skip


def ranking_json(ranking: Ranking) -> dict[str, Any]:
    """The ideas of a space, and everybody who votes there."""
    weights = ranking.weights
    return {
        "items": [ranked_json(each, weights) for each in ranking.rows],
        "everybody": wants_json(ranking.everybody, weights),
    }


def weights_json(weights: WeightsFact) -> dict[str, Any]:
    """One version."""
    by = {"id": weights.by_id, "name": weights.by} if weights.by_id else None
    return {"version": weights.number, "weights": dict(weights.weights or {}), "note": weights.note, "by": by,
            "at": weights.at}  # fmt: skip
