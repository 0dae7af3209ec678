"""Knocking at JSON doors as somebody, and seeing whether anything changed behind them."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from codesign.accounts.service import make_token
from codesign.events.base import SERVER
from codesign.kernel import db
from codesign.kernel.actor import Actor

#: Tables that a request touches without changing anything people share; the server's own log tells of tokens.
_TOUCHED = {"api_token", "alembic_version"}
_SERVER = json.dumps(SERVER)


class Door:
    """JSON requests to an app, each by an actor with a token (None: nobody is signed in)."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self._tokens: dict[tuple[str, tuple[str, ...]], str] = {}

    def headers(self, actor: Actor | None, *scopes: str) -> dict[str, str]:
        """What a program of *actor* sends along."""
        if actor is None or actor.person_id is None:
            return {"Authorization": ""}
        key = (actor.person_id, scopes or ("all",))
        if key not in self._tokens:
            self._tokens[key] = make_token(actor, actor.person_id, "tests", key[1])[1]
        return {"Authorization": f"Bearer {self._tokens[key]}"}

    def ask(
        self,
        actor: Actor | None,
        method: str,
        path: str,
        body: Any = None,
        *scopes: str,
        raw: bytes | str | None = None,
        content_type: str = "application/json",
        **query: Any,
    ) -> TestResponse:
        """The answer to one request below ``/api/v1``."""
        data = raw if raw is not None else None if body is None else json.dumps(body)
        headers = self.headers(actor, *scopes)
        if not headers["Authorization"]:
            headers = {}
        return self.client.open(
            f"/api/v1{path}", method=method, data=data, headers=headers, query_string=query,
            content_type=content_type if data is not None else None,
        )  # fmt: skip


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, to compare with what was there before."""
    found = {}
    with db.read() as work:
        for table in db.present_tables():
            if table.name not in _TOUCHED:
                rows = [tuple(row) for row in work.execute(select(table).order_by(*table.primary_key.columns))]
                texts = [tuple(json.dumps(v, default=str, sort_keys=True) for v in row) for row in rows]
                found[table.name] = [row for row in texts if row[:1] != (_SERVER,)]
    return found


def problem(answer: TestResponse) -> dict[str, Any]:
    """The problem in an answer, after a look at its shape."""
    assert answer.mimetype == "application/problem+json", answer.get_data(as_text=True)
    content: dict[str, Any] = answer.get_json()
    assert set(content) == {"type", "title", "status", "detail", "code", "errors", "request_id"}
    assert content["status"] == answer.status_code
    assert all(set(error) == {"field", "code", "message"} for error in content["errors"])
    return content
