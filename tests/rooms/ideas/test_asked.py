"""Plugins that search and know look-alikes: their order, nothing the viewer may not see, core where they fail."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask

from codesign.hooks import service as hooks
from codesign.hooks import specs
from codesign.hooks.card import Plugin
from codesign.hooks.discovery import Loaded
from codesign.hooks.facts import Facet, Found, Hit
from codesign.hooks.host import PluginHost, host_of
from codesign.ideas import service
from codesign.kernel.actor import SYSTEM, Actor
from codesign.testing import Clock
from tests.support.doors import Door
from tests.support.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.doors


class Finder:
    """A plugin that answers what the test says."""

    def __init__(self, app: Flask, world: World) -> None:
        self.answer: Any = None
        self.asked: list[tuple[str, str | None]] = []
        self.host: PluginHost = host_of(app)
        self.host.add(Loaded(Plugin(name="finder", title="Finder", version="1.0.0", hooks=self), "test", None))
        hooks.switch_plugin(SYSTEM, self.host, world.space.id, "finder", True)

    @specs.hookimpl
    def search_contributions(self, spaces: Sequence[Any], actor: Actor, query: str) -> Any:
        return self._say(query, actor)

    @specs.hookimpl
    def find_similar(self, text: str, actor: Actor) -> Any:
        return self._say(text, actor)

    def _say(self, words: str, actor: Actor) -> Any:
        self.asked.append((words, actor.person_id))
        return self.answer() if callable(self.answer) else self.answer

    @property
    def failures(self) -> list[str]:
        return [failure.error for failure in self.host.runner.health("finder").failures]


@pytest.fixture
def finder(app: Flask, world: World) -> Finder:
    return Finder(app, world)


@pytest.fixture
def door(app: Flask) -> Door:
    return Door(app)


def hits(world: World, *ids: str, kind: str = "idea", **more: Any) -> list[Hit]:
    return [Hit(kind, each, world.space.id, 1.0 / (n + 1), **more) for n, each in enumerate(ids)]


def find(door: Door, world: World, actor: Actor | None = None, **query: Any) -> dict[str, Any]:
    answer = door.ask(actor, "GET", f"/spaces/{world.space.slug}/ideas", **{"q": "lamp", **query})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_a_plugin_s_order_is_taken_and_paged_over(door: Door, world: World, finder: Finder) -> None:
    ideas = [world.idea(title=f"Something {n}").id for n in range(5)]
    order = [ideas[n] for n in (3, 0, 4, 1)]
    finder.answer = hits(world, *order)
    first = find(door, world, limit=3)
    assert [item["id"] for item in first["items"]] == order[:3] and first["found"]["plugin"] == "finder"
    finder.answer = hits(world, order[3], *order[:3], ideas[2])  # it thinks again between two pages
    second = find(door, world, limit=3, cursor=first["next"])
    assert [item["id"] for item in second["items"]] == [ideas[2]] and second["next"] is None
    assert finder.asked == [("lamp", None)] * 2
    sorted_by_age = [item["id"] for item in find(door, world, sort="new")["items"]]
    assert sorted_by_age == sorted(ideas, reverse=True)
    assert find(door, world, q=" ").keys() == {"items", "next", "seq"} and len(finder.asked) == 3


def test_filters_narrow_what_a_plugin_found(door: Door, world: World, finder: Finder) -> None:
    plain, tagged = world.idea().id, world.idea(tags=["light"]).id
    finder.answer = hits(world, plain, tagged)
    assert [item["id"] for item in find(door, world, tag="light")["items"]] == [tagged]


def test_what_the_viewer_may_not_see_is_dropped_and_blamed(
    door: Door, world: World, finder: Finder, clock: Clock
) -> None:
    seen, hidden = world.idea(), world.idea()
    service.hide_idea(world.moderator, hidden.id, "rude")
    note = world.comment(seen, world.moderator, "for us", internal=True)
    told = Found(
        [*hits(world, seen.id, hidden.id), *hits(world, note.id, kind="comment", snippet="for us")],
        "lamb", (Facet("tag", "secret", "secret", 1),),
    )  # fmt: skip
    finder.answer = told
    clock.advance(minutes=6)
    for viewer in (None, world.ben):
        page = find(door, world, viewer)
        assert [item["id"] for item in page["items"]] == [seen.id]
        assert page["found"]["did_you_mean"] == "" and page["found"]["facets"] == []
        assert "for us" not in str(page)
    assert finder.failures == ["answered with 2 things the viewer may not see"] * 2
    page = find(door, world, world.moderator)
    assert page["found"]["did_you_mean"] == "lamb" and page["found"]["facets"][0]["value"] == "secret"
    assert {hit["kind"] for hit in page["found"]["hits"]} == {"idea", "comment"} and len(finder.failures) == 2


def test_an_index_a_moment_behind_is_not_blamed(door: Door, world: World, finder: Finder, clock: Clock) -> None:
    idea = world.idea()
    finder.answer = hits(world, idea.id, "01UNKNOWN")
    service.hide_idea(world.moderator, idea.id, "rude")
    assert find(door, world)["items"] == [] and finder.failures == []
    clock.advance(minutes=6)
    assert find(door, world)["items"] == [] and len(finder.failures) == 1


@pytest.mark.parametrize("broken", [lambda: 1 / 0, lambda: time.sleep(0.7), None])
def test_core_searches_where_no_plugin_answers(door: Door, world: World, finder: Finder, broken: Any) -> None:
    idea = world.idea(title="A lamp")
    world.idea(title="A bell")
    finder.answer = broken if callable(broken) else None
    page = find(door, world, sort="match")
    assert [item["id"] for item in page["items"]] == [idea.id] and "found" not in page


def test_comments_lead_to_their_idea_and_marks_are_drawn(app: Flask, door: Door, world: World, finder: Finder) -> None:
    idea = world.idea()
    comment = world.comment(idea, body="<b>belts</b> are quiet")
    marks: Any = ((3, 8), (4, 6), (90, 99), "x")
    finder.answer = Found(
        hits(world, comment.id, kind="comment", snippet="<b>belts</b>", marks=marks),
        "belt", (Facet("tag", "noise", "noise", 4), Facet("size", "big", "big", 1)),
    )  # fmt: skip
    page = find(door, world)
    assert page["found"]["hits"] == [
        {"idea_id": idea.id, "kind": "comment", "id": comment.id, "snippet": "<b>belts</b>", "marks": [[3, 8]]}
    ]
    board = app.test_client().get(f"/spaces/{world.space.slug}?q=lamp").text
    assert "&lt;b&gt;<mark>belts</mark>&lt;/b&gt;" in board and f"#comment-{comment.id}" in board
    assert "?q=belt" in board and "tag=noise" in board and "Best match" in board and "size" not in str(page["found"])


def similar(door: Door, world: World, **query: Any) -> Any:
    return door.ask(None, "GET", f"/spaces/{world.space.slug}/similar", **{"text": "A lamp", **query})


def test_look_alikes_come_from_plugins_else_from_core(
    app: Flask, door: Door, world: World, finder: Finder, clock: Clock
) -> None:
    lamp, bell, hidden = world.idea(title="A lamp"), world.idea(title="A bell"), world.idea()
    service.hide_idea(world.moderator, hidden.id, "rude")
    clock.advance(minutes=6)
    assert [item["idea"]["id"] for item in similar(door, world).get_json()["items"]] == [lamp.id]
    finder.answer = hits(world, hidden.id, bell.id, lamp.id)
    found = similar(door, world).get_json()["items"]
    assert [(item["idea"]["id"], item["likeness"]) for item in found] == [(bell.id, 0.5), (lamp.id, 1 / 3)]
    assert finder.failures == ["answered with 1 things the viewer may not see"]
    assert [item["idea"]["id"] for item in similar(door, world, skip=bell.id).get_json()["items"]] == [lamp.id]
    fragment = app.test_client().get(f"/spaces/{world.space.slug}/similar?q=A+lamp").text
    assert bell.title in fragment and hidden.id not in fragment
    finder.answer = []
    assert similar(door, world).get_json()["items"] == []
    finder.answer = lambda: time.sleep(0.5)
    assert [item["idea"]["id"] for item in similar(door, world).get_json()["items"]] == [lamp.id]


def test_without_script_a_plugin_s_strong_look_alike_is_shown_once(app: Flask, world: World, finder: Finder) -> None:
    bell, lamp = world.idea(title="A bell"), world.idea(title="A lamp")
    finder.answer = hits(world, bell.id, lamp.id)
    visitor = Visitor(app)
    visitor.register()
    page = visitor.send(f"/spaces/{world.space.slug}/ideas/new", title="Something else", body="", tags="")
    assert page.status_code == 200 and "A bell" in page.text and "A lamp" not in page.text, "0.5 is not enough"
