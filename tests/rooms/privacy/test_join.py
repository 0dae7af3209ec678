"""A guest who signs in to an existing account: votes united, each person counted once, tallies exact."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from codesign.comments.service import add_comment
from codesign.events import log
from codesign.events.base import SERVER
from codesign.ideas.models import Follow, Idea
from codesign.ideas.service import follow_idea, submit_idea, unfollow_idea
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.merging.service import merge_idea, undo_merge
from codesign.moderation.models import Flag
from codesign.moderation.service import raise_flag
from codesign.privacy.service import join_guest
from codesign.spaces.models import Ballot
from codesign.testing import actor_of
from codesign.voting.models import BallotVoter, Vote
from codesign.voting.service import cast_vote, withdraw_vote

Make = Callable[..., Any]


def votes_of(person: Any) -> dict[str, int]:
    """What a person's standing votes are, by idea."""
    with db.read() as work:
        rows = work.execute(select(Vote.idea_id, Vote.value).where(Vote.person_id == person.id))
        return {row.idea_id: row.value for row in rows}


def check_ledger() -> None:
    """Counters = rows = replay of the log, and the number of voters is right."""
    with db.read() as work:
        counted: dict[str, Counter[int]] = {idea_id: Counter() for idea_id in work.scalars(select(Idea.id))}
        standing: Counter[tuple[str, str]] = Counter()
        for vote in work.scalars(select(Vote)):
            counted[vote.idea_id][vote.value] += 1
            standing[vote.ballot_id, vote.person_id] += 1
        for idea in work.scalars(select(Idea)):
            count = counted[idea.id]
            assert (idea.up, idea.down, idea.passed) == (count[1], count[-1], count[0])
        kept = {(row.ballot_id, row.person_id): row.standing for row in work.scalars(select(BallotVoter))}
        assert {key: number for key, number in kept.items() if number} == dict(standing)
        for ballot in work.scalars(select(Ballot)):
            assert ballot.voters == len({person for (ballot_id, person) in standing if ballot_id == ballot.id})
            assert log.check_chain(ballot.space_id) is None


def replayed(space_id: str) -> dict[tuple[str, str], int]:
    """The votes the log tells of (no merges in between)."""
    votes: dict[tuple[str, str], int] = {}
    with db.read():
        for fact in log.since(space_id, 0, 10_000, names=["vote.cast", "vote.withdrawn"]):
            key = fact.payload["idea_id"], fact.payload["person_id"]
            if fact.name == "vote.cast":
                votes[key] = fact.payload["value"]
            else:
                assert votes.pop(key) == fact.payload["old"]
    return votes


@pytest.fixture
def cast(make_person: Make, make_space: Make, make_idea: Make) -> Any:
    """A space where everybody votes for and against, three ideas, an account and a guest."""

    space = make_space(kind="updown", who_votes="everyone", who_proposes="everyone", who_comments="everyone")
    person, guest = make_person("Mira"), make_person(guest=True)
    ideas = [make_idea(space) for _ in range(3)]
    return SimpleNamespace(
        space=space, ideas=ideas, person=person, guest=guest, me=actor_of(person), them=actor_of(guest)
    )


def test_the_union_of_votes_and_my_own_wins(cast: Any) -> None:
    both, only_guest, only_mine = (idea.id for idea in cast.ideas)
    cast_vote(cast.me, both, 1)
    cast_vote(cast.me, only_mine, 0)
    cast_vote(cast.them, both, -1)
    cast_vote(cast.them, only_guest, -1)
    assert join_guest(cast.guest.id, cast.person.id)
    assert votes_of(cast.person) == {both: 1, only_guest: -1, only_mine: 0}
    assert votes_of(cast.guest) == {}
    check_ledger()
    now = replayed(cast.space.id)
    assert now == {(idea_id, cast.person.id): value for idea_id, value in votes_of(cast.person).items()}
    with db.read() as work:
        for idea in work.scalars(select(Idea).where(Idea.id.in_([both, only_guest]))):
            told = log.since(cast.space.id, 0, 10_000, names=["vote.cast", "vote.withdrawn"])
            assert idea.tally_seq == max(fact.seq for fact in told if fact.payload["idea_id"] == idea.id)


