"""Two databases that differ in votes alone, and everything a viewer can read of them, byte for byte.

One database is built and copied. In both copies the same people do the same things at the same moments, but their votes go
to other ideas and say other things. Whatever is random (ids, nonces, tokens) is the same in both or blanked.
"""

from __future__ import annotations

import html
import json
import random
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from codesign.app import create_app, start_live
from codesign.kernel import db, ids
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.live.audience import Client
from codesign.testing import Database, settings_for

_BLANKED = (
    (re.compile(rb'(<meta name="csrf-token" content=")[^"]*'), rb"\1"),
    (re.compile(rb'(name="csrf_token"[^>]*value=")[^"]*'), rb"\1"),
    (re.compile(rb'(nonce=")[^"]*'), rb"\1"),
    (re.compile(rb"('nonce-)[^']*"), rb"\1"),
    (re.compile(rb'("request_id": ?")[^"]*'), rb"\1"),
    (re.compile(rb"(<code>)[0-9A-F]{8}(</code>)"), rb"\1\2"),
)
_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')
#: Headers that are new with every answer.
_HEADERS = {"x-request-id", "set-cookie", "date"}


def copy_database(source: Path, target: Path) -> Database:
    """A copy of a SQLite database, whatever still stands in its log."""
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()
    return Database("sqlite", f"sqlite:///{target}")


@contextmanager
def living_in(database: Database, instance: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Work on one of the twins; new ids come in the same order in both."""

    class Dice:
        randbits = random.Random(1).getrandbits

    with monkeypatch.context() as patch:
        patch.setattr(ids, "secrets", Dice)
        patch.setattr(ids, "_last", 0)
        # All of it is asked from one address, on a good machine faster than anybody may.
        app = create_app(settings_for(database, instance, requests_per_minute=1_000_000))
        app.testing = True
        try:
            yield app
        finally:
            db.current().dispose()


def answer_bytes(answer: TestResponse) -> bytes:
    """Status, headers and body of an answer, without what is random."""
    headers = sorted((k.lower(), v) for k, v in answer.headers if k.lower() not in _HEADERS)
    whole = f"{answer.status}\n{headers}\n".encode() + answer.get_data()
    for pattern, blank in _BLANKED:
        whole = pattern.sub(blank, whole)
    return whole


class Eye:
    """One viewer of one twin: a browser with the cookies it had when the database was copied."""

    def __init__(self, app: Flask, cookies: FlaskClient | None) -> None:
        self.client = app.test_client()
        if cookies is not None:
            self.client._cookies = dict(cookies._cookies)  # type: ignore[attr-defined]

    def read(self, path: str, headers: dict[str, str] | None = None) -> bytes:
        """What is at a path."""
        return answer_bytes(self.client.get(path, headers=headers))

    def withdraw(self, idea_id: str) -> bytes:
        """What comes of taking an idea back."""
        token = _TOKEN.search(self.client.get("/").get_data(as_text=True))
        assert token is not None
        headers = {"X-CSRF-Token": html.unescape(token.group(1))}
        return answer_bytes(self.client.delete(f"/api/v1/ideas/{idea_id}", headers=headers))


class Recorder:
    """Stands in for the socket server: keeps what would go over the wire, by room."""

    def __init__(self, app: Flask) -> None:
        self.server = self
        self.sent: list[tuple[str, str, str]] = []
        self.rooms: dict[str, set[str]] = defaultdict(set)
        self.dropped: set[str] = set()
        self.live = start_live(app, self)  # type: ignore[arg-type]

    def watch(self, name: str, actor: Actor | None, space: str) -> None:
        """A socket of somebody watches a space."""
        self.live.clients.add(Client(name, actor or ANONYMOUS))
        self.answer(name, "watch", self.live.watch(name, space))

    def answer(self, name: str, what: str, content: Any) -> None:
        self.sent.append((name, what, json.dumps(content)))

    def heard_by(self, name: str, space_id: str) -> list[tuple[str, str]]:
        """Everything one socket got, in order."""
        audience = self.live.clients.get(name).watches[space_id]  # type: ignore[union-attr]
        rooms = {name, f"{space_id}:{audience}"}
        return [(what, content) for room, what, content in self.sent if room in rooms]

    # --- What the live server asks of Flask-SocketIO ------------------------------------------------------------------

    def emit(self, name: str, content: Any, **where: Any) -> None:
        self.answer(where.get("room") or where["to"], name, content)

    def on(self, *_names: Any, **_options: Any) -> Callable[[Any], Any]:
        return lambda handler: handler

    def start_background_task(self, *_task: Any) -> None:
        """Ticks come from the test."""

    def enter_room(self, name: str, room: str, **_options: Any) -> None:
        self.rooms[name].add(room)

    def leave_room(self, name: str, room: str, **_options: Any) -> None:
        self.rooms[name].discard(room)

    def disconnect(self, name: str, **_options: Any) -> None:
        self.rooms.pop(name, None)
        self.dropped.add(name)
        self.live.disconnect(name)
