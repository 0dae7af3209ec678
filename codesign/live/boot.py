"""Gives the live server what it needs from the rooms, and starts it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask
from flask_socketio import SocketIO

from codesign.activity.queries import public_event
from codesign.ideas.tallies import read_tallies
from codesign.kernel import db
from codesign.live import pulse, sockets
from codesign.live.broadcast import Broadcast
from codesign.live.frames import Sources
from codesign.live.server import Live
from codesign.spaces.access import standing
from codesign.spaces.queries import count_voters
from codesign.voting import live as votes
from codesign.voting.queries import audience_of
from codesign.voting.schemas import tally_json
from codesign.web import identity
from codesign.web.errors import problem_body


def tallies(idea_ids: Iterable[str]) -> dict[str, Any]:
    """Today's tallies of ideas as they go over the wire."""
    return {idea_id: tally_json(tally) for idea_id, tally in read_tallies(db.session(), idea_ids).items()}


def start(app: Flask, socketio: SocketIO) -> Live:
    """Open the socket doors of *app* and let the clock tick in the background."""
    sources = Sources(
        identify=identity.actor_for_socket,
        standing=standing,
        audience_of=audience_of,
        tallies=tallies,
        voters=count_voters,
        public_event=public_event,
    )
    live = Live(Broadcast(socketio), sources)
    sockets.install(socketio, live, problem_body)
    votes.install(app, socketio, live)
    identity.on_identity_change(live.sign_out)
    tick = app.extensions["codesign"].tick_ms / 1000
    socketio.start_background_task(pulse.run, live, db.current(), tick)
    return live
