"""Arranging the desk: saved views, and the fields of the space."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from codesign.events.log import head
from codesign.kernel.db import read
from codesign.kernel.text import _
from codesign.spaces.access import look
from codesign.triage.facts import CHOICE, DATE, KINDS, NUMBER, SWITCH, TEXT
from codesign.triage.fields import READY, keep_field, keep_ready_fields, list_fields, retire_field
from codesign.triage.pages.blueprint import blueprint
from codesign.triage.pages.wishes import DeskQuery, DeskWish
from codesign.triage.views import drop_view, save_view
from codesign.web.forms import Form, Line, asked, posted
from codesign.web.identity import current_actor

WORDS = {NUMBER: _("Number"), CHOICE: _("Choice"), TEXT: _("Text"), DATE: _("Day"), SWITCH: _("Yes or no")}


READY_WORDS = {
    "rice": _("Add reach, impact, confidence and effort"),
    "ice": _("Add impact, confidence and ease"),
    "wsjf": _("Add value, urgency, risk and size"),
}


class ViewForm(Form):
    """A name for what the desk shows now."""

    name = Line(required=True, validate=validate.Length(1, 60))
    team = fields.Boolean(truthy={"1"}, falsy={"0"}, load_default=False)


class ReadyForm(Form):
    """The method whose fields are wanted."""

    method = Line(load_default="rice", validate=validate.OneOf(list(READY)))


class FieldForm(Form):
    """A field; the choices stand one behind the other, with commas."""

    key = Line(required=True, validate=validate.Length(1, 32))
    title = Line(required=True, validate=validate.Length(1, 40))
    kind = Line(load_default=NUMBER, validate=validate.OneOf(KINDS))
    unit = Line(load_default="", validate=validate.Length(max=16))
    choices = Line(load_default="", validate=validate.Length(max=1000))


@blueprint.post("/spaces/<space>/desk/views")
def keep_view(space: str) -> Response:
    """Keep the filter, columns and order that the address says."""
    wish, values = DeskWish(**asked(DeskQuery())), posted(ViewForm())
    view = save_view(current_actor(), space, values["name"], wish.kept, values["team"])
    flash(_("Saved as “%(name)s”.", name=view.name))
    return redirect(wish.url(space, view=view.id), 303)


@blueprint.post("/spaces/<space>/desk/views/<view_id>/drop")
def forget_view(space: str, view_id: str) -> Response:
    """Forget a view."""
    posted(Form())
    drop_view(current_actor(), space, view_id)
    flash(_("The view is gone."))
    return redirect(url_for("triage.desk", space=space), 303)


@blueprint.get("/spaces/<space>/desk/fields")
def fields_page(space: str) -> str:
    """The fields of the space."""
    with read():
        access = look(current_actor(), space, "product")
        known = list_fields(access.space.id, retired=True)
        seq = head(access.space.id)
    here = {field.key for field in known if not field.retired}
    ready = [
        (method, READY_WORDS[method]) for method, some in READY.items() if not here.issuperset(f.key for f in some)
    ]
    return render_template(
        "triage/fields.html", space=access.space, active="desk", seq=seq, fields=known, words=WORDS, ready=ready
    )


@blueprint.post("/spaces/<space>/desk/fields")
def add_field(space: str) -> Response:
    """Add a field, or change its words."""
    values = posted(FieldForm())
    choices = [word for word in values.pop("choices").split(",") if word.strip()]
    keep_field(current_actor(), space, **values, choices=choices)
    return redirect(url_for("triage.fields_page", space=space), 303)


@blueprint.post("/spaces/<space>/desk/fields/ready")
def add_ready_fields(space: str) -> Response:
    """Add the fields that the score rule of a method counts with."""
    keep_ready_fields(current_actor(), space, posted(ReadyForm())["method"])
    return redirect(url_for("triage.fields_page", space=space), 303)


@blueprint.post("/spaces/<space>/desk/fields/<key>/retire")
def drop_field(space: str, key: str) -> Response:
    """Show a field no more."""
    posted(Form())
    retire_field(current_actor(), space, key)
    return redirect(url_for("triage.fields_page", space=space), 303)
