"""What the forms of spaces hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import marshmallow
from marshmallow import fields, validate

from codesign.kernel.text import _
from codesign.spaces.facts import (
    ACTIONS,
    AUDIENCES_OF_ACTIONS,
    MOVERS,
    ORDERS,
    PHASES,
    RESULTS,
    ROLES,
    STATUS_KINDS,
    VISIBILITIES,
)
from codesign.spaces.pages.base import local_moment
from codesign.spaces.rules import COVERS, KINDS, LENGTHS, MOST_DAYS, MOST_SLUG
from codesign.spaces.seeds import TEMPLATES
from codesign.web.forms import Form, Line, Prose, Query


def _length(name: str) -> validate.Length:
    least, most = LENGTHS[name]
    error = _("Use %(least)s to %(most)s letters.", least=least, most=most)
    return validate.Length(least, most, error=error.replace("%", "%%"))


def _one_of(values: Any) -> validate.OneOf:
    return validate.OneOf(list(values), error=str(_("Choose one of the values offered.")))


class Moment(fields.Field[Any]):
    """A date and time field; empty is None."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime | None:
        if value == "":
            return None
        try:
            return local_moment(str(value))
        except (ValueError, OverflowError):
            raise marshmallow.ValidationError(_("Write a date and a time.")) from None


class Days(fields.Field[Any]):
    """A number of days; empty is None."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        if value == "":
            return None
        if not str(value).isascii() or not str(value).isdigit() or not 1 <= int(str(value)[:6]) <= MOST_DAYS:
            raise marshmallow.ValidationError(_("Use 1 to %(most)s days, or leave it open.", most=MOST_DAYS))
        return int(value)


class NewSpaceForm(Form):
    """A new space."""

    name = Line(required=True, validate=_length("name"))
    slug = Line(load_default="", validate=validate.Length(max=MOST_SLUG))
    purpose = Prose(load_default="", validate=_length("purpose"))
    visibility = fields.String(load_default="public", validate=_one_of(VISIBILITIES))
    template = fields.String(required=True, validate=_one_of(TEMPLATES))


class GeneralForm(Form):
    """The words of a space."""

    version = fields.Integer(required=True)
    name = Line(required=True, validate=_length("name"))
    slug = Line(required=True, validate=validate.Length(1, MOST_SLUG))
    purpose = Prose(load_default="", validate=_length("purpose"))
    goal = Prose(load_default="", validate=_length("goal"))
    use_of_input = Prose(load_default="", validate=_length("use_of_input"))
    responsible = Line(load_default="", validate=_length("responsible"))
    promise_days = Days(load_default=None)
    cover = fields.String(required=True, validate=_one_of(COVERS))
    visibility = fields.String(required=True, validate=_one_of(VISIBILITIES))


class VotingForm(Form):
    """The rules of voting; the cells of the phase table are named ``phase-action``."""

    version = fields.Integer(required=True)
    kind = fields.String(validate=_one_of(KINDS))
    results = fields.String(required=True, validate=_one_of(RESULTS))
    order = fields.String(required=True, validate=_one_of(ORDERS))
    who_proposes = fields.String(required=True, validate=_one_of(AUDIENCES_OF_ACTIONS))
    who_votes = fields.String(required=True, validate=_one_of(AUDIENCES_OF_ACTIONS))
    who_comments = fields.String(required=True, validate=_one_of(AUDIENCES_OF_ACTIONS))


def cell_fields() -> dict[str, fields.Field[Any]]:
    """One tick box for each cell of the phase table."""
    return {f"{phase}-{action}": fields.String() for phase in PHASES for action in ACTIONS}


VotingFormWithCells: type[Form] = type("VotingFormWithCells", (VotingForm,), dict(cell_fields()))


class PhaseForm(Form):
    """Begin a phase now."""

    phase = fields.String(required=True, validate=_one_of(PHASES))


class ScheduleForm(Form):
    """Let a phase begin later; without a date, never mind."""

    phase = fields.String(load_default="", validate=_one_of(["", *PHASES]))
    at = Moment(load_default=None)


class StatusForm(Form):
    """A status."""

    name = Line(required=True, validate=validate.Length(1, 40))
    color = fields.String(required=True, validate=_one_of(STATUS_KINDS))


class MoveRuleForm(Form):
    """What a move between statuses needs; empty is any status."""

    from_id = fields.String(load_default="", validate=validate.Length(max=40))
    to_id = fields.String(load_default="", validate=validate.Length(max=40))
    role = fields.String(required=True, validate=_one_of(MOVERS))
    needs_answer = fields.String(load_default="")


class StepForm(Form):
    """Up or down by one place."""

    step = fields.Integer(required=True, validate=validate.OneOf([-1, 1]))


class AddMemberForm(Form):
    """Somebody who has an account here already."""

    email = Line(required=True, validate=validate.Length(3, 254))
    role = fields.String(required=True, validate=_one_of(ROLES))
    stakeholder_type = Line(load_default="customer", validate=validate.Length(1, 60))


class MemberForm(Form):
    """What a member is."""

    role = fields.String(required=True, validate=_one_of(ROLES))
    stakeholder_type = Line(required=True, validate=validate.Length(1, 60))
    organization = Line(load_default="", validate=validate.Length(0, 120))


class InvitationForm(Form):
    """A link that makes people members."""

    role = fields.String(required=True, validate=_one_of(ROLES))
    stakeholder_type = Line(load_default="customer", validate=validate.Length(1, 60))
    days = fields.Integer(required=True)
    most_uses = fields.Field[Any](load_default=None)
    email = Line(load_default="", validate=validate.Length(0, 254))

    @marshmallow.post_load
    def _number_of_uses(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        text = str(data["most_uses"] or "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 7):
            raise marshmallow.ValidationError(_("Write a number, or leave it open."), "most_uses")
        return {**data, "most_uses": int(text) if text else None, "email": data["email"] or None}


class PeopleQuery(Query):
    """Which people to list."""

    q = fields.String(load_default="", validate=validate.Length(max=100))
    role = fields.String(load_default="", validate=_one_of(["", *ROLES]))
    cursor = fields.String(load_default=None, validate=validate.Length(max=1000))


class DeleteForm(Form):
    """The slug, typed once more."""

    confirmation = Line(required=True, validate=validate.Length(1, MOST_SLUG))


class NameForm(Form):
    """A name."""

    name = Line(required=True, validate=validate.Length(1, 120))
