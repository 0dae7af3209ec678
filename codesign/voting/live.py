"""Socket doors of votes. The hot path: no Flask request context, one commit shared with whoever votes at the same moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask
from flask_socketio import SocketIO

from codesign.accounts.queries import find_person_id
from codesign.kernel import db
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Forbidden, NotFound
from codesign.kernel.text import _
from codesign.live.server import Live
from codesign.live.sockets import answer, load
from codesign.voting import service
from codesign.voting.limits import EXTENSION, VoteLimits
from codesign.voting.schemas import SocketUnvote, SocketVote, receipt_json
from codesign.web.errors import problem_body

_VOTE, _UNVOTE = SocketVote(), SocketUnvote()


def install(app: Flask, socketio: SocketIO, live: Live) -> None:
    """Open ``vote`` and ``unvote``."""
    limits: VoteLimits = app.extensions[EXTENSION]

    def actor_of(sid: str, content: dict[str, Any]) -> Actor:
        client = live.client(sid)
        actor = acting_for(client.actor, content.get("person"))
        limits.take(actor, client.address)
        return actor

    def vote(sid: str, message: Any = None) -> dict[str, Any]:
        content = load(_VOTE, message)
        receipt = service.cast_vote(actor_of(sid, content), content["idea"], content["value"])
        return {"ok": True, "receipt": receipt_json(receipt)}

    def unvote(sid: str, message: Any = None) -> dict[str, Any]:
        content = load(_UNVOTE, message)
        receipt = service.withdraw_vote(actor_of(sid, content), content["idea"])
        return {"ok": True, "receipt": receipt_json(receipt)}

    answer(socketio, live, "vote", vote, problem_body)
    answer(socketio, live, "unvote", unvote, problem_body)


def acting_for(actor: Actor, person: str | None) -> Actor:
    """The actor for whom an ``act_as`` token votes: *person* is an id or external id."""
    if person is None or person == actor.person_id:
        return actor
    if actor.scopes is None or "act_as" not in actor.scopes or not actor.is_admin:
        raise Forbidden(_("Only a token with the scope act_as may vote for somebody else."))
    with db.read():
        person_id = find_person_id(person)
    if person_id is None:
        raise NotFound(_("There is no such person."))
    return replace(actor, person_id=person_id, is_admin=False, guest=False, by=actor.by or actor.person_id)
