"""Whatever a socket asks, it is answered."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, has_app_context
from sqlalchemy.exc import OperationalError

from codesign.kernel.errors import Closed, TooMany
from codesign.live.sockets import answer
from codesign.web.errors import failures_of

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
    client = SimpleNamespace(busy=0, language="")
    socketio: Any = SimpleNamespace(server=SimpleNamespace(on=lambda name, door, namespace: doors.update({name: door})))
    live: Any = SimpleNamespace(clients={"sid": client})

    def door(_sid: str, message: Any) -> dict[str, Any]:
        if message["fails"]:
            raise error
        return {"ok": True}

    answer(socketio, live, "act", door, failures_of(app))
    told = doors["act"]("sid", {"fails": True})
    assert (told["ok"], told["problem"]["code"]) == (False, code)
    assert doors["act"]("sid", {"fails": False}) == {"ok": True}
    assert client.busy == 0


@pytest.mark.parametrize(("language", "said"), [("", "That was quick."), ("de", "Das ging schnell.")])
def test_refusals_are_told_in_the_language_of_the_page(app: Flask, language: str, said: str) -> None:
    """Doors of sockets have no app context of their own."""
    assert not has_app_context()
    assert said in failures_of(app)(TooMany(retry_after=3), language)["detail"]
