"""The JSON doors of spaces and members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from codesign.events import log
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.spaces import queries, service

pytestmark = pytest.mark.doors

Make = Callable[..., Any]
Ask = Callable[..., Any]

SPACE = {
    "id", "slug", "url", "name", "purpose", "goal", "visibility", "phase", "ballot", "order", "statuses", "my_role",
    "version", "seq",
}  # fmt: skip
MEMBER = {"person_id", "external_id", "name", "role", "stakeholder_type", "organization"}


@pytest.fixture
def ask(client: FlaskClient, make_token: Make) -> Ask:
    """Ask the API as a person: ``ask(person, "GET", "/spaces")``; None asks as nobody."""

    def call(person: Any, method: str, path: str, json: Any = None, *scopes: str) -> Any:
        headers = {"Authorization": f"Bearer {make_token(person, *scopes)}"} if person else {}
        return client.open(f"/api/v1{path}", method=method, json=json, headers=headers)

    return call


@pytest.fixture
def admin(make_person: Make) -> Any:
    return make_person("Ada", is_admin=True)


def problem(response: Any) -> tuple[int, str]:
    assert response.mimetype == "application/problem+json", response.get_data(as_text=True)
    assert set(response.json) == {"type", "title", "status", "detail", "code", "errors", "request_id"}
    return response.status_code, response.json["code"]


def test_a_space_is_made_read_changed_deleted(ask: Ask, admin: Any) -> None:
    content = {
        "name": "City bike", "slug": "city-bike", "template": "ideas", "purpose": "Which one?", "visibility": "unlisted",
        "ballot": {"kind": "updown", "results": "after_vote"}, "order": "shuffled", "phase": "vote",
    }  # fmt: skip
    made = ask(admin, "POST", "/spaces", content)
    assert made.status_code == 201
    space = made.json
    assert set(space) == SPACE
    assert space["url"] == "/spaces/city-bike" and space["my_role"] == "owner" and space["version"] == 1
    assert space["ballot"] == {"kind": "updown", "results": "after_vote", "open": True} and space["phase"] == "vote"
    assert [set(status) for status in space["statuses"]] == [{"id", "name", "color"}] * 6
    for reference in (space["id"], "city-bike"):
        assert ask(admin, "GET", f"/spaces/{reference}").json == space
    changed = ask(admin, "PATCH", "/spaces/city-bike", {"version": 1, "goal": "One bike", "ballot": {"open": False}})
    assert changed.status_code == 200 and changed.json["goal"] == "One bike" and changed.json["version"] == 2
    assert changed.json["ballot"]["open"] is False and changed.json["seq"] == space["seq"] + 2
    assert problem(ask(admin, "PATCH", "/spaces/city-bike", {"version": 1, "goal": "Two"})) == (409, "conflict")
    gone = ask(admin, "DELETE", "/spaces/city-bike")
    assert (gone.status_code, gone.data) == (204, b"")
    assert problem(ask(admin, "GET", "/spaces/city-bike")) == (404, "not_found")


def test_one_message_happens_whole_or_not_at_all(ask: Ask, admin: Any) -> None:
    space = ask(admin, "POST", "/spaces", {"name": "Whole"}).json
    refused = ask(
        admin, "PATCH", "/spaces/whole", {"goal": "g", "next_phase": "vote", "next_phase_at": "2020-01-01T00:00:00Z"}
    )
    assert problem(refused) == (422, "invalid") and refused.json["errors"][0]["field"] == "at"
    assert ask(admin, "GET", "/spaces/whole").json == space
    names = [line["name"] for line in ask(admin, "GET", "/spaces").json["items"]]
    refused = ask(
        admin, "POST", "/spaces", {"name": "Half", "next_phase": "collect", "next_phase_at": "2020-01-01T00:00:00Z"}
    )
    assert problem(refused)[0] == 422
    for half in ({"next_phase": "vote"}, {"next_phase_at": "2199-01-01T00:00:00Z"}):
        refused = ask(admin, "POST", "/spaces", {"name": "Half", **half})
        assert problem(refused) == (422, "invalid") and refused.json["errors"][0]["field"] == "next_phase_at"
    assert [line["name"] for line in ask(admin, "GET", "/spaces").json["items"]] == names


def test_product_people_move_phases_but_no_rules(ask: Ask, make_space: Make, make_person: Make) -> None:
    product, space = make_person(), make_space()
    service.add_member(SYSTEM, space.id, product.id, "product")
    moved = ask(product, "PATCH", f"/spaces/{space.slug}", {"phase": "discuss", "version": 1})
    assert moved.status_code == 200 and moved.json["phase"] == "discuss"
    assert problem(ask(product, "PATCH", f"/spaces/{space.slug}", {"phase": "vote", "goal": "mine"})) == (
        403,
        "forbidden",
    )
    assert problem(ask(product, "PATCH", f"/spaces/{space.slug}", {"phase": "vote", "version": 7})) == (409, "conflict")
    assert queries.get_space(space.id).phase == "discuss"  # type: ignore[union-attr]


def test_lists_in_pages(ask: Ask, admin: Any, make_space: Make, count_queries: Make) -> None:
    made = [make_space().id for _number in range(3)]
    found, cursor = [], ""
    while True:
        page = ask(admin, "GET", f"/spaces?limit=2{cursor}").json
        assert set(page) == {"items", "next", "seq"}
        found += [line["id"] for line in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == made[::-1]
    from codesign.spaces.api import listed

    with count_queries() as statements:
        listed(SYSTEM, 100, None)
    assert len(statements) == 4, statements


BAD_SPACES: list[tuple[Any, str]] = [
    ({}, "name"), ({"name": 5}, "name"), ({"name": "x"}, "name"), ({"name": "x" * 121}, "name"),
    ({"name": "nul\0"}, ""), ({"name": "Ok", "slug": "Not Ok"}, "slug"), ({"name": "Ok", "template": "else"}, "template"),
    ({"name": "Ok", "owner": "me"}, "owner"), ({"name": "Ok", "id": "1"}, "id"), ({"name": "Ok", "state": "open"}, "state"),
    ({"name": "Ok", "created_at": "2020-01-01"}, "created_at"), ({"name": "Ok", "version": 2}, "version"),
    ({"name": "Ok", "ballot": {"kind": "quadratic"}}, "ballot.kind"), ({"name": "Ok", "ballot": []}, "ballot"),
    ({"name": "Ok", "ballot": {"voters": 5}}, "ballot.voters"), ({"name": "Ok", "promise_days": "14"}, "promise_days"),
    ({"name": "Ok", "phases": {"collect": {"vote": "1"}}}, "phases.collect.vote"),
    ({"name": "Ok", "phases": {"later": {}}}, "phases.later"), ({"name": "Ok", "visibility": None}, "visibility"),
    ([], ""), ("text", ""),
]  # fmt: skip


def test_bad_spaces_are_refused_and_nothing_is_made(ask: Ask, admin: Any) -> None:
    token_made = ask(admin, "POST", "/spaces", {"name": "Control"})
    assert token_made.status_code == 201
    for content, field in BAD_SPACES:
        refused = ask(admin, "POST", "/spaces", content)
        assert problem(refused) == (422, "invalid"), content
        if field:
            assert field in [error["field"] for error in refused.json["errors"]], (content, refused.json)
    assert len(queries.all_spaces()) == 1


def test_bad_changes_are_refused_and_nothing_is_changed(ask: Ask, admin: Any, make_space: Make) -> None:
    space = make_space(slug="kept")
    for content, _field in BAD_SPACES[1:]:
        if isinstance(content, dict) and content.get("version") is None and "template" not in content:
            assert problem(ask(admin, "PATCH", "/spaces/kept", content)) == (422, "invalid"), content
    for content in ({"version": "1"}, {"version": True}, {"version": 0}, {"next_phase": "vote"}, {"members": []}):
        assert problem(ask(admin, "PATCH", "/spaces/kept", content)) == (422, "invalid"), content
    assert queries.get_space(space.id) == space
    assert ask(admin, "PATCH", "/spaces/kept", {}).json["version"] == 1


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_bodies_that_are_no_json_objects(
    client: FlaskClient, admin: Any, make_token: Make, make_space: Make, method: str
) -> None:
    make_space(slug="kept")
    path = "/api/v1/spaces" + ("" if method == "POST" else "/kept")
    for body, kind in (
        (b"{", "application/json"),
        (b'{"name":"a","name":"b"}', "application/json"),
        (b"name=Form", "text/plain"),
    ):
        headers = {"Authorization": f"Bearer {make_token(admin)}", "Content-Type": kind}
        assert problem(client.open(path, method=method, data=body, headers=headers)) == (422, "invalid")


def test_who_is_refused_and_how(ask: Ask, make_space: Make, make_person: Make) -> None:
    mira, owner = make_person(), make_person()
    public, private = make_space(owner=owner), make_space(owner=owner, visibility="private")
    body = {"goal": "x"}
    for space, person, wanted in (
        (public, None, (401, "unauthenticated")), (public, mira, (403, "forbidden")),
        (private, None, (404, "not_found")), (private, mira, (404, "not_found")),
    ):  # fmt: skip
        assert problem(ask(person, "GET", f"/spaces/{space.slug}/members")) == wanted
        if person is None:
            continue  # without a token a change is refused before anybody asks who it is: it lacks the form's proof
        assert problem(ask(person, "PATCH", f"/spaces/{space.slug}", body)) == wanted
        assert problem(ask(person, "DELETE", f"/spaces/{space.slug}")) == wanted
        assert problem(ask(person, "POST", f"/spaces/{space.slug}/members", {"external_id": "x"})) == wanted
    assert problem(ask(mira, "POST", "/spaces", {"name": "Mine"})) == (403, "forbidden")
    unknown = ask(mira, "GET", "/spaces/no-such-space").json
    hidden = ask(mira, "GET", f"/spaces/{private.slug}").json
    assert {**unknown, "request_id": ""} == {**hidden, "request_id": ""}
    assert ask(owner, "PATCH", f"/spaces/{private.slug}", body).status_code == 200
    assert ask(owner, "GET", f"/spaces/{private.slug}", None, "read").status_code == 200
    assert problem(ask(owner, "PATCH", f"/spaces/{private.slug}", body, "read", "write")) == (403, "forbidden")


def test_members_come_by_external_id(ask: Ask, make_space: Make, make_person: Make) -> None:
    owner = make_person("Olga")
    space = make_space(owner=owner)
    path = f"/spaces/{space.slug}/members"
    made = ask(
        owner,
        "POST",
        path,
        {"external_id": "crm:9", "name": "Teo", "stakeholder_type": "partner", "organization": "Tarn"},
    )
    assert made.status_code == 201 and set(made.json) == MEMBER
    assert {name: made.json[name] for name in MEMBER - {"person_id"}} == {
        "external_id": "crm:9", "name": "Teo", "role": "contributor", "stakeholder_type": "partner", "organization": "Tarn",
    }  # fmt: skip
    again = ask(owner, "POST", path, {"external_id": "crm:9"})
    assert (again.status_code, again.json) == (200, made.json)
    listed = ask(owner, "GET", path, None, "read")
    assert [member["name"] for member in listed.json["items"]] == ["Olga", "Teo"] and listed.json["next"] is None
    found = ask(owner, "GET", f"{path}?external_id=crm:9").json["items"]
    assert [member["person_id"] for member in found] == [made.json["person_id"]]
    with db.read():
        assert listed.json["seq"] == log.head(space.id)


@pytest.mark.parametrize(
    "content",
    [
        {}, {"external_id": ""}, {"external_id": "x" * 201}, {"external_id": 7}, {"external_id": "a\0"},
        {"external_id": "a", "role": "admin"}, {"external_id": "a", "is_admin": True}, {"person_id": "nobody"},
        {"external_id": "a", "person_id": "b"}, {"email": "nobody@example.org"}, {"external_id": "a", "name": "x" * 81},
        {"external_id": "a", "stakeholder_type": "alien"}, {"external_id": "a", "organization": "x" * 121},
        {"external_id": "line\nbreak"},
    ],
)  # fmt: skip
def test_bad_members_are_refused_and_nobody_is_made(
    ask: Ask, make_space: Make, make_person: Make, content: Any
) -> None:
    owner = make_person()
    space = make_space(owner=owner)
    with db.read():
        number, server = log.head(space.id), log.head("server")
    assert problem(ask(owner, "POST", f"/spaces/{space.slug}/members", content)) == (422, "invalid")
    with db.read():
        assert log.head(space.id) == number
        made = [fact.name for fact in log.since("server", server)]
    assert "person.registered" not in made
    assert queries.count_members([space.id]) == {space.id: 1}


def test_addresses_are_read_to_the_letter(ask: Ask, admin: Any, make_space: Make) -> None:
    space = make_space()
    for query in ("limit=0", "limit=101", "limit=x", "cursor=nonsense", "page=2", "limit=1&limit=2"):
        assert problem(ask(admin, "GET", f"/spaces?{query}")) == (422, "invalid"), query
        assert problem(ask(admin, "GET", f"/spaces/{space.slug}/members?{query}")) == (422, "invalid"), query
    assert ask(admin, "GET", f"/spaces/{space.slug}/members?limit=1&role=owner").status_code == 200
