"""Many votes in one request: rows answered in order, one transaction, nothing left behind where all or nothing is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.events import log
from codesign.ideas.queries import tallies_of
from codesign.kernel import db
from codesign.kernel.actor import Actor
from codesign.merging.service import merge_idea
from codesign.spaces import service as spaces
from codesign.testing import Clock, actor_of
from codesign.voting.queries import count_votes_since, votes_of
from tests.support.doors import Door, everything, problem
from tests.support.world import World

pytestmark = pytest.mark.doors

Make = Callable[..., Any]
FAR = "2025-12-24T18:00:00.000Z"


@pytest.fixture
def door(app: Flask) -> Door:
    return Door(app)


@pytest.fixture
def admin(make_person: Make) -> Actor:
    return actor_of(make_person("Ada", is_admin=True))


def row(idea: Any, person: Actor | str, value: int = 1, **more: Any) -> dict[str, Any]:
    return {"idea": idea.id, "person": person if isinstance(person, str) else person.person_id, "value": value, **more}


def send(door: Door, admin: Actor | None, world: World, *rows: dict[str, Any], **more: Any) -> Any:
    return door.ask(admin, "POST", f"/spaces/{world.space.slug}/votes", {"votes": list(rows), **more})


def results(*args: Any, **more: Any) -> list[dict[str, Any]]:
    answer = send(*args, **more)
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["results"])


def codes(found: list[dict[str, Any]]) -> list[str]:
    return [each.get("code", "") for each in found]


def up(world: World, idea: Any) -> int:
    return tallies_of(world.space.id, [idea.id])[idea.id].up


def test_rows_are_answered_in_order_and_stand(
    door: Door, admin: Actor, world: World, make_person: Make, clock: Clock
) -> None:
    lamp, bell = world.idea(), world.idea(title="A bell")
    make_person("Known", external_id="crm:1")
    seq = len(world.names())
    found = results(door, admin, world, row(lamp, world.ann, at=FAR), row(bell, "crm:1"), row(lamp, world.ben))
    assert [(each["idea_id"], each["value"], each["changed"]) for each in found] == [
        (lamp.id, 1, True), (bell.id, 1, True), (lamp.id, 1, True),
    ]  # fmt: skip
    assert [each["seq"] for each in found] == [seq + 1, seq + 2, seq + 3] and found[0]["tally"]["up"] == 2
    with db.read():
        facts = log.since(world.space.id, seq)
    assert {fact.actor_id for fact in facts} == {admin.person_id} and facts[0].payload["at"] == FAR
    voted = count_votes_since(world.space.ballot.id, clock.moment)
    assert voted == 3, "the note is no time of voting"


def test_a_refused_row_stops_no_other(door: Door, admin: Actor, make_world: Make) -> None:
    world, other = make_world(), make_world(visibility="private")
    lamp, gone, far = world.idea(), world.idea(title="A twin"), other.idea()
    merge_idea(world.moderator, gone.id, lamp.id)
    spaces.ban_member(world.owner, world.space.id, world.ben.person_id)
    viewer = world.member("viewer")
    found = results(
        door, admin, world,
        row(lamp, world.ann), row(lamp, "nobody:knows"), row(far, world.ann), row(gone, world.ann),
        row(lamp, world.ann, -1), row(lamp, viewer), row(lamp, world.ben), row(lamp, world.ann),
    )  # fmt: skip
    assert codes(found) == ["", "not_found", "not_found", "conflict", "invalid", "forbidden", "forbidden", ""]
    assert all(each["status"] in {403, 404, 409, 422} and each["detail"] for each in found if "code" in each)
    assert (found[0]["changed"], found[7]["changed"]) == (True, False), "the same row twice is one vote"
    assert up(world, lamp) == 1


def test_all_or_nothing_leaves_nothing_behind(door: Door, admin: Actor, world: World) -> None:
    lamp, gone = world.idea(), world.idea(title="A twin")
    merge_idea(world.moderator, gone.id, lamp.id)
    before = everything()
    for bad in (row(lamp, "nobody:knows"), row(gone, world.ann)):
        found = results(door, admin, world, row(lamp, world.ann), bad, row(lamp, world.ben), all_or_nothing=True)
        assert codes(found) == ["conflict", "not_found" if bad["idea"] == lamp.id else "conflict", "conflict"]
        assert everything() == before
    assert codes(results(door, admin, world, row(lamp, world.ann), all_or_nothing=True)) == [""]
    assert up(world, lamp) == 1


def test_a_closed_ballot_takes_no_row(door: Door, admin: Actor, world: World) -> None:
    lamp = world.idea()
    spaces.close_ballot(world.owner, world.space.id)
    before = everything()
    assert codes(results(door, admin, world, row(lamp, world.ann), row(lamp, world.ben))) == ["closed"] * 2
    assert everything() == before


def test_counts_stay_hidden_until_the_close(door: Door, admin: Actor, make_world: Make) -> None:
    for shown, sees in (("live", True), ("after_vote", True), ("at_close", False)):
        world = make_world(results=shown)
        found = results(door, admin, world, row(world.idea(), world.ben))
        assert (found[0]["tally"] is not None) is sees


def test_it_takes_an_administrator_s_token_that_may_act_for_others(door: Door, admin: Actor, world: World) -> None:
    body = {"votes": [row(world.idea(), world.ben)]}
    before = everything()
    path = f"/spaces/{world.space.slug}/votes"
    for actor, scopes in ((world.owner, ("all",)), (admin, ("write",)), (admin, ("act_as",))):
        refused = door.ask(actor, "POST", path, body, *scopes)
        assert problem(refused)["code"] == "forbidden"
    assert problem(door.ask(None, "POST", path, body))["code"] == "unauthenticated"
    assert problem(door.ask(admin, "POST", "/spaces/nowhere/votes", body))["code"] == "not_found"
    assert everything() == before
    assert door.ask(admin, "POST", path, body, "act_as", "write").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"votes": []}, "votes"),
        ({"votes": [{}] * 1001}, "votes"),
        ({"votes": {"idea": "x"}}, "votes"),
        ({"votes": [], "all_or_nothing": "yes"}, "all_or_nothing"),
        ({"votes": [], "more": 1}, "more"),
    ],
)
def test_what_is_no_list_of_votes_is_refused_as_a_whole(
    door: Door, admin: Actor, world: World, wrong: Any, field: str
) -> None:
    refused = problem(door.ask(admin, "POST", f"/spaces/{world.space.slug}/votes", wrong))
    assert refused["code"] == "invalid" and field in {error["field"] for error in refused["errors"]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"idea": "x", "person": "y"}, "value"),
        ({"idea": "x", "person": "y", "value": 2}, "value"),
        ({"idea": "x", "person": "y", "value": "1"}, "value"),
        ({"idea": "x", "person": "y", "value": 1, "when": "now"}, "when"),
        ({"idea": "x", "person": "y\x00", "value": 1}, "person"),
        ({"idea": "x", "person": "y", "value": 1, "at": "yesterday"}, "at"),
        ({"idea": "x", "person": "y", "value": 1, "at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({}, "idea"),
        ("x", ""),
        (None, ""),
        ([1], ""),
    ],
)
def test_a_row_of_the_wrong_shape_stops_no_other(
    door: Door, admin: Actor, world: World, wrong: Any, field: str
) -> None:
    lamp = world.idea()
    found = results(door, admin, world, row(lamp, world.ann), wrong, row(lamp, world.ben))
    assert codes(found) == ["", "invalid", ""] and up(world, lamp) == 2
    assert field in {error["field"] for error in found[1]["errors"]}
    before = everything()
    found = results(door, admin, world, row(lamp, world.owner), wrong, all_or_nothing=True)
    assert codes(found) == ["conflict", "invalid"] and everything() == before
    assert codes(results(door, admin, world, wrong)) == ["invalid"]


def test_each_row_counts_against_the_token(make_app: Make, make_person: Make, make_space: Make) -> None:
    door = Door(make_app(token_votes_per_second=3, votes_per_minute=1, votes_burst=1))
    world, admin = World(make_person, make_space), actor_of(make_person("Ada", is_admin=True))
    lamp = world.idea()
    voters = [world.member() for _ in range(5)]
    assert len(results(door, admin, world, *(row(lamp, each) for each in voters))) == 5, "a full bucket takes them all"
    refused = send(door, admin, world, row(lamp, world.ben))
    assert problem(refused)["code"] == "too_many" and int(refused.headers["Retry-After"]) >= 1


def test_a_thousand_rows_take_no_more_queries_than_ten_do(
    door: Door, admin: Actor, world: World, make_person: Make, count_queries: Make
) -> None:
    ideas = [world.idea(title=f"Idea {n}") for n in range(100)]
    people = [actor_of(make_person()) for _ in range(10)]
    results(door, admin, world, row(ideas[0], world.ann))
    counts = []
    for rows in ([row(ideas[0], each) for each in people], [row(i, each) for i in ideas for each in people]):
        with count_queries() as statements:
            found = results(door, admin, world, *rows)
        counts.append(len(statements))
        assert set(codes(found)) == {""}
    assert counts[1] <= counts[0] <= 30, counts
    assert sum(up(world, idea) for idea in ideas) == 1001
    assert set(votes_of(world.space.ballot.id, people[0].person_id, [ideas[5].id]).values()) == {1}
