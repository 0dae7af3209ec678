"""JSON door of the log: how a client that was away catches up."""

from __future__ import annotations

from typing import Any

from codesign.activity.queries import Catchup, events_after
from codesign.activity.schemas import EventsQuery, EventsSchema, catchup_json
from codesign.kernel.actor import Actor
from codesign.kernel.db import offload
from codesign.spaces.access import look
from codesign.voting.queries import audience_of
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("activity_api", __name__, description="What happened")


def catch_up(actor: Actor, reference: str, after: int, limit: int) -> Catchup:
    """What *actor* missed in a space, read in one snapshot."""
    access = look(actor, reference)
    return events_after(access, audience_of(access), after, limit)


@blueprint.route("/spaces/<space>/events", methods=["GET"])
@blueprint.arguments(EventsQuery, location="query")
@blueprint.response(200, EventsSchema)
def events(query: dict[str, Any], space: str) -> dict[str, Any]:
    """What happened after the number `after`.

    While `next` is a number, ask again with it; on `reset` take a new snapshot.
    """
    return catchup_json(offload(catch_up, current_actor(), space, query["after"], query["limit"]))
