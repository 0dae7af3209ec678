"""Socket doors of votes. The hot path: no Flask request context, one commit shared with whoever votes at the same moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_socketio import SocketIO

from codesign.ideas.facts import Tally
from codesign.kernel.actor import Actor
from codesign.live.server import Live
from codesign.live.sockets import answer, load
from codesign.voting import service
from codesign.voting.limits import EXTENSION, VoteLimits
from codesign.voting.schemas import SocketUnvote, SocketVote, receipt_json, tally_json
from codesign.web.errors import failures_of

_VOTE, _UNVOTE = SocketVote(), SocketUnvote()


def spelled(tallies: Mapping[str, Tally]) -> dict[str, Any]:
    """Tallies by idea as they go over the wire."""
    return {idea_id: tally_json(tally) for idea_id, tally in tallies.items()}


def install(app: Flask, socketio: SocketIO, live: Live) -> None:
    """Open ``vote`` and ``unvote``."""
    limits: VoteLimits = app.extensions[EXTENSION]
    failures = failures_of(app)

    def counted(sid: str, content: dict[str, Any]) -> tuple[Actor, str | None]:
        """Who sends this vote, and whose it is if another's; raises TooMany."""
        client, voter = live.client(sid), content.get("person")
        limits.take(client.actor, client.address)
        return client.actor, None if voter == client.actor.person_id else voter

    def vote(sid: str, message: Any = None) -> dict[str, Any]:
        content = load(_VOTE, message)
        actor, voter = counted(sid, content)
        return {"ok": True, "receipt": receipt_json(service.cast_vote(actor, content["idea"], content["value"], voter))}

    def unvote(sid: str, message: Any = None) -> dict[str, Any]:
        content = load(_UNVOTE, message)
        actor, voter = counted(sid, content)
        return {"ok": True, "receipt": receipt_json(service.withdraw_vote(actor, content["idea"], voter))}

    answer(socketio, live, "vote", vote, failures)
    answer(socketio, live, "unvote", unvote, failures)
