"""What merging looks like over the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from codesign.web.api import Strict, Truth


class MergeInput(Strict):
    """The body of ``POST /ideas/{idea}/merge``: the idea that stays."""

    into = fields.String(required=True, validate=validate.Length(1, 40))


class SplitInput(Strict):
    """The body of ``POST /ideas/{idea}/split``: the new idea, the comments that go along (answers go with what they answer),
    and whether whoever voted for the one has the same vote on the other."""

    title = fields.String(required=True)
    body = fields.String(load_default="")
    tags = fields.List(fields.String(), load_default=list)
    comments = fields.List(fields.String(validate=validate.Length(1, 40)), load_default=list)
    with_votes = Truth(load_default=True)
