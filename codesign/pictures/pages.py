"""The door to the file of a picture. It is shown in pages of this server and runs nothing anywhere."""

from __future__ import annotations

from flask import Blueprint, Response

from codesign.kernel.pictured import MEDIA_TYPE
from codesign.pictures.queries import get_file
from codesign.web.identity import current_actor

blueprint = Blueprint("pictures", __name__, template_folder="templates")

_HEADERS = {
    # Never another file at this address; kept by the browser that was let in, by nothing in between.
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@blueprint.get("/pictures/<name>")
def picture(name: str) -> Response:
    """The file of a picture, for whoever may read a text that shows it."""
    answer = Response(get_file(current_actor(), name), mimetype=MEDIA_TYPE, headers=_HEADERS)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
