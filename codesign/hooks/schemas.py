"""What the pages of plugins take."""

from __future__ import annotations

from marshmallow import fields, validate

from codesign.web.forms import Form, Line

_NUMBER = validate.Range(min=0, max=2**62)


class SwitchForm(Form):
    """On or off."""

    on = fields.Boolean(required=True)


class ReplayForm(Form):
    """From the fact after which number on a space's history is told again."""

    space = Line(required=True, validate=validate.Length(max=64))
    after = fields.Integer(required=True, validate=_NUMBER)


class AgainForm(Form):
    """One event that was set aside."""

    space = Line(required=True, validate=validate.Length(max=64))
    seq = fields.Integer(required=True, validate=_NUMBER)
