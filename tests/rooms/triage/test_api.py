"""The desk for programs: rows, inboxes, changes and undo, views, fields; for the team alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from codesign.ideas.queries import get_idea
from codesign.kernel.actor import Actor
from tests.support.visitor import Visitor
from tests.support.world import World


@pytest.fixture
def call(app: Flask, world: World, make_token: Any, make_person: Any) -> Any:
    """Ask as somebody: ``call(actor, "GET", "/desk")``."""
    from codesign.accounts.queries import get_person

    def ask(actor: Actor, method: str, path: str, **content: Any) -> Any:
        person = get_person(str(actor.person_id))
        headers = {"Authorization": f"Bearer {make_token(person)}"}
        address = f"/api/v1/spaces/{world.space.slug}{path}"
        return Visitor(app).client.open(address, method=method, headers=headers, json=content or None)

    return ask


def test_the_way_of_a_program(world: World, call: Any) -> None:
    idea = world.idea(tags=["light"])
    assert call(world.owner, "PUT", "/desk/fields/effort", title="Effort").status_code == 200
    done = call(
        world.moderator, "POST", "/desk/changes", verb="field", value={"key": "effort", "value": 3}, ideas=[idea.id]
    )
    assert done.json == {"deed_id": done.json["deed_id"], "changed": 1, "left": []}
    page = call(world.moderator, "GET", "/desk?where=effort<=3&inbox=all").json
    assert [(row["idea"]["id"], row["fields"]) for row in page["items"]] == [(idea.id, {"effort": 3.0})]
    assert call(world.moderator, "GET", "/desk/inbox").json["new"] == 1
    everything = {"verb": "tag", "value": "winter", "filter": {"inbox": "all"}}
    deed = call(world.moderator, "POST", "/desk/changes", **everything).json
    assert get_idea(world.owner, idea.id).tags == ("light", "winter")
    assert call(world.moderator, "POST", f"/desk/deeds/{deed['deed_id']}/undo").json["changed"] == 1
    assert get_idea(world.owner, idea.id).tags == ("light",)
    view = call(world.moderator, "POST", "/desk/views", name="Mine", query={"owner": "me"}).json
    assert [each["name"] for each in call(world.moderator, "GET", "/desk/views").json["items"]] == ["Mine"]
    assert call(world.owner, "DELETE", f"/desk/views/{view['id']}").status_code == 404
    assert call(world.moderator, "DELETE", f"/desk/views/{view['id']}").status_code == 204
    assert call(world.owner, "DELETE", "/desk/fields/effort").status_code == 204
    assert call(world.owner, "GET", "/desk/fields").json["items"][0]["retired"] is True


def test_pages_of_rows_join_without_gap_or_twin(world: World, call: Any) -> None:
    ideas = [world.idea(title=f"Lamp number {n}").id for n in range(7)]
    for sort in ("new", "old", "top", "talked", "rising"):
        seen, cursor = [], ""
        while True:
            page = call(world.owner, "GET", f"/desk?inbox=all&limit=3&sort={sort}{cursor}").json
            seen += [row["idea"]["id"] for row in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert sorted(seen) == sorted(ideas), sort


def test_what_makes_no_sense_is_refused(world: World, call: Any) -> None:
    idea = world.idea()
    for path in (
        "?inbox=nonsense",
        "?sort=nonsense",
        "?where=nonsense",
        "?where=a<1",
        "?cursor=x",
        "?sort=score:nonsense",
    ):
        assert call(world.owner, "GET", f"/desk{path}").status_code == 422, path
    for content in ({"verb": "tag", "value": "x"}, {"verb": "tag", "value": "x", "ideas": [idea.id], "filter": {}}):
        assert call(world.owner, "POST", "/desk/changes", **content).status_code == 422
    both = [idea.id, world.idea(title="A bell").id]
    for value in ("", None):
        refused = call(world.owner, "POST", "/desk/changes", verb="merge", value=value, ideas=both)
        assert refused.status_code == 422 and [each["field"] for each in refused.json["errors"]] == ["value"]
    assert call(world.owner, "PUT", "/desk/fields/Effort", title="Effort").status_code == 422
    assert call(world.owner, "PUT", "/desk/fields/effort", title="Effort", kind="nonsense").status_code == 422


@pytest.mark.parametrize("role", ["stranger", "contributor", "moderator", "product"])
def test_who_may(world: World, call: Any, role: str) -> None:
    idea = world.idea()
    actor = world.stranger if role == "stranger" else world.member(role)
    team, product = role in {"moderator", "product"}, role == "product"
    doors: list[tuple[str, str, dict[str, Any], bool]] = [
        ("GET", "/desk", {}, team), ("GET", "/desk/inbox", {}, team), ("GET", "/desk/views", {}, team),
        ("GET", "/desk/fields", {}, team),
        ("POST", "/desk/changes", {"verb": "read", "value": True, "ideas": [idea.id]}, team),
        ("POST", "/desk/views", {"name": "Mine"}, team),
        ("PUT", "/desk/fields/effort", {"title": "Effort"}, product),
        ("DELETE", "/desk/fields/effort", {}, product),
    ]  # fmt: skip
    for method, path, content, allowed in doors:
        answer = call(actor, method, path, **content)
        assert (answer.status_code < 300) is allowed, (method, path, answer.status_code)
        assert allowed or answer.status_code == 403
