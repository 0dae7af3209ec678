"""A space as a file for its owners."""

from __future__ import annotations

import threading
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

from flask import current_app, render_template, request, send_file
from markupsafe import Markup
from werkzeug.wrappers import Response

from codesign.exchange.archive.writing import write_archive
from codesign.exchange.pages.blueprint import blueprint
from codesign.kernel import db
from codesign.kernel.errors import Unavailable
from codesign.kernel.text import _
from codesign.spaces.access import access
from codesign.web.identity import current_actor
from codesign.web.registry import PageView

#: Writing an archive reads a whole space; one at a time leaves the other threads to people who wait for a page.
_writing = threading.BoundedSemaphore(1)


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


def offer_archive(view: PageView, facts: Any) -> Markup | None:
    """The button beside the one that deletes."""
    space = facts or view.space
    return Markup(render_template("exchange/_archive.html", space=space)) if space else None  # noqa: S704 - our own page
