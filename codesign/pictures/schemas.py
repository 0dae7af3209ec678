"""What pictures look like over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow import fields as f

from codesign.kernel.pictured import MEDIA_TYPE
from codesign.pictures.facts import PictureFact
from codesign.web.api import Time


class PictureSchema(Schema):
    """A picture. A text shows it as `![what it shows](url)`; the file lies at `url`, for whoever may read such a text."""

    id = f.String(required=True)
    space_id = f.String(required=True)
    url = f.String(required=True)
    media_type = f.String(required=True)
    width = f.Integer(required=True)
    height = f.Integer(required=True)
    bytes = f.Integer(required=True)
    created_at = Time(required=True)


def picture_json(picture: PictureFact) -> dict[str, Any]:
    """``Picture`` of the contract."""
    return {
        "id": picture.id,
        "space_id": picture.space_id,
        "url": picture.address,
        "media_type": MEDIA_TYPE,
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.size,
        "created_at": picture.created_at,
    }
