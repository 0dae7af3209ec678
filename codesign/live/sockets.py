"""The doors of the namespace ``/live``."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import get_locale
from flask_socketio import ConnectionRefusedError, SocketIO
from marshmallow import Schema, ValidationError, validate
from marshmallow import fields as f

from codesign.kernel.errors import Problem, TooMany
from codesign.live.broadcast import NAMESPACE
from codesign.live.server import Live

#: Messages of one socket that may be under way at once.
MOST_BUSY = 1_000


class Watch(Schema):
    """``watch {space, after?, idea?}``"""

    space = f.String(required=True)
    idea = f.String(allow_none=True, validate=validate.Length(max=26))
    after = f.Integer(strict=True, allow_none=True)


class Unwatch(Schema):
    """``unwatch {space}``"""

    space = f.String(required=True)


Body = Callable[[Exception, str], dict[str, Any]]

_log = logging.getLogger(__name__)


def refusal(error: Exception, body: Body, language: str = "") -> dict[str, Any]:
    """A problem, or whatever else went wrong, as a socket sees it: each with a name of its own, by which the log knows it."""
    return {"ok": False, "problem": {**body(error, language), "request_id": secrets.token_hex(4).upper()}}


def load(schema: Schema, message: Any) -> dict[str, Any]:
    """A message, checked; raises ValidationError, which is answered as the JSON doors answer it."""
    content: dict[str, Any] = schema.load(message if isinstance(message, dict) else {})
    return content


def install(socketio: SocketIO, live: Live, body: Body) -> None:
    """Open the doors on *socketio*. *body* turns an error into the JSON that every door answers with in a language."""

    @socketio.on("connect", namespace=NAMESPACE)
    def connect(auth: Any = None) -> bool | None:
        try:
            known, sid = auth if isinstance(auth, dict) else None, request.sid  # type: ignore[attr-defined]
            live.connect(sid, known, request.remote_addr, str(get_locale() or ""))
        except Problem as problem:
            raise ConnectionRefusedError(problem.code) from problem
        return None

    def disconnect(sid: str, *_reason: object) -> None:
        live.disconnect(sid)

    def watch(sid: str, message: Any = None) -> dict[str, Any]:
        wish = load(Watch(), message)
        return live.watch(sid, wish["space"], wish.get("idea"))

    def unwatch(sid: str, message: Any = None) -> dict[str, Any]:
        live.unwatch(sid, load(Unwatch(), message)["space"])
        return {"ok": True}

    socketio.server.on("disconnect", disconnect, namespace=NAMESPACE)
    answer(socketio, live, "watch", watch, body)
    answer(socketio, live, "unwatch", unwatch, body)


def answer(
    socketio: SocketIO,
    live: Live,
    name: str,
    door: Callable[..., dict[str, Any]],
    body: Body,
) -> None:
    """Open one door without Flask's request context (half the cost); what it returns is the acknowledgement.

    Whatever goes wrong is acknowledged too: a client that waits for ever would send nothing more.
    """

    def handle(sid: str, *message: Any) -> dict[str, Any]:
        client = live.clients.get(sid)
        if client is None:
            return refusal(Problem(), body)
        client.busy += 1
        try:
            if client.busy > MOST_BUSY:
                raise TooMany(retry_after=1)
            return door(sid, *message[:1])
        except (Problem, ValidationError) as problem:
            return refusal(problem, body, client.language)
        except Exception as error:
            answered = refusal(error, body, client.language)
            _log.exception("request %s failed: the socket door %s", answered["problem"]["request_id"], name)
            return answered
        finally:
            client.busy -= 1

    socketio.server.on(name, handle, namespace=NAMESPACE)
