"""What the JSON doors of configurations refuse: the right problem, and nothing changed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from codesign.configurations.facts import ConfigurationFact
from codesign.kernel.limits import Buckets, Rate
from codesign.products.facts import ProductFact
from codesign.products.limits import COSTS, EXTENSION
from tests.support.doors import Door, everything, problem
from tests.support.world import World

pytestmark = pytest.mark.doors

NUL = "a\x00b"
BAD: dict[str, tuple[Any, ...]] = {
    "decisions": (5, ["city"], {"city": 1}, {"city": "yes"}, {"city": None}, {"": True}, {NUL: True}, {"x" * 121: True},
                  {"wings": True}, {f"o{number}": True for number in range(2001)}),
    "wishes": (5, "city", [5], [""], ["wings"], [NUL], ["city"] * 201),
    "name": (5, None, "", "  ", "x" * 141, NUL, "\u202e\n"),
    "limits": ([], {"price": -1}, {"price": 1.5}, {"price": True}, {"price": 10**12 + 1}, {"colour": 5}),
    "version": (0, "1", True, 1.5, 99, 2**31 - 1),
}  # fmt: skip


def test_what_cannot_be_kept_is_refused(
    app: Flask, world: World, bike: ProductFact, draft: ConfigurationFact, make_space: Any
) -> None:
    door, before = Door(app), everything()
    address = f"/configurations/{draft.id}"
    for name, values in BAD.items():
        for value in values:
            answer = door.ask(world.ann, "PATCH", address, {"name": "Ours", name: value})
            assert answer.status_code == 422, (name, value, answer.json)
            assert problem(answer)["errors"][0]["field"].split(".")[0] == name
    conflict = {"name": "Another", "decisions": {"m500": True, "b400": True}}
    assert door.ask(world.ann, "PATCH", address, conflict).status_code == 409
    assert door.ask(world.ann, "PATCH", address, {"colour": 1}).status_code == 422
    assert door.ask(world.ann, "PATCH", address, {}).status_code == 422
    space = f"/spaces/{world.space.slug}/configurations"
    for product_id in (5, "", "x" * 41, NUL):
        assert door.ask(world.ann, "POST", space, {"product_id": product_id}).status_code == 422
    assert door.ask(world.ann, "POST", space, {"product_id": "01"}).status_code == 404
    elsewhere = f"/spaces/{make_space(name='Elsewhere').slug}/configurations"
    before = everything()
    assert door.ask(world.ann, "POST", elsewhere, {"product_id": bike.id}).status_code == 404
    for ids in ("", draft.id, "x" * 201, f"{draft.id},{'0' * 26}"):
        assert door.ask(world.ann, "GET", "/configurations/compare", ids=ids).status_code in {404, 422}
    assert everything() == before


def test_others_may_not(app: Flask, world: World, bike: ProductFact, draft: ConfigurationFact) -> None:
    door, before = Door(app), everything()
    address, body = f"/configurations/{draft.id}", {"decisions": {"city": True}}
    assert door.ask(None, "GET", address).status_code == 404
    for actor in (world.ben, world.moderator, world.stranger):
        assert door.ask(actor, "GET", address, None).status_code == 404
        assert door.ask(actor, "PATCH", address, body).status_code == 404
        assert door.ask(actor, "DELETE", address, None).status_code == 404
        assert door.ask(actor, "POST", f"{address}/fork", {}).status_code == 404
        assert door.ask(actor, "POST", f"{address}/migrate", None).status_code == 404
    viewer, space = world.member("viewer"), f"/spaces/{world.space.slug}/configurations"
    before = everything()
    assert door.ask(viewer, "POST", space, {"product_id": bike.id}).status_code == 403
    assert door.ask(world.ann, "PATCH", address, body, "read").status_code == 403
    assert everything() == before
    assert door.ask(world.ann, "PATCH", address, body).status_code == 200


def test_looking_counts_as_a_question(
    app: Flask, world: World, draft: ConfigurationFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.idea(configuration_id=draft.id)
    pages, client = f"/spaces/{world.space.slug}", app.test_client()
    for path in (f"{pages}/configure/{draft.id}", f"{pages}/compare?ids={draft.id}"):
        monkeypatch.setitem(app.extensions, EXTENSION, Buckets(Rate(per_minute=1, burst=COSTS["repairs"])))
        assert [client.get(path).status_code for _ in range(2)] == [200, 429]
    monkeypatch.setitem(app.extensions, EXTENSION, Buckets(Rate(per_minute=1, burst=1)))
    door, fork = Door(app), f"/configurations/{draft.id}/fork"
    assert [door.ask(world.ben, "POST", fork, {}).status_code for _ in range(2)] == [201, 429]


def test_editing_along_is_for_whom_its_owner_asked(app: Flask, world: World, draft: ConfigurationFact) -> None:
    door, address = Door(app), f"/configurations/{draft.id}"
    opened = door.ask(world.ann, "PUT", f"{address}/together", None)
    key, before = opened.json["edit_key"], everything()
    assert opened.json["partners"] == [] and "edit_key" not in door.ask(world.ann, "GET", address, None).json
    edit = {"option": "city", "value": True}
    asked: tuple[tuple[str, str, Any], ...] = (
        ("PUT", "together", None), ("GET", "together", None), ("DELETE", "together", None),
        ("DELETE", f"together/{world.ben.person_id}", None), ("POST", "edits", edit), ("GET", "edits", None),
        ("POST", "undo", None), ("POST", "redo", None), ("DELETE", "join", None), ("POST", "join", {"key": draft.share_key}),
    )  # fmt: skip
    for actor in (None, world.ben, world.moderator):
        for method, path, content in asked:
            assert door.ask(actor, method, f"{address}/{path}", content).status_code in {401, 404}, (method, path)
    for content in ({}, {"option": "city"}, {"option": 5, "value": True}, {"option": "city", "value": 1},
                    {"option": "x" * 121, "value": True}, {"option": "wings", "value": True}, {**edit, "seen_version": -1},
                    {**edit, "seen_version": "1"}, {**edit, "colour": 1}):  # fmt: skip
        assert door.ask(world.ann, "POST", f"{address}/edits", content).status_code == 422, content
    for content in ({}, {"key": ""}, {"key": 5}, {"key": "x" * 65}):
        assert door.ask(world.ben, "POST", f"{address}/join", content).status_code == 422, content
    assert everything() == before
    assert door.ask(world.ben, "POST", f"{address}/join", {"key": key}, "read").status_code == 403
    assert door.ask(world.ben, "POST", f"{address}/join", {"key": key}).json["may_edit"] is True
    assert door.ask(world.ben, "POST", f"{address}/edits", edit).json["decisions"] == {"city": True}
    assert door.ask(world.ben, "GET", f"{address}/edits", None).json["items"][0]["changes"] == {"city": [None, True]}
    assert door.ask(world.ben, "GET", f"{address}/edits", None, after=9, limit=1).json["items"] == []
    for wrong in ({"after": -1}, {"limit": 0}, {"limit": 201}, {"after": "x"}, {"before": 1}):
        assert door.ask(world.ben, "GET", f"{address}/edits", None, **wrong).status_code == 422, wrong
    assert door.ask(world.ben, "POST", f"{address}/undo", None).json["decisions"] == {}
    assert door.ask(world.ben, "GET", f"{address}/together", None).status_code == 403
    assert door.ask(world.ben, "PUT", f"{address}/together", None).status_code == 403
    assert door.ask(world.ben, "DELETE", f"{address}/join", None).status_code == 204
    assert door.ask(world.ben, "POST", f"{address}/edits", edit).status_code == 404
    assert door.ask(world.ann, "DELETE", f"{address}/together", None).status_code == 204
    assert door.ask(world.ben, "POST", f"{address}/join", {"key": key}).status_code == 404
