"""Doors of the exchange: a space as a file for its owners, the switch of the demo pulse."""

from __future__ import annotations

import threading
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, send_file, url_for
from markupsafe import Markup
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from codesign.exchange import pulse
from codesign.exchange.archive.writing import write_archive
from codesign.exchange.demo import switches
from codesign.kernel import db
from codesign.kernel.config import Settings
from codesign.kernel.errors import NotFound, Unavailable
from codesign.kernel.text import _
from codesign.spaces.access import access
from codesign.web.forms import Form, posted
from codesign.web.identity import current_actor
from codesign.web.preferences import local_path
from codesign.web.registry import PageView, registry_of

blueprint = Blueprint("exchange", __name__, template_folder="templates")

#: Writing an archive reads a whole space; one at a time leaves the other threads to people who wait for a page.
_writing = threading.BoundedSemaphore(1)


def install(app: Flask, settings: Settings) -> None:
    """Offer the archive where a space is deleted, and the switch in the banner of the demo."""
    registry = registry_of(app)
    registry.slot("space.export").add("archive", _offer_archive)
    if settings.demo:
        registry.slot("demo.banner").add("pulse", _draw_switch)


# --- A space as a file ------------------------------------------------------------------------------------------------


@blueprint.get("/spaces/<space>/export.zip")
def export_space(space: str) -> Response:
    """The space as an archive, without addresses and credentials. For its owners."""
    found = access(current_actor(), space, "own").space
    # Who asks for the headers alone must not take the only place from somebody who wants the file.
    file = _written(found.id) if request.method == "GET" else BytesIO()
    response = send_file(file, "application/zip", as_attachment=True, download_name=f"{found.slug}.zip")
    if request.method == "HEAD":
        # How long the file is shows when it is written.
        response.automatically_set_content_length = False
        response.headers.pop("Content-Length", None)
    response.headers["Cache-Control"] = "no-store"
    return response


def _written(space_id: str) -> Any:
    """An open file without a name that holds the archive; it is gone when it is closed."""
    if not _writing.acquire(blocking=False):
        raise Unavailable(_("Another space is being written out. Try again in a minute."), retry_after=30)
    file = TemporaryFile(dir=current_app.extensions["codesign"].instance_folder)  # noqa: SIM115 - who sends it closes it
    try:
        db.offload(write_archive, space_id, file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    finally:
        _writing.release()
    return file


def _offer_archive(view: PageView, facts: Any) -> Markup | None:
    space = facts or view.space
    return Markup(render_template("exchange/_archive.html", space=space)) if space else None  # noqa: S704 - our own page


# --- The demo pulse ---------------------------------------------------------------------------------------------------


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


def _draw_switch(view: PageView, facts: Any) -> Markup | None:
    if not _may_turn():
        return None
    html = render_template("exchange/_pulse.html", on=pulse.is_on(), action=url_for("exchange.turn_pulse"))
    return Markup(html)  # noqa: S704 - our own template, which escapes
