"""The inbox of look-alikes: groups of new ideas, what becomes of them by a press, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.ideas.ports import ports
from codesign.ideas.queries import get_idea
from codesign.ideas.service import edit_idea
from codesign.kernel.actor import Actor
from codesign.kernel.db import read
from codesign.triage.alike import behind, follow
from codesign.triage.pages.alike import joined
from codesign.triage.service import change_ideas
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.world import World


@pytest.fixture
def sit(app: Flask, world: World) -> Callable[..., Any]:
    """Look at the look-alikes as somebody."""

    def open_desk(actor: Actor) -> Any:
        follow(world.space.id)
        return Browser.of(app, actor.person_id).open(f"/spaces/{world.space.slug}/desk?inbox=alike")

    return open_desk


def test_groups_become_one_and_come_apart(world: World, sit: Callable[..., Any]) -> None:
    first = world.idea(title="A lamp that lights up")
    second = world.idea(title="A lamp that lights up well")
    world.idea(title="Rent child seats by the year")
    for actor in (world.ben, world.ann):
        cast_vote(actor, second.id, 1)
    cast_vote(world.ben, first.id, 1)
    page = sit(world.moderator)
    assert "2 look alike" in page and "Rent child seats" not in page
    preview = page.browser.open(next(address for address, _words in page.links if "into=" in address))
    assert "Merge into “A lamp that lights up well”" in preview and "Together 2 voters" in preview
    assert tab(page) == "2"
    boxes = [words["value"] for words in page.elements("input", type="checkbox", name="idea")]
    assert boxes == [second.id, first.id]  # the most wanted first: it stays
    page = page.press("Make them one", idea=first.id, merge=second.id)
    assert get_idea(world.owner, first.id).merged_into == second.id
    assert "Nothing looks alike here" in page and "inbox=alike" in page.address
    assert tab(page) == ""
    page = page.press("Undo: Merged")
    assert get_idea(world.owner, first.id).merged_into is None and "2 look alike" in page


def tab(page: Any) -> str:
    """The count beside the inbox."""
    words = next(words for address, words in page.links if address.endswith("inbox=alike"))
    return words.removeprefix("Look-alikes").strip().removeprefix("0")


def test_plugins_are_asked_once_for_an_idea(world: World, sit: Callable[..., Any], monkeypatch: Any) -> None:
    """When it comes and when its text changes; not by who looks at the desk, and not for what the team has read."""
    asked: list[str] = []
    monkeypatch.setattr(ports, "lookalikes", lambda space, actor, text: asked.append(text))
    first, second = world.idea(title="A lamp that lights up"), world.idea(title="A lamp that lights up well")
    page = sit(world.moderator)
    page.browser.open(page.address)
    assert sorted(asked) == sorted(each.title for each in (first, second))
    edit_idea(world.ann, second.id, title="Rent child seats by the year", body="", version=second.version)
    assert tab(sit(world.moderator)) == "" and len(asked) == 3
    change_ideas(world.moderator, world.space.id, "read", True, [first.id])
    edit_idea(world.ann, first.id, title="A lamp again", body="", version=first.version)
    sit(world.moderator)
    assert len(asked) == 3


def test_where_nothing_is_to_be_asked_the_worker_rests(world: World) -> None:
    """Facts of other kinds are looked through once, not in every round."""
    idea = world.idea()
    follow(world.space.id)
    cast_vote(world.ben, idea.id, 1)
    with read():
        assert world.space.id in behind()
    follow(world.space.id)
    with read():
        assert world.space.id not in behind()
    world.idea(title="A lamp that lights up too")
    with read():
        assert world.space.id in behind()


def test_pairs_make_groups() -> None:
    groups = joined("abcdef", [("a", "b"), ("c", "d"), ("d", "b"), ("f", "f")])
    assert [sorted(group) for group in groups] == [["a", "b", "c", "d"], ["e"], ["f"]]


@pytest.mark.parametrize("role", ["stranger", "viewer", "contributor"])
def test_look_alikes_are_for_the_team(world: World, sit: Callable[..., Any], role: str) -> None:
    assert sit(world.stranger if role == "stranger" else world.member(role)).status == 403
    assert sit(world.moderator).status == sit(world.member("product")).status == 200


def test_the_number_of_queries_does_not_grow(world: World, sit: Callable[..., Any], count_queries: Any) -> None:
    counted = []
    for number in (12, 15):
        for n in range(number):
            world.idea(title=f"A lamp of the kind {n} and {number}", author=world.member())
        page = sit(world.moderator)
        with count_queries() as statements:
            assert page.browser.open(page.address).status == 200
        counted.append(len(statements))
    assert counted[0] == counted[1] < 130, counted
