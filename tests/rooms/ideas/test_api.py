"""The JSON doors of ideas, comments and merging: shapes, pages, conflicts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.voting.service import cast_vote
from tests.support.doors import Door, problem
from tests.support.world import World

pytestmark = pytest.mark.doors

Make = Callable[..., Any]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
IDEA = {
    "id", "space_id", "slug", "url", "external_id", "title", "body", "body_html", "state", "status", "tags", "author",
    "tally", "my_vote", "comment_count", "configuration_id", "for_product_id", "for_group", "merged_into", "answer",
    "version", "created_at", "edited_at",
}  # fmt: skip
COMMENT = {
    "id", "idea_id", "parent_id", "body", "body_html", "state", "internal", "author", "version", "created_at",
    "edited_at",
}  # fmt: skip


@pytest.fixture
def door(app: Flask) -> Door:
    return Door(app)


def test_an_idea_has_the_shape_of_the_contract(world: World, door: Door) -> None:
    path = f"/spaces/{world.space.slug}/ideas"
    content = {
        "title": "A *lamp* that lights",
        "body": "**Bright** <script>alert(1)</script>",
        "tags": ["Light"],
        "external_id": "crm:1",
    }
    made = door.ask(world.ann, "POST", path, content)
    idea = made.get_json()
    assert made.status_code == 201 and set(idea) == IDEA
    assert (idea["title"], idea["tags"], idea["external_id"], idea["version"]) == (
        content["title"],
        ["light"],
        "crm:1",
        1,
    )
    assert "<strong>Bright</strong>" in idea["body_html"] and "<script" not in idea["body_html"]
    assert set(idea["status"]) == {"id", "name", "color"} and set(idea["author"]) == {"id", "name"}
    assert idea["tally"] == {"up": 0, "down": 0, "pass": 0, "imported_up": 0, "imported_down": 0, "seq": 0}
    assert idea["url"] == f"/spaces/{world.space.slug}/ideas/{idea['id']}-a-lamp-that-lights"
    assert MOMENT.fullmatch(idea["created_at"]) and idea["edited_at"] is None and idea["my_vote"] is None
    cast_vote(world.ann, idea["id"], 1)
    again = door.ask(world.ann, "GET", f"/ideas/{idea['id']}").get_json()
    assert (again["my_vote"], again["tally"]["up"]) == (1, 1)
    by_slug, by_id = (
        door.ask(None, "GET", f"/spaces/{ref}/ideas").get_json() for ref in (world.space.slug, world.space.id)
    )
    assert by_slug == by_id and set(by_slug) == {"items", "next", "seq"} and set(by_slug["items"][0]) == IDEA
    taken = problem(door.ask(world.ann, "POST", path, content))
    assert (
        taken["code"] == "conflict" and taken["errors"][0]["field"] == "external_id" and idea["id"] in taken["detail"]
    )
    found = door.ask(world.ann, "GET", path, external_id="crm:1").get_json()["items"]
    assert [item["id"] for item in found] == [idea["id"]]


def test_pages_follow_one_another(world: World, door: Door) -> None:
    made = [world.idea(title=f"Idea number {number}").id for number in range(5)]
    found, cursor, sizes = [], None, []
    while True:
        query = {"limit": 2, "sort": "new"} | ({"cursor": cursor} if cursor else {})
        page = door.ask(None, "GET", f"/spaces/{world.space.slug}/ideas", **query).get_json()
        found += [item["id"] for item in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next"]
        if cursor is None:
            break
    assert found == made[::-1] and sizes == [2, 2, 1]


def test_a_stale_edit_is_a_conflict_and_a_patch_leaves_the_rest(world: World, door: Door) -> None:
    idea = world.idea(body="Bright", tags=["light"])
    edited = door.ask(world.ann, "PATCH", f"/ideas/{idea.id}", {"title": "Another lamp", "version": 1}).get_json()
    assert (edited["version"], edited["body"], edited["tags"]) == (2, "Bright", ["light"])
    assert MOMENT.fullmatch(edited["edited_at"])
    stale = problem(door.ask(world.moderator, "PATCH", f"/ideas/{idea.id}", {"title": "A third lamp", "version": 1}))
    assert (stale["status"], stale["errors"][0]["field"], stale["errors"][0]["code"]) == (409, "version", "stale")
    status = door.ask(None, "GET", f"/ideas/{idea.id}").get_json()["status"]["id"]
    assert problem(door.ask(world.ann, "PATCH", f"/ideas/{idea.id}", {"status": status}))["code"] == "forbidden"
    assert door.ask(world.moderator, "PATCH", f"/ideas/{idea.id}", {"status": status}).status_code == 200
    assert problem(door.ask(world.ann, "PATCH", f"/ideas/{idea.id}", {}))["code"] == "invalid"


def test_answers_follows_and_merges(world: World, door: Door) -> None:
    one, other = world.idea(title="One of two"), world.idea(title="Other of two")
    answer = door.ask(world.moderator, "PUT", f"/ideas/{one.id}/answer", {"body": "**Yes**"}).get_json()
    assert set(answer) == {"body", "body_html", "at"} and MOMENT.fullmatch(answer["at"])
    assert door.ask(None, "GET", f"/ideas/{one.id}").get_json()["answer"] == answer
    assert door.ask(world.moderator, "DELETE", f"/ideas/{one.id}/answer").status_code == 204
    assert door.ask(world.ben, "PUT", f"/ideas/{one.id}/follow").status_code == 204
    cast_vote(world.ben, one.id, 1)
    merged = door.ask(world.moderator, "POST", f"/ideas/{one.id}/merge", {"into": other.id}).get_json()
    assert set(merged) == IDEA and merged["merged_into"] == other.id and merged["tally"]["up"] == 0
    target = door.ask(None, "GET", f"/ideas/{other.id}").get_json()
    assert target["tally"]["up"] == 1 and target["tally"]["seq"] == merged["tally"]["seq"]
    page = door.ask(None, "GET", f"/spaces/{world.space.slug}/ideas").get_json()
    assert [item["id"] for item in page["items"]] == [other.id] and page["seq"] == target["tally"]["seq"]
    back = door.ask(world.moderator, "DELETE", f"/ideas/{one.id}/merge").get_json()
    assert back["merged_into"] is None and back["tally"]["up"] == 1
    assert problem(door.ask(world.moderator, "DELETE", f"/ideas/{one.id}/merge"))["code"] == "conflict"


def test_comments_have_the_shape_of_the_contract(world: World, door: Door) -> None:
    idea = world.idea()
    made = door.ask(world.ben, "POST", f"/ideas/{idea.id}/comments", {"body": "I *agree*"})
    comment = made.get_json()
    assert made.status_code == 201 and set(comment) == COMMENT and "<em>agree</em>" in comment["body_html"]
    note = door.ask(world.moderator, "POST", f"/ideas/{idea.id}/comments", {"body": "Hm", "internal": True}).get_json()
    assert note["internal"] is True
    page = door.ask(None, "GET", f"/ideas/{idea.id}/comments").get_json()
    assert set(page) == {"items", "next", "seq"} and page["items"] == [comment]
    assert door.ask(world.ben, "DELETE", f"/comments/{comment['id']}").status_code == 204
    gone = door.ask(None, "GET", f"/ideas/{idea.id}/comments").get_json()["items"][0]
    assert (gone["state"], gone["body"], gone["author"]) == ("removed", "", None)
    assert problem(door.ask(world.ben, "PATCH", f"/comments/{comment['id']}", {"body": "x"}))["code"] == "not_found"


def test_withdrawing_by_program(world: World, door: Door) -> None:
    alone, voted = world.idea(), world.idea()
    cast_vote(world.ben, voted.id, 1)
    assert door.ask(world.ann, "DELETE", f"/ideas/{alone.id}").status_code == 204
    assert problem(door.ask(world.ann, "GET", f"/ideas/{alone.id}"))["code"] == "not_found"
    assert problem(door.ask(world.ann, "DELETE", f"/ideas/{voted.id}"))["code"] == "conflict"


def test_hidden_tallies_are_null(make_world: Make, door: Door) -> None:
    world: World = make_world(kind="updown", results="after_vote")
    idea, other = world.idea(), world.idea()
    assert door.ask(world.ann, "GET", f"/ideas/{idea.id}").get_json()["tally"] is None
    assert door.ask(world.moderator, "GET", f"/ideas/{idea.id}").get_json()["tally"] is not None
    cast_vote(world.ann, idea.id, 1)
    assert door.ask(world.ann, "GET", f"/ideas/{other.id}").get_json()["tally"] is not None


def test_the_description_names_every_shape(door: Door) -> None:
    spec = door.client.get("/api/v1/openapi.json").get_json()
    assert spec["openapi"] == "3.1.0"
    shapes = {"Idea", "Tally", "Receipt", "Event", "Space", "Member", "Person", "Comment", "Answer", "Problem"}
    assert shapes <= set(spec["components"]["schemas"])
    assert set(spec["paths"]["/api/v1/ideas/{idea}"]) - {"parameters"} == {"get", "patch", "delete"}
    page = door.client.get("/api/v1/")
    assert page.status_code == 200 and "/api/v1/ideas/{idea}/merge" in page.get_data(as_text=True)
    assert "https://" not in re.sub(r'href="https?://[^"]*"', "", page.get_data(as_text=True))


def test_texts_from_pages_are_counted(make_app: Make, make_person: Make, make_space: Make) -> None:
    from codesign.ideas.limits import EXTENSION
    from codesign.kernel.actor import Actor
    from codesign.kernel.errors import TooMany

    limits = make_app(texts_per_minute=3).extensions[EXTENSION]
    person, program = Actor(person_id="P"), Actor(person_id="P", token_id="T")
    for _turn in range(3):
        limits.take(person)
    with pytest.raises(TooMany):
        limits.take(person)
    for _turn in range(20):
        limits.take(program)
