"""What merging looks like over the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from codesign.web.api import Strict


class MergeInput(Strict):
    """The body of ``POST /ideas/{idea}/merge``: the idea that stays."""

    into = fields.String(required=True, validate=validate.Length(1, 40))
