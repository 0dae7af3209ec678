"""What events look like over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from codesign.activity.queries import Catchup
from codesign.voting.schemas import TallySchema, tally_json
from codesign.web.api import Limit, Strict

MOST_EVENTS = 1_000


class EventsQuery(Strict):
    """The address of ``GET /spaces/{space}/events``."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**62))
    limit = Limit(most=MOST_EVENTS, default=500)


class EventSchema(Schema):
    """``Event`` of the contract."""

    seq = fields.Integer(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    at = fields.String(required=True, metadata={"format": "date-time"})
    actor_id = fields.String(required=True, allow_none=True)
    payload = fields.Dict(keys=fields.String(), required=True)


class EventsSchema(Schema):
    """What happened after a number."""

    items = fields.List(fields.Nested(EventSchema), required=True)
    tallies = fields.Dict(keys=fields.String(), values=fields.Nested(TallySchema), required=True)
    seq = fields.Integer(required=True)
    next = fields.Integer(required=True, allow_none=True)
    reset = fields.Boolean(required=True)


def catchup_json(catchup: Catchup) -> dict[str, Any]:
    """The answer of the events door."""
    return {
        "items": catchup.items,
        "tallies": {idea_id: tally_json(tally) for idea_id, tally in catchup.tallies.items()},
        "seq": catchup.seq,
        "next": catchup.next,
        "reset": catchup.reset,
    }
