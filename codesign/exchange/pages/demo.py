"""The switch of the demo pulse."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, url_for
from markupsafe import Markup
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from codesign.exchange.demo import switches
from codesign.exchange.pages.blueprint import blueprint
from codesign.kernel.errors import NotFound
from codesign.web.forms import Form, posted
from codesign.web.identity import current_actor
from codesign.web.preferences import local_path
from codesign.web.registry import PageView


class PulseForm(Form):
    """What the switch posts."""

    on = fields.String(required=True, validate=validate.OneOf(("0", "1")))
    next = fields.String(load_default="/", validate=validate.Length(max=2000))


@blueprint.post("/demo/pulse")
def turn_pulse() -> Response:
    """Let the people of the demo go on living, or rest."""
    if not _may_turn():
        raise NotFound()
    wish = posted(PulseForm())
    switches.turn(switches.PULSE, wish["on"] == "1")
    return redirect(local_path(wish["next"]), 303)


def _may_turn() -> bool:
    """On one's own machine anybody may; where the demo is shown to others, administrators."""
    settings = current_app.extensions["codesign"]
    return bool(settings.demo and (not settings.demo_public or current_actor().is_admin))


def draw_switch(view: PageView, facts: Any) -> Markup | None:
    """The switch in the banner."""
    if not _may_turn():
        return None
    html = render_template("exchange/_pulse.html", on=switches.pulse_beats(), action=url_for("exchange.turn_pulse"))
    return Markup(html)  # noqa: S704 - our own template, which escapes
