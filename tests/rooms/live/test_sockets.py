"""Whatever a socket asks, it is answered."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from codesign.kernel.errors import Closed
from codesign.live.sockets import answer
from codesign.web.errors import failure_body

Handler = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Closed("Voting is closed here."), "closed"),
        (OperationalError("select 1", {}, Exception("locked")), "unavailable"),
        (ZeroDivisionError(), "failed"),
    ],
)
def test_what_goes_wrong_is_acknowledged(app: Flask, error: Exception, code: str) -> None:
    doors: dict[str, Handler] = {}
    client = SimpleNamespace(busy=0)
    socketio: Any = SimpleNamespace(server=SimpleNamespace(on=lambda name, door, namespace: doors.update({name: door})))
    live: Any = SimpleNamespace(clients={"sid": client})

    def door(_sid: str, message: Any) -> dict[str, Any]:
        if message["fails"]:
            raise error
        return {"ok": True}

    answer(socketio, live, "act", door, failure_body)
    with app.app_context():
        told = doors["act"]("sid", {"fails": True})
        assert (told["ok"], told["problem"]["code"]) == (False, code)
        assert doors["act"]("sid", {"fails": False}) == {"ok": True}
    assert client.busy == 0
