"""What the forms about configurations post."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields, validate

from codesign.configurations.service import MOST_NAME
from codesign.kernel.text import _
from codesign.web.forms import Form, Line, Query, posted

MOST_IDS = 4_000
_OPTION = validate.Length(max=120)


class DeskForm(Form):
    """The desk: ``do`` is what was pressed, ``on`` what is ticked now, ``was`` what was ticked when it was drawn, and ``seen``
    the version that was drawn."""

    do = Line(load_default="apply", validate=validate.Length(max=4_000))
    was = Line(load_default="", validate=validate.Length(max=400_000))
    on = fields.List(Line(validate=_OPTION), validate=validate.Length(max=MOST_IDS))
    name = Line(load_default="", validate=validate.Length(max=MOST_NAME, error=_("This is too long.")))
    seen = fields.Integer(load_default=None, validate=validate.Range(0, 2**31 - 1))
    limit = Line(load_default="", validate=validate.Length(max=4_000))
    like = Line(load_default="", validate=validate.Length(max=26))


class StartForm(Form):
    """Which product to begin with."""

    product = Line(required=True, validate=validate.Length(max=26))


class ForkForm(Form):
    """The key of a shared draft, where it is one."""

    key = Line(load_default="", validate=validate.Length(max=64))


class TogetherForm(Form):
    """What its owner does about those who edit a draft along: ``open``, ``close``, or ``remove:`` and who."""

    do = Line(required=True, validate=validate.Length(max=40))


class JoinForm(Form):
    """The key of the link to edit along."""

    key = Line(required=True, validate=validate.Length(max=64))


class DeskQuery(Query):
    """``ask``: an option whose ways out are shown; ``key``: opens a shared draft."""

    ask = Line(load_default="", validate=_OPTION)
    key = Line(load_default="", validate=validate.Length(max=64))


class CompareQuery(Query):
    """Two to four ids, separated by commas; ``all`` shows what is the same too."""

    ids = Line(load_default="", validate=validate.Length(max=200))
    all = fields.Boolean(truthy={"1"}, falsy={"0"}, load_default=False)


def desk_posted() -> dict[str, Any]:
    """What the desk's form posted: radios come by their group (``g.<group>``), boxes as ``o.<option>``; raises Invalid."""
    data: dict[str, Any] = {}
    ticked: list[str] = []
    for name, values in request.form.lists():
        if name.startswith(("g.", "o.")):
            ticked += [value for value in values if value]
        else:
            data[name] = values[-1]
    return posted(DeskForm(), {**data, "on": ticked})
