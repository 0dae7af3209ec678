"""An idea becomes two: which comments and votes go along, who is told, and the way back; the union of voters stays whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.accounts.queries import get_person
from codesign.comments.queries import list_comments
from codesign.ideas import service as ideas
from codesign.ideas.belongings import declined_by
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import followers_of, get_idea
from codesign.kernel.actor import ANONYMOUS, SYSTEM, Actor
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from codesign.merging.queries import merge_of
from codesign.merging.service import merge_idea, undo_merge
from codesign.merging.splitting import split_idea
from codesign.notifications.queries import list_notices
from codesign.notifications.service import deliver
from codesign.triage.service import change_ideas, undo_deed
from codesign.voting.queries import voters_of, votes_of
from codesign.voting.service import cast_vote, withdraw_vote
from tests.rooms.merging.test_merging import check, guests, numbers
from tests.support.imported import imported_sources
from tests.support.visitor import Visitor
from tests.support.world import World, token

Make = Callable[..., Any]


def bodies(world: World, idea: IdeaFact) -> list[str]:
    return [comment.body for comment in list_comments(world.access(world.moderator), idea.id).items]


def test_votes_count_for_both_and_chosen_comments_go_along(make_world: Make) -> None:
    world: World = make_world(kind="updown")
    whole = world.idea(title="Lamps and bells", body="Both of them", tags=("night",))
    for voter, value in zip(guests(world, 3), (1, -1, 0), strict=True):
        cast_vote(voter, whole.id, value)
    bell = world.comment(whole, world.ben, "A bell, too")
    world.comment(whole, world.ann, "A loud one", parent_id=bell.id)
    note = world.comment(whole, world.moderator, "Bells are cheap", internal=True)
    world.comment(whole, world.ben, "A lamp above all")
    ideas.import_votes(SYSTEM, whole.id, "survey", 4, 1)
    new = split_idea(world.moderator, whole.id, "A bell that rings", "Loudly", ["bell"], comment_ids=[bell.id, note.id])
    assert (numbers(whole), numbers(new)) == ((1, 1, 1), (1, 1, 1))
    assert bodies(world, new) == ["A bell, too", "A loud one", "Bells are cheap"]
    assert bodies(world, whole) == ["A lamp above all"]
    assert [get_idea(SYSTEM, idea.id).comment_count for idea in (whole, new)] == [1, 2]
    assert imported_sources(whole.id) == {"survey": (4, 1)} and imported_sources(new.id) == {}
    assert (new.author_id, new.state, new.tags) == (world.ann.person_id, "published", ("bell",))
    assert world.names()[-2:] == ["idea.published", "idea.split"]
    check(world, [whole, new])


def test_the_new_one_may_begin_without_votes(world: World) -> None:
    whole = world.idea()
    cast_vote(world.ben, whole.id, 1)
    new = split_idea(world.moderator, whole.id, "A bell that rings", with_votes=False)
    assert (numbers(whole), numbers(new)) == ((1, 0, 0), (0, 0, 0))
    check(world, [whole, new])


def test_followers_hear_of_both_and_a_no_stays_a_no(world: World) -> None:
    whole = world.idea()
    cast_vote(world.ben, whole.id, 1)
    cast_vote(world.stranger, whole.id, 1)
    ideas.unfollow_idea(world.ben, whole.id)
    talk = world.comment(whole, world.owner, "And a bell")
    new = split_idea(world.moderator, whole.id, "A bell that rings", comment_ids=[talk.id])
    assert followers_of(new.id) == followers_of(whole.id) and declined_by(new.id) == {world.ben.person_id}
    deliver(world.space.id)
    deliver(world.space.id)
    told = {actor.person_id: [n.name for n in list_notices(actor)] for actor in (world.ann, world.stranger)}
    assert told == {world.ann.person_id: ["idea.split", "comment.added"], world.stranger.person_id: ["idea.split"]}
    assert [n.name for n in list_notices(world.owner)] == ["idea.split"]
    assert [n.name for n in list_notices(world.ben)] == []
    assert list_notices(world.stranger)[0].idea_id == new.id


def test_merged_twins_are_split_and_given_back(world: World) -> None:
    """What came by a merge is divided like the rest; undoing that merge finds what is still there."""
    twin, whole = world.idea(title="A bell for bikes"), world.idea(title="Lamps and bells")
    cast_vote(world.ben, twin.id, 1)
    cast_vote(world.stranger, twin.id, 1)
    cast_vote(world.stranger, whole.id, 1)
    said = world.comment(twin, world.ben, "It should be loud")
    stays = world.comment(twin, world.ben, "And small")
    merge_idea(world.moderator, twin.id, whole.id)
    new = split_idea(world.moderator, whole.id, "A bell that rings", comment_ids=[said.id])
    undo_merge(world.moderator, twin.id)
    assert bodies(world, new) == ["It should be loud"] and bodies(world, twin) == [stays.body]
    assert [numbers(idea) for idea in (twin, whole, new)] == [(2, 0, 0), (1, 0, 0), (2, 0, 0)]
    check(world, [twin, whole, new])
    merge_idea(world.moderator, new.id, whole.id)
    assert numbers(whole) == (2, 0, 0)
    undo_merge(world.moderator, new.id)
    assert [numbers(idea) for idea in (twin, whole, new)] == [(2, 0, 0), (1, 0, 0), (2, 0, 0)]
    check(world, [twin, whole, new])


def test_the_desk_splits_and_makes_them_one_again(world: World) -> None:
    whole = world.idea()
    talk = world.comment(whole, world.ben, "And a bell")
    for voter in (world.ben, world.ann):
        cast_vote(voter, whole.id, 1)
    wish = {"title": "A bell that rings", "comments": [talk.id]}
    done = change_ideas(world.moderator, world.space.id, "split", wish, [whole.id])
    assert done.deed is not None and done.changed == 1
    new = get_idea(world.owner, done.deed.wish["offshoot_id"])
    withdraw_vote(world.ben, whole.id)
    cast_vote(world.stranger, new.id, 1)
    world.comment(new, world.stranger, "A loud one")
    back = undo_deed(world.owner, world.space.id, done.deed.id)
    assert back.changed == 1 and get_idea(world.owner, new.id).merged_into == whole.id
    assert set(voters_of(whole.id)) == {actor.person_id for actor in (world.ann, world.ben, world.stranger)}
    assert bodies(world, whole) == ["And a bell", "A loud one"]
    check(world, [whole, new])


def test_the_desk_leaves_what_went_on_since(world: World) -> None:
    whole, other = world.idea(), world.idea(title="Bells of all kinds")
    done = change_ideas(world.moderator, world.space.id, "split", {"title": "A bell that rings"}, [whole.id])
    assert done.deed is not None
    merge_idea(world.owner, done.deed.wish["offshoot_id"], other.id)
    back = undo_deed(world.moderator, world.space.id, done.deed.id)
    assert back.changed == 0 and "changed again since" in back.left[0].reason
    with pytest.raises(Invalid):
        change_ideas(world.moderator, world.space.id, "split", {"title": "Two at once"}, [whole.id, other.id])
    with pytest.raises(Invalid):
        change_ideas(world.moderator, world.space.id, "split", "A bell that rings", [whole.id])


def test_two_who_split_at_once(world: World) -> None:
    whole = world.idea()
    seen = len(world.names())
    change_ideas(world.owner, world.space.id, "split", {"title": "A bell that rings"}, [whole.id], seen)
    with pytest.raises(Conflict, match="Olga split this idea while you were writing"):
        change_ideas(world.moderator, world.space.id, "split", {"title": "A bell again"}, [whole.id], seen)


def test_who_may_split_and_what(world: World, make_world: Make) -> None:
    whole, hidden, merged, other = (world.idea(title=f"Idea number {number}") for number in range(4))
    ideas.hide_idea(world.moderator, hidden.id, "because")
    merge_idea(world.moderator, merged.id, other.id)
    elsewhere = make_world()
    foreign = elsewhere.comment(elsewhere.idea())
    first = world.comment(whole)
    answer = world.comment(whole, body="So do I", parent_id=first.id)
    cases: list[tuple[Actor, str, dict[str, Any], type[Problem]]] = [
        (world.ann, whole.id, {}, Forbidden),
        (world.member("viewer"), whole.id, {}, Forbidden),
        (ANONYMOUS, whole.id, {}, Unauthenticated),
        (elsewhere.moderator, whole.id, {}, Forbidden),
        (token(world.moderator, "read", "write"), whole.id, {}, Forbidden),
        (world.moderator, "0" * 26, {}, NotFound),
        (world.moderator, whole.id, {"title": "Hm"}, Invalid),
        (world.moderator, whole.id, {"comment_ids": [foreign.id]}, Invalid),
        (world.moderator, whole.id, {"comment_ids": [answer.id]}, Invalid),
        (world.moderator, hidden.id, {}, Conflict),
        (world.moderator, merged.id, {}, Conflict),
    ]
    before = world.names()
    for actor, idea_id, values, problem in cases:
        with pytest.raises(problem):
            split_idea(actor, idea_id, **{"title": "A bell that rings", **values})
    assert world.names() == before
    for actor in (world.moderator, world.owner, world.member("product"), token(world.moderator, "moderate")):
        assert split_idea(actor, whole.id, "A bell that rings").state == "published"


def test_the_door_for_programs(app: Flask, world: World, make_token: Any) -> None:
    whole = world.idea()
    talk = world.comment(whole)
    cast_vote(world.ben, whole.id, 1)
    content = {"title": "A bell that rings", "comments": [talk.id], "with_votes": False}

    def ask(actor: Actor) -> Any:
        headers = {"Authorization": f"Bearer {make_token(get_person(str(actor.person_id)))}"}
        return Visitor(app).client.post(f"/api/v1/ideas/{whole.id}/split", json=content, headers=headers)

    made = ask(world.moderator)
    assert made.status_code == 201 and made.get_json()["comment_count"] == 1
    assert numbers(get_idea(world.owner, made.get_json()["id"])) == (0, 0, 0)
    assert ask(world.ann).status_code == 403


# --- The union of voters stays whole, whatever is merged, split and undone ----------------------------------------------

place, person = st.integers(0, 5), st.integers(0, 3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("cast"), place, person, st.sampled_from([1, 0, -1])),
        st.tuples(st.just("withdraw"), place, person, st.just(0)),
        st.tuples(st.just("merge"), place, place, st.just(0)),
        st.tuples(st.just("undo"), place, place, st.just(0)),
        st.tuples(st.just("split"), place, place, st.sampled_from([0, 1])),
        st.tuples(st.just("unsplit"), place, place, st.just(0)),
        st.tuples(st.just("comment"), place, person, st.just(0)),
    ),
    max_size=16,
)  # fmt: skip


def test_the_union_of_voters_stays_whole(make_world: Make) -> None:
    world: World = make_world(kind="updown")
    people = guests(world, 4)

    @settings(max_examples=max(1, settings().max_examples // 3))
    @given(steps=steps)
    def whatever(steps: list[tuple[str, int, int, int]]) -> None:
        run(world, people, steps)

    whatever()


def run(world: World, people: list[Actor], steps: list[tuple[str, int, int, int]]) -> None:
    """Take the steps on two ideas and what comes out of them, looking at all counts and voters after each."""
    made: list[IdeaFact] = [world.idea(title=f"Idea number {number}") for number in range(2)]
    came_from: dict[str, str] = {}

    def split(idea: IdeaFact, with_votes: bool) -> None:
        mine = votes_on(world, people, idea)
        new = split_idea(world.moderator, idea.id, "One part of it", with_votes=with_votes)
        made.append(new)
        came_from[new.id] = idea.id
        assert votes_on(world, people, idea) == mine  # everybody keeps the vote on the one that stays
        assert votes_on(world, people, new) == (mine if with_votes else {})

    for name, one, other, value in steps:
        idea, target, before = made[one % len(made)], made[other % len(made)], union(made)
        acts: dict[str, Callable[[], object]] = {
            "cast": partial(cast_vote, people[other % 4], idea.id, value),
            "withdraw": partial(withdraw_vote, people[other % 4], idea.id),
            "merge": partial(merge_idea, world.moderator, idea.id, target.id),
            "undo": partial(undo_merge, world.moderator, idea.id),
            "split": partial(split, idea, bool(value)),
            "unsplit": partial(merge_idea, world.moderator, idea.id, came_from.get(idea.id, idea.id)),
            "comment": partial(world.comment, idea, world.ben, "Something"),
        }
        try:
            acts[name]()
        except (Conflict, Invalid):
            continue
        assert name in {"cast", "withdraw"} or union(made) == before
        check(world, made)
    for idea in [each for _turn in made for each in made]:
        merge = merge_of(idea.id)
        if merge is not None and merge_of(merge.target_id) is None:
            undo_merge(world.moderator, idea.id)
    check(world, made)


def union(made: list[IdeaFact]) -> set[str]:
    """Everybody who has a vote on any of the ideas."""
    return {voter for idea in made for voter in voters_of(idea.id)}


def votes_on(world: World, people: list[Actor], idea: IdeaFact) -> dict[str, int]:
    """What each of these people says of an idea."""
    found = {str(who.person_id): votes_of(world.space.ballot.id, who.person_id, [idea.id]) for who in people}
    return {who: votes[idea.id] for who, votes in found.items() if idea.id in votes}
