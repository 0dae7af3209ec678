"""The board of the desk, without scripts: columns by status, moves by a press, what a move needs, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.ideas.queries import get_idea
from codesign.kernel import db
from codesign.kernel.actor import Actor
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import workflow
from codesign.triage import queries
from codesign.triage.service import change_ideas
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.world import World

BOARD = "?inbox=all&board=1"


@pytest.fixture
def sit(app: Flask, world: World) -> Callable[..., Any]:
    """Sit down at the desk as somebody."""

    def open_desk(actor: Actor, query: str = "") -> Any:
        return Browser.of(app, actor.person_id).open(f"/spaces/{world.space.slug}/desk{query}")

    return open_desk


def status(world: World, kind: str) -> str:
    with db.read():
        return next(each.id for each in list_statuses(world.space.id) if each.kind == kind)


def cards(page: Any) -> list[str]:
    """The ideas of the cards, column by column."""
    return [words["data-idea"] for words in page.elements("li") if "bcard" in words.get("class", "")]


def test_a_card_is_moved_and_moved_back(world: World, sit: Callable[..., Any]) -> None:
    idea, other = world.idea(), world.idea(title="A bell that rings")
    cast_vote(world.ben, other.id, 1)
    page = sit(world.moderator, "?inbox=all").follow("Board")
    assert page.status == 200 and "board=1" in page.address
    assert cards(page) == [other.id, idea.id]  # the most wanted first
    page = page.press("Planned")  # of the first card
    assert "Status changed: 1 idea." in page and get_idea(world.owner, other.id).status_id == status(world, "planned")
    assert "board=1" in page.address
    page = page.press("Undo: Status changed")
    assert get_idea(world.owner, other.id).status_id == other.status_id and "board=1" in page.address
    page = page.follow("A lamp that lights up")
    assert "Open page" in page and len(cards(page)) == 2
    assert "Select A lamp" in page.follow("Table")


def test_a_move_that_needs_an_answer_says_so(world: World, sit: Callable[..., Any]) -> None:
    idea, planned = world.idea(), status(world, "planned")
    workflow.add_rule(world.owner, world.space.id, to_id=planned, needs_answer=True)
    page = sit(world.moderator, BOARD).press("Planned")
    assert page.status == 409 and "Answer this idea before you move it to “Planned”." in page
    assert cards(page) == [idea.id] and get_idea(world.owner, idea.id).status_id == idea.status_id
    page = page.follow("Open the idea").press("Publish answer", answer="In May.").press("Planned")
    assert get_idea(world.owner, idea.id).status_id == planned


def test_a_move_for_owners_is_refused_beside_the_board(world: World, sit: Callable[..., Any]) -> None:
    idea, planned = world.idea(), status(world, "planned")
    workflow.add_rule(world.owner, world.space.id, to_id=planned, role="owner")
    page = sit(world.moderator, BOARD).press("Planned")
    assert page.status == 403 and "Only owners move ideas to “Planned” here." in page
    assert cards(page) == [idea.id] and get_idea(world.owner, idea.id).status_id == idea.status_id
    assert sit(world.owner, BOARD).press("Planned").status == 200


def test_somebody_was_faster(world: World, sit: Callable[..., Any]) -> None:
    idea = world.idea()
    page = sit(world.moderator, BOARD)
    change_ideas(world.owner, world.space.id, "status", status(world, "review"), [idea.id])
    page = page.press("Planned")
    assert page.status == 409 and "changed the status to" in page and "while you were writing." in page
    page = page.press("Use mine")
    assert get_idea(world.owner, idea.id).status_id == status(world, "planned") and "board=1" in page.address


def test_columns_are_bounded_and_narrowed(
    world: World, sit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "CARDS", 3)
    for number in range(5):
        world.idea(title=f"Lamp number {number}", tags=["light"] if number < 2 else [])
    page = sit(world.moderator, BOARD)
    assert len(cards(page)) == 3
    table = page.follow("All 5 ideas in the table")
    assert "board=1" not in table.address and f"status={status(world, 'open')}" in table.address
    assert len(cards(sit(world.moderator, f"{BOARD}&tag=light"))) == 2
    page = page.press("Save view", name="As a board", team="1")
    assert len(cards(sit(world.owner).follow("As a board"))) == 3


@pytest.mark.parametrize("role", ["stranger", "viewer", "contributor"])
def test_the_board_is_for_the_team(world: World, sit: Callable[..., Any], role: str) -> None:
    actor = world.stranger if role == "stranger" else world.member(role)
    assert sit(actor, BOARD).status == 403
    assert sit(world.moderator, BOARD).status == sit(world.member("product"), BOARD).status == 200


def test_the_number_of_queries_does_not_grow(world: World, sit: Callable[..., Any], count_queries: Any) -> None:
    counted = []
    for number in (3, 15):
        for n in range(number):
            idea = world.idea(title=f"Lamp {number} and {n}", tags=["light"], author=world.member())
            cast_vote(world.ben, idea.id, 1)
            change_ideas(world.owner, world.space.id, "owner", world.owner.person_id, [idea.id])
        page = sit(world.moderator, BOARD)
        with count_queries() as statements:
            assert page.browser.open(page.address).status == 200
        counted.append(len(statements))
    assert counted[0] == counted[1] < 65, counted
