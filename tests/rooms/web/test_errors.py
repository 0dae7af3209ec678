"""One shape of refusal for programs, a friendly page for people, nothing from inside for anybody."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as OutOfConnections

from codesign.web.errors import from_messages


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("missing", 404, "not_found"), ("closed", 409, "closed"), ("invalid", 422, "invalid"), ("fast", 429, "too_many")],
)
def test_the_api_answers_problems(client: FlaskClient, name: str, status: int, code: str) -> None:
    response = client.get(f"/api/v1/problem/{name}")
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert set(response.json) == {"type", "title", "status", "detail", "code", "errors", "request_id"}
    assert (response.json["status"], response.json["code"]) == (status, code)


def test_sentences_carry_their_parameters(client: FlaskClient) -> None:
    assert client.get("/api/v1/problem/closed").json["detail"] == "Voting closed on 10 December."


def test_too_fast_says_when_to_come_back(client: FlaskClient) -> None:
    assert client.get("/api/v1/problem/fast").headers["Retry-After"] == "40"
    page = client.get("/problem/fast")
    assert "40 seconds" in page.text and page.headers["Retry-After"] == "40"


def test_people_get_a_page(client: FlaskClient) -> None:
    page = client.get("/problem/closed")
    assert (page.status_code, page.mimetype) == (409, "text/html")
    assert "Voting closed on 10 December." in page.text and 'name="robots" content="noindex"' in page.text


def test_a_stranger_is_shown_the_way_in(client: FlaskClient) -> None:
    assert client.get("/problem/stranger?a=1").headers["Location"] == "/sign-in?next=/problem/stranger%3Fa%3D1"
    assert client.get("/api/v1/problem/stranger").status_code == 401


@pytest.mark.parametrize("path", ["/problem/bug", "/api/v1/problem/bug"])
def test_what_broke_inside_stays_inside(app: Flask, client: FlaskClient, path: str) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = client.get(path)
    assert response.status_code == 500
    assert "swordfish" not in response.text and "RuntimeError" not in response.text
    assert response.headers["X-Request-Id"] in response.text


@pytest.mark.parametrize("failure", [OperationalError("SELECT 1", {}, Exception("gone")), OutOfConnections()])
def test_without_a_database_it_says_when_to_come_back(app: Flask, client: FlaskClient, failure: Exception) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/down")
    @app.get("/api/v1/down")
    def down() -> str:
        raise failure

    answer = client.get("/api/v1/down")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable") and "SELECT" not in answer.text
    assert answer.headers["Retry-After"] == "5"
    page = client.get("/down")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5") and "SELECT" not in page.text


def test_flasks_own_refusals_have_the_same_shape(client: FlaskClient) -> None:
    response = client.get("/api/v1/thing")
    assert (response.status_code, response.json["code"]) == (405, "invalid")
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert client.get("/api/v1/nowhere").json["code"] == "not_found"
    assert client.get("/nowhere").mimetype == "text/html"
    big = client.post("/api/v1/thing", data=b"x" * 2_000_000, headers={"Authorization": "Bearer x"})
    assert big.status_code in {200, 413}


def test_messages_of_schemas_become_a_flat_list() -> None:
    problem = from_messages(
        {"json": {"title": ["Missing data for required field."], "tags": {0: ["Too long."]}, "x": ["Unknown field."]}}
    )
    assert [(error.field, error.code) for error in problem.errors] == [
        ("title", "required"),
        ("tags.0", "invalid"),
        ("x", "unknown"),
    ]
