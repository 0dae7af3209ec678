"""What spaces and members look like over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import marshmallow
from marshmallow import Schema, fields, validate

from codesign.kernel.text import _
from codesign.spaces.facts import (
    AUDIENCES_OF_ACTIONS,
    ORDERS,
    PHASES,
    RESULTS,
    ROLES,
    VISIBILITIES,
    MemberFact,
    SpaceFact,
    StatusFact,
)
from codesign.spaces.rules import COVERS, KINDS, LENGTHS, MOST_DAYS, MOST_SLUG, WHEN_DOWN
from codesign.spaces.seeds import TEMPLATES
from codesign.web.api import Limit, ListQuery, NamedPerson, Strict, Time, Truth, Whole, page_of


def _text(name: str, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(*LENGTHS[name]), **options)


def _choice(choices: Iterable[str], **options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(list(choices)), **options)


class BallotInput(Strict):
    """What can be said about a ballot. ``open`` closes it by hand, or opens it again."""

    kind = _choice(KINDS)
    results = _choice(RESULTS)
    open = Truth()


class PhaseCells(Strict):
    """What one phase lets people do."""

    propose = Truth()
    vote = Truth()
    comment = Truth()


class PhasesInput(Strict):
    """The cells of the phase table that are to change."""

    collect = fields.Nested(PhaseCells)
    discuss = fields.Nested(PhaseCells)
    vote = fields.Nested(PhaseCells)
    decided = fields.Nested(PhaseCells)


class SpaceInput(Strict):
    """What can be said about a space."""

    name = _text("name")
    slug = fields.String(validate=validate.Length(1, MOST_SLUG))
    purpose = _text("purpose")
    goal = _text("goal")
    use_of_input = _text("use_of_input")
    responsible = _text("responsible")
    promise_days = Whole(least=1, most=MOST_DAYS, allow_none=True)
    cover = _choice(COVERS)
    visibility = _choice(VISIBILITIES)
    who_proposes = _choice(AUDIENCES_OF_ACTIONS)
    who_votes = _choice(AUDIENCES_OF_ACTIONS)
    who_comments = _choice(AUDIENCES_OF_ACTIONS)
    order = _choice(ORDERS)
    ballot = fields.Nested(BallotInput)
    phase = _choice(PHASES)
    phases = fields.Nested(PhasesInput)
    next_phase = _choice(PHASES, allow_none=True)
    next_phase_at = Time(allow_none=True)
    when_down = _choice(WHEN_DOWN)

    @marshmallow.validates_schema
    def _date_with_phase(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        if ("next_phase" in data) != ("next_phase_at" in data):
            raise marshmallow.ValidationError(str(_("Say next_phase and next_phase_at together.")), "next_phase_at")


class NewSpaceInput(SpaceInput):
    """The body of ``POST /spaces``."""

    name = _text("name", required=True)
    template = _choice(TEMPLATES, load_default="blank")


class SpacePatch(SpaceInput):
    """The body of ``PATCH /spaces/{space}``."""

    version = Whole(least=1)


class MemberInput(Strict):
    """The body of ``POST /spaces/{space}/members``: one of ``external_id``, ``person_id``, ``email``; what they are."""

    external_id = fields.String(validate=validate.Length(1, 200))
    person_id = fields.String(validate=validate.Length(1, 40))
    email = fields.String(validate=validate.Length(3, 254))
    name = fields.String(validate=validate.Length(0, 80), load_default="")
    role = _choice(ROLES)
    stakeholder_type = fields.String(validate=validate.Length(1, 60))
    organization = fields.String(validate=validate.Length(0, 120))


class SpacesQuery(ListQuery):
    """The address of ``GET /spaces``."""


class MembersQuery(ListQuery):
    """The address of ``GET /spaces/{space}/members``."""

    limit = Limit(default=50)
    role = _choice(ROLES)
    external_id = fields.String(validate=validate.Length(1, 200))
    q = fields.String(validate=validate.Length(1, 100))


class PeopleQuery(Strict):
    """The address of ``GET /spaces/{space}/people``."""

    q = fields.String(required=True, validate=validate.Length(1, 80))


class PeopleSchema(Schema):
    """People to mention, at most eight."""

    items = fields.List(fields.Nested(NamedPerson), required=True)


class StatusSchema(Schema):
    """A status of an idea."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    color = fields.String(required=True)


class BallotSchema(Schema):
    """The ballot of a space."""

    kind = fields.String(required=True)
    results = fields.String(required=True)
    open = fields.Boolean(required=True)


class SpaceSchema(Schema):
    """``Space`` of the contract."""

    id = fields.String(required=True)
    slug = fields.String(required=True)
    url = fields.String(required=True)
    name = fields.String(required=True)
    purpose = fields.String(required=True)
    goal = fields.String(required=True)
    visibility = fields.String(required=True)
    phase = fields.String(required=True)
    ballot = fields.Nested(BallotSchema, required=True)
    order = fields.String(required=True)
    statuses = fields.List(fields.Nested(StatusSchema), required=True)
    my_role = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    seq = fields.Integer(required=True)


class MemberSchema(Schema):
    """``Member`` of the contract."""

    person_id = fields.String(required=True)
    external_id = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    stakeholder_type = fields.String(required=True)
    organization = fields.String(required=True, allow_none=True)


SpacePageSchema = page_of(SpaceSchema, "SpacePage")
MemberPageSchema = page_of(MemberSchema, "MemberPage")


def space_json(space: SpaceFact, role: str | None, statuses: Iterable[StatusFact], seq: int) -> dict[str, Any]:
    """``Space`` of the contract."""
    ballot = space.ballot
    return {
        "id": space.id,
        "slug": space.slug,
        "url": f"/spaces/{space.slug}",
        "name": space.name,
        "purpose": space.purpose,
        "goal": space.goal,
        "visibility": space.visibility,
        "phase": space.phase,
        "ballot": {"kind": ballot.kind, "results": ballot.results, "open": space.ballot_open},
        "order": space.order,
        "statuses": [{"id": status.id, "name": status.name, "color": status.color} for status in statuses],
        "my_role": role,
        "version": space.version,
        "seq": seq,
    }


def member_json(member: MemberFact) -> dict[str, Any]:
    """``Member`` of the contract."""
    return {
        "person_id": member.person_id,
        "external_id": member.external_id,
        "name": member.name,
        "role": member.role,
        "stakeholder_type": member.stakeholder_type,
        "organization": member.organization,
    }


def split_space_input(content: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """*content* as the fields of ``change_space``, and what other verbs do (phase, date, opening of the ballot)."""
    values = dict(content)
    ballot = dict(values.pop("ballot", {}))
    other: dict[str, Any] = {
        name: values.pop(name) for name in ("phase", "next_phase", "next_phase_at") if name in values
    }
    if "open" in ballot:
        other["open"] = ballot.pop("open")
    return {**values, **ballot}, other
