"""Whatever a socket asks, it is answered."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, has_app_context
from sqlalchemy.exc import OperationalError

from codesign.kernel.errors import Closed, TooMany
from codesign.live.sockets import Watch, answer, load
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


WATCH = (
    ({}, {("space", "required", "Missing data for required field.")}),
    ("text", {("space", "required", "Missing data for required field.")}),
    ({"space": 5, "after": "x", "colour": 1}, {("space", "invalid"), ("after", "invalid"), ("colour", "unknown")}),
)


@pytest.mark.parametrize(("message", "errors"), WATCH)
def test_what_is_no_message_is_refused_as_the_json_doors_do(app: Flask, message: Any, errors: set[Any]) -> None:
    doors: dict[str, Handler] = {}
    socketio: Any = SimpleNamespace(server=SimpleNamespace(on=lambda name, door, namespace: doors.update({name: door})))
    live: Any = SimpleNamespace(clients={"sid": SimpleNamespace(busy=0, language="")})
    answer(socketio, live, "watch", lambda _sid, said: load(Watch(), said), failures_of(app))
    problem = doors["watch"]("sid", message)["problem"]
    assert (problem["code"], problem["status"], problem["detail"]) == (
        "invalid",
        422,
        "Some of this cannot be used as it is.",
    )
    told = [(error["field"], error["code"], error["message"]) for error in problem["errors"]]
    assert {each[: len(next(iter(errors)))] for each in told} == errors
    assert not any("[" in said for _field, _code, said in told) and len(problem["request_id"]) == 8


def test_what_fails_has_a_name_that_the_log_knows(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    doors: dict[str, Handler] = {}
    socketio: Any = SimpleNamespace(server=SimpleNamespace(on=lambda name, door, namespace: doors.update({name: door})))
    live: Any = SimpleNamespace(clients={"sid": SimpleNamespace(busy=0, language="")})
    answer(socketio, live, "act", lambda _sid, _said: 1 // 0, failures_of(app))
    problem = doors["act"]("sid", {})["problem"]
    assert problem["code"] == "failed" and problem["request_id"] in caplog.text


@pytest.mark.parametrize(("language", "said"), [("", "That was quick."), ("de", "Das ging schnell.")])
def test_refusals_are_told_in_the_language_of_the_page(app: Flask, language: str, said: str) -> None:
    """Doors of sockets have no app context of their own."""
    assert not has_app_context()
    assert said in failures_of(app)(TooMany(retry_after=3), language)["detail"]