def test_joining_again_or_somebody_who_is_no_guest_does_nothing(cast: Any, make_person: Make) -> None:
    other = make_person("Teo")
    cast_vote(cast.them, cast.ideas[0].id, 1)
    assert not join_guest(other.id, cast.person.id)
    assert not join_guest(cast.guest.id, make_person(guest=True).id)
    assert not join_guest(cast.guest.id, "nobody")
    assert join_guest(cast.guest.id, cast.person.id)
    assert not join_guest(cast.guest.id, other.id)
    assert votes_of(other) == {} and len(votes_of(cast.person)) == 1
    with db.read():
        joined = log.since(SERVER, 0, names=["person.joined"])
    assert [fact.payload for fact in joined] == [{"person_id": cast.person.id, "guest_id": cast.guest.id}]


def test_texts_follows_and_flags_come_along(cast: Any) -> None:
    first, second, third = (idea.id for idea in cast.ideas)
    mine = submit_idea(cast.them, cast.space.id, "A bell that sings")
    add_comment(cast.them, first, "I would ring it.")
    follow_idea(cast.them, second)
    follow_idea(cast.them, third)
    follow_idea(cast.me, third)
    unfollow_idea(cast.me, third)
    raise_flag(cast.them, "idea", second, "Spam")
    raise_flag(cast.them, "idea", third, "Spam")
    raise_flag(cast.me, "idea", third, "Not nice")
    assert join_guest(cast.guest.id, cast.person.id)
    with db.read() as work:
        assert work.get(Idea, mine.id).author_id == cast.person.id  # type: ignore[union-attr]
        follows = {row.idea_id: row.active for row in work.scalars(select(Follow)) if row.person_id == cast.person.id}
        assert follows[second] is True and follows[third] is False
        flags = [(flag.target_id, flag.reason) for flag in work.scalars(select(Flag).order_by(Flag.id))]
        assert sorted(flags) == sorted([(second, "Spam"), (third, "Not nice")])
        for table in (Follow, Flag, Vote):
            assert work.scalars(select(table).where(table.person_id == cast.guest.id)).all() == []


def test_undoing_a_merge_after_joining_gives_each_idea_its_votes(cast: Any) -> None:
    source, target, _other = (idea.id for idea in cast.ideas)
    cast_vote(cast.them, source, -1)
    cast_vote(cast.me, target, 1)
    merge_idea(SYSTEM, source, target)
    assert join_guest(cast.guest.id, cast.person.id)
    assert votes_of(cast.person) == {target: 1}
    check_ledger()
    undo_merge(SYSTEM, source)
    assert votes_of(cast.person) == {source: -1, target: 1}
    check_ledger()


def test_a_vote_that_came_by_a_merge_stays_when_the_other_was_cast_there(cast: Any) -> None:
    source, target, _other = (idea.id for idea in cast.ideas)
    cast_vote(cast.me, source, 1)
    cast_vote(cast.them, target, 1)
    merge_idea(SYSTEM, source, target)
    assert join_guest(cast.guest.id, cast.person.id)
    undo_merge(SYSTEM, source)
    assert votes_of(cast.person) == {source: 1, target: 1}
    check_ledger()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_came_before_counts_stay_exact(seed: int, cast: Any, make_person: Make) -> None:
    """Random votes, merges, undoings and joins: after each, counters = rows, and nobody counts twice."""
    chance = random.Random(seed)
    people: list[Actor] = [cast.me, cast.them, actor_of(make_person()), actor_of(make_person(guest=True))]
    merged: list[str] = []
    ids = [idea.id for idea in cast.ideas]
    for _ in range(40):
        act, free = chance.random(), [idea_id for idea_id in ids if idea_id not in merged]
        if act < 0.6:
            who, idea_id = chance.choice(people), chance.choice(free)
            cast_vote(who, idea_id, chance.choice([-1, 0, 1])) if chance.random() < 0.8 else withdraw_vote(who, idea_id)
        elif act < 0.75 and len(free) > 1:
            source, target = chance.sample(free, 2)
            merge_idea(SYSTEM, source, target)
            merged.append(source)
        elif act < 0.85 and merged:
            undo_merge(SYSTEM, merged.pop())
        elif guests := [actor for actor in people if actor.guest]:
            guest = chance.choice(guests)
            own = chance.choice([actor for actor in people if not actor.guest])
            before = set(votes_of(SimpleNamespace(id=guest.person_id))) | set(
                votes_of(SimpleNamespace(id=own.person_id))
            )
            assert join_guest(str(guest.person_id), str(own.person_id))
            people.remove(guest)
            assert set(votes_of(SimpleNamespace(id=own.person_id))) == before
        check_ledger()
    while merged:
        undo_merge(SYSTEM, merged.pop())
        check_ledger()
