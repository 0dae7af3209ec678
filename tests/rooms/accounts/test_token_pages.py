"""Tokens: made and taken back on the page of a person, shown by programs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from codesign.accounts import queries
from tests.support.visitor import Visitor

pytestmark = pytest.mark.doors


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody new."""
    return Visitor(app)


def test_a_token_is_shown_once_and_works_until_revoked(visitor: Visitor, app: Flask) -> None:
    visitor.register()
    response = visitor.send("/me/tokens", token_name="laptop", scope_read="1", days="")
    secret = re.findall(r"cds_[\w-]+", response.get_data(as_text=True))[0]
    assert response.headers["Cache-Control"] == "no-store"
    assert secret not in visitor.get("/me/tokens").get_data(as_text=True)
    program = app.test_client()
    with_token = {"Authorization": f"Bearer {secret}"}
    assert program.get("/api/v1/me", headers=with_token).json["id"] == visitor.me()
    token = queries.list_tokens(str(visitor.me()))[0]
    assert token.last_used_at
    visitor.send(f"/me/tokens/{token.id}/revoke")
    assert program.get("/api/v1/me", headers=with_token).status_code == 401


def test_a_token_opens_no_pages_and_a_bad_one_is_not_overlooked(visitor: Visitor, make_token: Any) -> None:
    visitor.register()
    person = queries.get_person(str(visitor.me()))
    secret = make_token(person)
    program = Visitor(visitor.client.application)
    for path in ("/me/tokens", "/me/data", "/me/notices"):
        assert program.client.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code in {302, 401}
        assert visitor.get(path).status_code == 200
    # A request that shows a token is never answered by its cookies.
    assert visitor.client.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_act_as_is_for_administrators_tokens(app: Flask, make_person: Any, make_token: Any) -> None:
    admin, person = make_person(is_admin=True), make_person(external_id="crm:7")
    client = app.test_client()

    def whoami(secret: str, act_as: str) -> Any:
        return client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}", "X-Act-As": act_as})

    for reference in (person.id, "crm:7"):
        assert whoami(make_token(admin), reference).json["id"] == person.id
    assert whoami(make_token(admin, "read", "write"), person.id).status_code == 403
    assert whoami(make_token(person), admin.id).status_code == 403
    assert whoami(make_token(admin), "nobody").status_code == 404
    cookie_only = Visitor(app)
    cookie_only.register()
    answer = cookie_only.client.get("/api/v1/me", headers={"X-Act-As": person.id})
    assert answer.json["id"] == cookie_only.me() != person.id


def test_a_refusal_is_no_error_of_ours(app: Flask, make_person: Any, make_token: Any, caplog: Any) -> None:
    secret, person = make_token(make_person(is_admin=True), "read"), make_person()
    answer = app.test_client().get(
        "/spaces/nowhere", headers={"Authorization": f"Bearer {secret}", "X-Act-As": person.id}
    )
    assert answer.status_code == 403 and "</html>" in answer.text
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []


def test_a_token_needs_scope_read_to_say_who_it_is(app: Flask, make_person: Any, make_token: Any) -> None:
    person, client = make_person(), app.test_client()
    for scope, status in (("read", 200), ("write", 403)):
        headers = {"Authorization": f"Bearer {make_token(person, scope)}"}
        assert client.get("/api/v1/me", headers=headers).status_code == status
    assert client.get("/api/v1/me").status_code == 401


def test_a_token_in_an_address_is_no_token(app: Flask, make_person: Any, make_token: Any) -> None:
    secret, client = make_token(make_person()), app.test_client()
    for name in ("token", "access_token", "api_key", "Authorization"):
        assert client.get("/api/v1/me", query_string={name: secret}).status_code in {401, 422}
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
