"""Who is told what of the log, and how a client that was away catches up."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from codesign.accounts.queries import get_person
from codesign.activity.api import catch_up
from codesign.activity.queries import public_event, tallies_for, visible
from codesign.comments.service import add_comment
from codesign.events import log
from codesign.events.base import Recorded, catalogue
from codesign.ideas.service import hide_idea
from codesign.kernel import clock, db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import NotFound
from codesign.merging.service import merge_idea, undo_merge
from codesign.spaces import service
from codesign.testing import actor_of
from codesign.voting.service import cast_vote, withdraw_vote
from tests.support.world import World

Make = Callable[..., Any]

AUDIENCES = ("open", "veiled", "team")


def recorded(name: str, **payload: Any) -> Recorded:
    return Recorded("s", 7, name, 1, payload, "person-1", None, 0, clock.now(), "h")


def test_each_event_reaches_its_audience_and_no_other(app: Any) -> None:
    seen = {"everyone": {"open", "veiled", "team"}, "open": {"open", "team"}, "team": {"team"}, "none": set()}
    assert len(catalogue) > 40
    for name, kind in catalogue.items():
        fact = recorded(name)
        assert {audience for audience in AUDIENCES if visible(fact, audience)} == seen[kind.audience], name
        assert {audience for audience in AUDIENCES if public_event(fact, audience)} == seen[kind.audience], name


def test_single_votes_and_unknown_events_are_for_nobody(app: Any) -> None:
    for name in ("vote.cast", "vote.withdrawn", "gone_plugin.happened"):
        for audience in AUDIENCES:
            assert public_event(recorded(name, idea_id="i", person_id="p"), audience) is None


def test_people_are_named_to_the_team_alone(app: Any) -> None:
    fact = recorded("idea.published", idea_id="i", author_id="person-1")
    for audience in ("open", "veiled"):
        event = public_event(fact, audience)
        assert event and event["actor_id"] is None and event["payload"] == {"idea_id": "i", "author_id": None}
        assert "person-1" not in json.dumps(event)
    event = public_event(fact, "team")
    assert event is not None and event["actor_id"] == "person-1" and event["payload"]["author_id"] == "person-1"
    assert set(event) == {"seq", "name", "version", "at", "actor_id", "payload"} and event["at"].endswith("Z")


@pytest.fixture
def scene(make_space: Make, make_idea: Make, make_person: Make) -> Callable[..., Any]:
    """A space with one idea and one vote: ``scene(results="after_vote")``."""

    def make(**fields: Any) -> Any:
        owner, mira, voter = make_person("Olga"), make_person("Mira"), make_person("Vera")
        space = make_space(owner=owner, **fields)
        idea = make_idea(space, author=mira)
        cast_vote(actor_of(voter), idea.id, 1)
        return space, idea, actor_of(owner), actor_of(mira), actor_of(voter)

    return make


def test_the_team_gets_everything_others_what_is_public(scene: Callable[..., Any]) -> None:
    space, idea, owner, mira, _voter = scene()
    team, open_ = (catch_up(actor, space.id, 0, 500) for actor in (owner, mira))
    assert [event["name"] for event in team.items] == ["space.created", "member.added", "idea.published"]
    assert [event["name"] for event in open_.items] == ["idea.published"]
    assert team.seq == open_.seq == 4 and team.next is open_.next is None and not open_.reset
    assert team.tallies == open_.tallies and open_.tallies[idea.id].up == 1


def test_what_is_veiled_stays_veiled(scene: Callable[..., Any]) -> None:
    space, idea, owner, mira, voter = scene(results="after_vote")
    assert catch_up(mira, space.id, 0, 500).tallies == {}
    assert catch_up(Actor(), space.id, 0, 500).tallies == {}
    assert catch_up(owner, space.id, 0, 500).tallies[idea.id].up == 1
    assert catch_up(voter, space.id, 0, 500).tallies[idea.id].up == 1
    withdraw_vote(voter, idea.id)
    assert catch_up(voter, space.id, 0, 500).tallies == {}
    closed, idea, *_rest, voter = scene(results="at_close")
    assert catch_up(voter, closed.id, 0, 500).tallies == {}
    service.close_ballot(SYSTEM, closed.id)
    assert catch_up(voter, closed.id, 0, 500).tallies[idea.id].up == 1


@pytest.mark.parametrize("results", ["after_vote", "at_close"])
def test_veiled_answers_do_not_depend_on_votes(
    results: str, client: FlaskClient, make_space: Make, make_idea: Make, make_person: Make, make_token: Make
) -> None:
    """The same people vote at the same time, on other ideas and with other values: the bytes stay the same."""
    voters = [actor_of(make_person()) for _number in range(3)]
    mira, owner = make_token(make_person("Mira")), make_person("Olga")
    answers: dict[str, set[str]] = {"mira": set(), "owner": set()}
    team = make_token(owner)
    for first, second in ((1, -1), (-1, 0)):
        space = make_space(kind="updown", results=results, owner=owner)
        ideas = [make_idea(space, "Same title") for _number in range(2)]
        for place, voter in enumerate(voters):
            cast_vote(voter, ideas[(place + (first < 0)) % 2].id, first if place else second)
        for name, token in (("mira", mira), ("owner", team)):
            answer = client.get(f"/api/v1/spaces/{space.id}/events", headers={"Authorization": f"Bearer {token}"})
            text = answer.get_data(as_text=True)
            for place, known in enumerate([space.id, *(idea.id for idea in ideas)]):
                text = text.replace(known, f"id-{place}")
            content = json.loads(text)
            for event in content["items"]:
                event["at"] = ""
            answers[name].add(json.dumps(content) + str(sorted(answer.headers.keys())))
    assert len(answers["mira"]) == 1
    assert len(answers["owner"]) == 2, "the control: the team's answer does show the difference"


def test_pages_of_events_reach_the_end(scene: Callable[..., Any], make_idea: Make) -> None:
    space, idea, owner, mira, voter = scene()
    for number in range(5):
        make_idea(space, f"Idea {number}")
        cast_vote(voter, idea.id, 1)
        withdraw_vote(voter, idea.id)
    names, after, rounds = [], 0, 0
    while True:
        page = catch_up(mira, space.id, after, 2)
        names += [event["seq"] for event in page.items]
        rounds += 1
        assert len(page.items) <= 2
        if page.next is None:
            break
        assert page.next == page.seq > after
        after = page.next
    assert names == sorted(set(names)) and len(names) == 6 and rounds == 3
    with db.read():
        assert page.seq == log.head(space.id)
    assert catch_up(mira, space.id, page.seq, 2).items == []
    assert owner


def test_merges_move_tallies_of_both(scene: Callable[..., Any], make_idea: Make) -> None:
    space, idea, owner, mira, voter = scene()
    other = make_idea(space)
    with db.read():
        after = log.head(space.id)
    merge_idea(owner, idea.id, other.id)
    page = catch_up(mira, space.id, after, 500)
    assert {idea_id: tally.up for idea_id, tally in page.tallies.items()} == {idea.id: 0, other.id: 1}
    undo_merge(owner, idea.id)
    page = catch_up(mira, space.id, after, 500)
    assert {idea_id: tally.up for idea_id, tally in page.tallies.items()} == {idea.id: 1, other.id: 0}
    assert voter


def test_far_behind_or_ahead_starts_anew(scene: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    space, _idea, _owner, mira, _voter = scene()
    assert log.MOST_BEHIND == 5_000
    monkeypatch.setattr(log, "MOST_BEHIND", 3)
    behind = catch_up(mira, space.id, 0, 500)
    assert (behind.reset, behind.items, behind.tallies, behind.seq) == (True, [], {}, 4)
    assert catch_up(mira, space.id, 1, 500).reset is False
    assert catch_up(mira, space.id, 5, 500).reset is True


def test_the_door(client: FlaskClient, scene: Callable[..., Any], make_space: Make, count_queries: Make) -> None:
    space, idea, _owner, mira, _voter = scene()
    path = f"/api/v1/spaces/{space.slug}/events"
    answer = client.get(path + "?after=2&limit=10")
    assert answer.status_code == 200
    assert set(answer.json) == {"items", "tallies", "seq", "next", "reset"}  # type: ignore[arg-type]
    assert answer.json["tallies"] == {  # type: ignore[index]
        idea.id: {"up": 1, "down": 0, "pass": 0, "imported_up": 0, "imported_down": 0, "seq": 4}
    }
    for query in ("after=-1", "after=x", "limit=0", "limit=1001", "since=2", "after=1&after=2", f"after={2**70}"):
        refused = client.get(f"{path}?{query}")
        assert refused.status_code == 422 and refused.mimetype == "application/problem+json", query
    private = make_space(visibility="private")
    assert client.get(f"/api/v1/spaces/{private.slug}/events").status_code == 404
    with pytest.raises(NotFound):
        catch_up(mira, private.id, 0, 10)
    with count_queries() as statements:
        catch_up(mira, space.id, 0, 500)
    assert len(statements) <= 4, statements


def test_notes_and_held_texts_are_for_the_team(scene: Callable[..., Any]) -> None:
    space, idea, owner, mira, _voter = scene()
    add_comment(owner, idea.id, "Between us", internal=True)
    add_comment(mira, idea.id, "For all")
    team, open_ = ([event["name"] for event in catch_up(actor, space.id, 4, 500).items] for actor in (owner, mira))
    assert "note.added" in team and "note.added" not in open_ and "comment.added" in open_


def test_what_only_the_team_sees_has_no_tallies_for_others(client: FlaskClient, world: World, make_token: Make) -> None:
    shown, taken = world.idea(), world.idea(title="A bell nobody hears")
    for idea in (shown, taken):
        cast_vote(world.ben, idea.id, 1)
    hide_idea(world.moderator, taken.id, "a test")
    told = {audience: set(tallies_for(audience, [shown.id, taken.id])) for audience in AUDIENCES}
    assert told == {"open": {shown.id}, "team": {shown.id, taken.id}, "veiled": set()}
    path = f"/api/v1/spaces/{world.space.slug}/events?after=0"
    answer = client.get(path).json
    assert answer is not None and set(answer["tallies"]) == {shown.id}
    key = {"Authorization": f"Bearer {make_token(get_person(str(world.owner.person_id)))}"}
    answer = client.get(path, headers=key).json
    assert answer is not None and set(answer["tallies"]) == {shown.id, taken.id}
