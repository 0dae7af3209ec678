"""JSON doors of pictures: send one, read what is known of one."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.pictures import queries, service
from codesign.pictures.limits import count_picture
from codesign.pictures.redrawing import too_large
from codesign.pictures.schemas import PictureSchema, picture_json
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("pictures_api", __name__, description="Pictures in texts")

_FILE = {"schema": {"type": "string", "format": "binary", "maxLength": service.MOST_BYTES}}
_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")


@blueprint.route("/spaces/<space>/pictures", methods=["POST"])
@blueprint.doc(requestBody={"required": True, "content": dict.fromkeys(_TYPES, _FILE)})
@blueprint.response(201, PictureSchema)
def add_picture(space: str) -> dict[str, Any]:
    """Send a picture for a text: the body is the file (JPEG, PNG, WebP or GIF). At most 5 MB and 20 million dots.

    It is drawn anew, upright and without what the file said about it, and only you see it until a text of yours names
    its `url`. What no text names within 24 hours is thrown away.
    """
    actor = current_actor()
    service.require_writer(actor, space)
    if not request.mimetype.startswith("image/"):  # of which kind, the file itself says
        raise Invalid(_("Send the file itself as the body, as image/jpeg, image/png, image/webp or image/gif."))
    count_picture(actor)
    return picture_json(service.add_picture(actor, space, _body()))


def _body() -> bytes:
    """The file, of which nothing is read where the request says that it is too large."""
    request.max_content_length = service.MOST_BYTES
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise too_large() from None


@blueprint.route("/pictures/<picture>", methods=["GET"])
@blueprint.response(200, PictureSchema)
def get_picture(picture: str) -> dict[str, Any]:
    """What is known of a picture, for whoever may read a text that shows it. The file lies at its `url`."""
    return picture_json(queries.get_picture(current_actor(), picture))
