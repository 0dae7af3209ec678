"""Another system tells what it knows of people: PUT /people/{external_id}."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from codesign.events import log
from codesign.events.base import SERVER
from codesign.kernel import db

NOA = "/api/v1/people/crm:4711"
TOLD = {"name": "Noa", "organization": "Velo AG", "segment": "fleet", "revenue": 120000.0}


@pytest.fixture
def put(client: FlaskClient, make_person: Callable[..., Any], make_token: Callable[..., str]) -> Callable[..., Any]:
    token = make_token(make_person(is_admin=True))
    return lambda path=NOA, key=token, **content: client.put(
        path, json=content, headers={"Authorization": f"Bearer {key}"}
    )  # fmt: skip


def facts() -> int:
    with db.read():
        return log.head(SERVER)


def test_a_person_is_made_once_and_told_again_nothing_changes(put: Callable[..., Any]) -> None:
    first = put(**TOLD)
    assert first.status_code == 201
    assert first.json["organization"] == {"name": "Velo AG", "segment": "fleet", "revenue": 120000.0}
    before = facts()
    again = put(**TOLD)
    assert (again.status_code, again.json) == (200, first.json) and facts() == before


def test_what_is_left_out_stays_and_what_is_new_is_recorded_by_name_of_field(put: Callable[..., Any]) -> None:
    put(**TOLD)
    assert put(segment="key account").json["organization"] == {
        "name": "Velo AG", "segment": "key account", "revenue": 120000.0,
    }  # fmt: skip
    with db.read():
        last = log.latest(SERVER, 1)[0]
    assert (last.name, last.payload["fields"]) == ("person.changed", ["segment"])
    assert put(organization="").json["organization"] is None and put(name="Noa L.").json["name"] == "Noa L."


def test_attributes_need_an_organization_and_unknown_fields_are_refused(put: Callable[..., Any]) -> None:
    for content, field in (({"segment": "x"}, "organization"), ({"wealth": 1}, "wealth"), ({"revenue": -1}, "revenue")):
        answer = put("/api/v1/people/new", **content)
        assert answer.status_code == 422 and answer.json["errors"][0]["field"] == field
    assert put(**TOLD).status_code == 201


def test_only_an_administrator_with_the_scope_may(
    put: Callable[..., Any], make_person: Callable[..., Any], make_token: Callable[..., str]
) -> None:
    assert put(key=make_token(make_person()), **TOLD).status_code == 403
    assert put(key=make_token(make_person(is_admin=True), "read"), **TOLD).status_code == 403
    assert put(key="wrong", **TOLD).status_code == 401
    assert put(**TOLD).status_code == 201
