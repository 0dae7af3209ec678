"""What votes look like over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from codesign.ideas.facts import Tally
from codesign.voting.facts import Receipt
from codesign.web.api import Strict


class VoteInput(Strict):
    """The body of ``PUT /ideas/{idea}/vote``."""

    value = f.Integer(required=True, strict=True, validate=validate.OneOf([-1, 0, 1]))


class SocketVote(Strict):
    """The message ``vote {idea, value, person?}``."""

    idea = f.String(required=True, validate=validate.Length(max=40))
    value = f.Integer(required=True, strict=True, validate=validate.OneOf([-1, 0, 1]))
    person = f.String(validate=validate.Length(max=200))


class SocketUnvote(Strict):
    """The message ``unvote {idea, person?}``."""

    idea = f.String(required=True, validate=validate.Length(max=40))
    person = f.String(validate=validate.Length(max=200))


def tally_json(tally: Tally | None) -> dict[str, int] | None:
    """``Tally`` of the contract; None where this viewer may not see it."""
    if tally is None:
        return None
    return {"up": tally.up, "down": tally.down, "pass": tally.passed, "imported_up": tally.imported_up,
            "imported_down": tally.imported_down, "seq": tally.seq}  # fmt: skip


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """``Receipt`` of the contract."""
    return {"idea_id": receipt.idea_id, "value": receipt.value, "changed": receipt.changed,
            "tally": tally_json(receipt.tally), "seq": receipt.seq}  # fmt: skip


class TallySchema(Schema):
    """``Tally`` of the contract."""

    up = f.Integer(required=True)
    down = f.Integer(required=True)
    pass_ = f.Integer(required=True, data_key="pass", attribute="pass")
    imported_up = f.Integer(required=True)
    imported_down = f.Integer(required=True)
    seq = f.Integer(required=True)


class ReceiptSchema(Schema):
    """``Receipt`` of the contract."""

    idea_id = f.String(required=True)
    value = f.Integer(required=True, allow_none=True)
    changed = f.Boolean(required=True)
    tally = f.Nested(TallySchema, required=True, allow_none=True)
    seq = f.Integer(required=True)
