"""Merging in the database: everything comes along, counters equal rows, and the way back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from codesign.comments.queries import count_visible, list_comments
from codesign.comments.service import remove_comment
from codesign.events import log
from codesign.ideas import service as ideas
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import followers_of, get_idea, get_ideas
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, SYSTEM, Actor
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from codesign.merging.queries import all_parts, merge_of, merges_into
from codesign.merging.service import merge_idea, undo_merge
from codesign.spaces.queries import get_space
from codesign.testing import actor_of
from codesign.voting.models import BallotVoter, Vote
from codesign.voting.queries import voters_of, votes_of
from codesign.voting.service import cast_vote, withdraw_vote
from tests.support.imported import imported_sources
from tests.support.world import World, token

Make = Callable[..., Any]


def numbers(idea: IdeaFact) -> tuple[int, int, int]:
    tally = get_idea(SYSTEM, idea.id).tally
    assert tally is not None
    return tally.up, tally.down, tally.passed


def guests(world: World, count: int) -> list[Actor]:
    return [actor_of(world.make_person(guest=True)) for _number in range(count)]


def test_voters_are_united_each_once_and_go_back(make_world: Make) -> None:
    world: World = make_world(kind="updown")
    one, other = world.idea(title="One of two"), world.idea(title="Other of two")
    both, first, second = guests(world, 3)
    for voter, idea, value in ((both, one, 1), (both, other, -1), (first, one, 1), (second, other, 0)):
        cast_vote(voter, idea.id, value)
    merged = merge_idea(world.moderator, one.id, other.id)
    assert (merged.merged_into, merged.survivor_id) == (other.id, other.id)
    assert (numbers(one), numbers(other)) == ((0, 0, 0), (1, 1, 1))
    with db.read():
        seq = log.head(world.space.id)
    for idea in (one, other):
        tally = get_idea(world.owner, idea.id).tally
        assert tally is not None and tally.seq == seq
    with pytest.raises(Conflict):
        cast_vote(first, one.id, 1)
    back = undo_merge(world.moderator, one.id)
    assert back.merged_into is None and (numbers(one), numbers(other)) == ((2, 0, 0), (0, 1, 1))
    assert world.names()[-2:] == ["idea.merged", "idea.unmerged"]
    assert merge_of(one.id) is None


def test_later_votes_stay_where_they_were_cast(make_world: Make) -> None:
    world: World = make_world(kind="updown")
    one, other = world.idea(), world.idea()
    anew, gone, kept, late = guests(world, 4)
    for voter in (anew, gone, kept):
        cast_vote(voter, one.id, 1)
    merge_idea(world.moderator, one.id, other.id)
    cast_vote(anew, other.id, -1)
    withdraw_vote(gone, other.id)
    cast_vote(late, other.id, 1)
    undo_merge(world.moderator, one.id)
    ballot = world.space.ballot.id
    found = {}
    for name, voter in (("anew", anew), ("gone", gone), ("kept", kept), ("late", late)):
        mine = votes_of(ballot, voter.person_id, [one.id, other.id])
        found[name] = (mine.get(one.id), mine.get(other.id))
    assert found == {"anew": (1, -1), "gone": (None, None), "kept": (1, None), "late": (None, 1)}
    assert (numbers(one), numbers(other)) == ((2, 0, 0), (1, 1, 0))


def test_comments_followers_and_imported_counts_come_along_and_go_back(world: World) -> None:
    one, other = world.idea(world.ann), world.idea(world.owner)
    first = world.comment(one, world.ben, "Said before")
    world.comment(one, world.moderator, "A note", internal=True)
    ideas.import_votes(SYSTEM, one.id, "survey", 4, 1)
    ideas.import_votes(SYSTEM, other.id, "survey", 2)
    ideas.unfollow_idea(world.ann, other.id)
    merge_idea(world.moderator, one.id, other.id)
    assert [get_idea(SYSTEM, idea.id).comment_count for idea in (one, other)] == [0, 1]
    assert followers_of(other.id) == sorted([world.ben.person_id, world.owner.person_id])
    assert imported_sources(other.id) == {"survey": (6, 1)} and imported_sources(one.id) == {}
    tally = get_idea(SYSTEM, other.id).tally
    assert tally is not None and (tally.imported_up, tally.imported_down) == (6, 1)
    with pytest.raises(Conflict):
        ideas.import_votes(SYSTEM, one.id, "survey", 9)
    ideas.import_votes(SYSTEM, other.id, "survey", 3)
    answer = world.comment(other, world.stranger, "Said after", parent_id=first.id)
    remove_comment(world.stranger, answer.id)
    world.comment(other, world.stranger, "Said to the other")
    ideas.follow_idea(world.ben, other.id)
    undo_merge(world.moderator, one.id)
    access = world.access(world.moderator)
    assert [c.body for c in list_comments(access, one.id).items] == ["Said before", "A note", ""]
    assert [c.body for c in list_comments(access, other.id).items] == ["Said to the other"]
    assert [get_idea(SYSTEM, idea.id).comment_count for idea in (one, other)] == [1, 1]
    assert imported_sources(one.id) == {"survey": (4, 1)} and imported_sources(other.id) == {"survey": (3, 0)}
    assert world.ben.person_id in followers_of(other.id) and world.ann.person_id not in followers_of(other.id)
    assert sorted(followers_of(one.id)) == sorted([world.ann.person_id, world.ben.person_id])


def test_a_chain_is_undone_from_its_end(world: World) -> None:
    a, b, c = (world.idea(title=f"Idea number {number}") for number in range(3))
    voter = guests(world, 1)[0]
    cast_vote(voter, a.id, 1)
    world.comment(a)
    merge_idea(world.moderator, a.id, b.id)
    with pytest.raises(Conflict):
        merge_idea(world.moderator, a.id, c.id)
    with pytest.raises(Conflict):
        merge_idea(world.moderator, c.id, a.id)
    merge_idea(world.moderator, b.id, c.id)
    assert get_idea(world.ben, a.id).survivor_id == c.id and sorted(all_parts(c.id)) == sorted([a.id, b.id])
    assert numbers(c) == (1, 0, 0) and get_idea(world.ben, c.id).comment_count == 1
    with pytest.raises(Conflict) as refused:
        undo_merge(world.moderator, a.id)
    assert refused.value.details["undo_first"] == b.id and b.id in str(refused.value)
    undo_merge(world.moderator, b.id)
    assert [merge.source_id for merge in merges_into(b.id)] == [a.id] and numbers(b) == (1, 0, 0)
    undo_merge(world.moderator, a.id)
    assert [numbers(idea) for idea in (a, b, c)] == [(1, 0, 0), (0, 0, 0), (0, 0, 0)]
    assert [get_idea(world.ben, idea.id).comment_count for idea in (a, b, c)] == [1, 0, 0]
    with pytest.raises(Conflict):
        undo_merge(world.moderator, a.id)


def test_what_cannot_be_merged(world: World, make_world: Make) -> None:
    one, other, hidden = world.idea(), world.idea(), world.idea()
    ideas.hide_idea(world.moderator, hidden.id, "because")
    elsewhere = make_world().idea()
    cases: list[tuple[Actor, str, str, type[Problem]]] = [
        (world.ann, one.id, other.id, Forbidden),
        (ANONYMOUS, one.id, other.id, Unauthenticated),
        (token(world.moderator, "read", "write"), one.id, other.id, Forbidden),
        (world.moderator, one.id, one.id, Invalid),
        (world.moderator, one.id, elsewhere.id, Invalid),
        (world.moderator, one.id, "0" * 26, Invalid),
        (world.moderator, one.id, hidden.id, Conflict),
        (world.moderator, hidden.id, one.id, Conflict),
        (world.moderator, "0" * 26, one.id, NotFound),
    ]
    before = world.names()
    for actor, source, target, problem in cases:
        with pytest.raises(problem):
            merge_idea(actor, source, target)
    assert world.names() == before
    assert merge_idea(token(world.moderator, "moderate"), one.id, other.id).merged_into == other.id


# --- Counters equal rows, whatever happens ------------------------------------------------------------------------------

place = st.integers(0, 3)
person = st.integers(0, 3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("cast"), place, person, st.sampled_from([1, 0, -1])),
        st.tuples(st.just("withdraw"), place, person, st.just(0)),
        st.tuples(st.just("merge"), place, place, st.just(0)),
        st.tuples(st.just("undo"), place, place, st.just(0)),
        st.tuples(st.just("comment"), place, person, st.just(0)),
    ),
    max_size=18,
)  # fmt: skip


def check(world: World, made: list[IdeaFact]) -> None:
    """Everything that is counted equals what can be counted."""
    ballot = world.space.ballot.id
    with db.read() as work:
        query = (
            select(Vote.idea_id, Vote.value, func.count())
            .where(Vote.ballot_id == ballot)
            .group_by(Vote.idea_id, Vote.value)
        )
        rows = {(row[0], row[1]): row[2] for row in work.execute(query)}
        by_person = select(Vote.person_id, func.count()).where(Vote.ballot_id == ballot).group_by(Vote.person_id)
        voters = {row[0]: row[1] for row in work.execute(by_person)}
        standing = select(BallotVoter.person_id, BallotVoter.standing).where(BallotVoter.ballot_id == ballot)
        assert {row[0]: row[1] for row in work.execute(standing) if row[1]} == voters
        space = get_space(world.space.id)
        assert space is not None and space.ballot.voters == len(voters)
        head = log.head(world.space.id)
        facts = get_ideas(world.access(world.owner), [idea.id for idea in made])
        for idea_id, fact in facts.items():
            assert fact.tally is not None and fact.tally.seq <= head and fact.comment_count == count_visible(idea_id)
            counted = tuple(rows.get((idea_id, value), 0) for value in (1, -1, 0))
            assert (fact.tally.up, fact.tally.down, fact.tally.passed) == counted
            assert fact.merged_into is None or sum(counted) == fact.comment_count == 0


def test_counters_equal_rows_whatever_is_merged(make_world: Make) -> None:
    world: World = make_world(kind="updown")
    people = guests(world, 4)

    @settings(max_examples=max(1, settings().max_examples // 3))
    @given(steps=steps)
    def whatever(steps: list[tuple[str, int, int, int]]) -> None:
        run(world, people, steps)

    whatever()


def run(world: World, people: list[Actor], steps: list[tuple[str, int, int, int]]) -> None:
    """Take the steps on four new ideas, looking at all counts after each, and undo every merge at the end."""
    made = [world.idea(title=f"Idea number {number}") for number in range(4)]
    for name, one, other, value in steps:
        idea = made[one]
        try:
            if name == "cast":
                cast_vote(people[other], idea.id, value)
            elif name == "withdraw":
                withdraw_vote(people[other], idea.id)
            elif name == "merge":
                before = set(voters_of(idea.id)) | set(voters_of(made[other].id))
                merge_idea(world.moderator, idea.id, made[other].id)
                assert set(voters_of(made[other].id)) == before
            elif name == "undo":
                undo_merge(world.moderator, idea.id)
            else:
                world.comment(idea, world.ben, "Something")
        except (Conflict, Invalid):
            continue
        check(world, made)
    for _turn in made:
        for idea in made:
            merge = merge_of(idea.id)
            if merge is not None and merge_of(merge.target_id) is None:
                undo_merge(world.moderator, idea.id)
    check(world, made)


def test_votes_and_comments_that_arrive_while_ideas_are_merged(make_world: Make) -> None:
    world: World = make_world(kind="updown")
    made = [world.idea(title=f"Idea number {number}") for number in range(2)]

    def vote(voter: Actor) -> None:
        for turn in range(8):
            with contextlib.suppress(Conflict):
                cast_vote(voter, made[turn % 2].id, (1, -1, 0)[turn % 3])

    def talk(_nobody: Actor) -> None:
        for turn in range(6):
            with contextlib.suppress(Conflict):
                world.comment(made[turn % 2], world.ben, f"Number {turn}")

    def merge(_nobody: Actor) -> None:
        for _turn in range(5):
            merge_idea(world.moderator, made[0].id, made[1].id)
            undo_merge(world.moderator, made[0].id)

    work: list[tuple[Callable[[Actor], None], Actor]] = [(vote, voter) for voter in guests(world, 3)]
    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(act, actor) for act, actor in [*work, (talk, world.ben), (merge, world.moderator)]]:
            done.result(timeout=100)
    check(world, made)
    assert world.names().count("idea.unmerged") == 5
