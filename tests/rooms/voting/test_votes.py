"""Casting and taking back votes, one and many at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from codesign.events import log
from codesign.ideas.facts import Tally
from codesign.ideas.queries import tallies_of
from codesign.ideas.service import hide_idea
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import Closed, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from codesign.spaces import service as spaces
from codesign.spaces.queries import find_space
from codesign.testing import actor_of
from codesign.voting import queries
from codesign.voting.facts import Ask, Outcome
from codesign.voting.service import apply_votes, cast_vote, withdraw_vote

Make = Callable[..., Any]


def tally(space: Any, idea: Any) -> Tally:
    with db.read():
        return tallies_of(space.id, [idea.id])[idea.id]


def counts(space: Any, idea: Any) -> tuple[int, int, int]:
    found = tally(space, idea)
    return found.up, found.down, found.passed


def test_a_vote_counts_once_and_can_be_taken_back(make_person: Make, make_space: Make, make_idea: Make) -> None:
    space, ann = make_space(), actor_of(make_person())
    idea = make_idea(space)
    first = cast_vote(ann, idea.id, 1)
    assert (first.value, first.changed, first.tally and first.tally.up) == (1, True, 1)
    assert first.tally is not None and first.seq == first.tally.seq == tally(space, idea).seq
    again = cast_vote(ann, idea.id, 1)
    assert (again.value, again.changed, again.seq) == (1, False, first.seq)
    gone = withdraw_vote(ann, idea.id)
    assert (gone.value, gone.changed, gone.tally and gone.tally.up) == (None, True, 0)
    assert withdraw_vote(ann, idea.id).changed is False
    assert counts(space, idea) == (0, 0, 0)


def test_a_changed_vote_moves_from_one_counter_to_the_other(
    make_person: Make, make_space: Make, make_idea: Make
) -> None:
    space, ann = make_space(kind="updown"), actor_of(make_person())
    idea = make_idea(space)
    for value, expected in ((1, (1, 0, 0)), (0, (0, 0, 1)), (-1, (0, 1, 0)), (1, (1, 0, 0))):
        cast_vote(ann, idea.id, value)
        assert counts(space, idea) == expected
    with db.read():
        cast = [fact.payload for fact in log.since(space.id, 0) if fact.name == "vote.cast"]
    assert [(fact["old"], fact["value"]) for fact in cast] == [(None, 1), (1, 0), (0, -1), (-1, 1)]


@pytest.mark.parametrize(
    ("kind", "value"), [("upvote", -1), ("upvote", 0), ("upvote", 2), ("updown", 2), ("updown", True)]
)
def test_a_ballot_refuses_what_its_kind_does_not_take(
    kind: str, value: int, make_person: Make, make_space: Make, make_idea: Make
) -> None:
    space, ann = make_space(kind=kind), actor_of(make_person())
    idea = make_idea(space)
    with pytest.raises(Invalid) as refused:
        cast_vote(ann, idea.id, value)
    assert refused.value.errors[0].field == "value"
    assert cast_vote(ann, idea.id, 1).changed


def test_who_may_not_vote_is_told_why(make_person: Make, make_space: Make, make_idea: Make) -> None:
    space = make_space(who_votes="members")
    idea = make_idea(space)
    stranger, member = actor_of(make_person()), make_person()
    with pytest.raises(Forbidden):
        cast_vote(stranger, idea.id, 1)
    with pytest.raises(Unauthenticated):
        cast_vote(Actor(), idea.id, 1)
    spaces.add_member(SYSTEM, space.id, member.id, "contributor")
    assert cast_vote(actor_of(member), idea.id, 1).changed


def test_hidden_and_unknown_ideas_look_the_same(make_person: Make, make_space: Make, make_idea: Make) -> None:
    space, ann = make_space(), actor_of(make_person())
    idea, other = make_idea(space), make_idea(space)
    hide_idea(SYSTEM, idea.id, "not for here")
    for idea_id in (idea.id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        with pytest.raises(NotFound) as refused:
            cast_vote(ann, idea_id, 1)
        assert "idea" in str(refused.value.sentence)
    assert cast_vote(ann, other.id, 1).changed


def test_a_paused_and_a_closed_ballot_refuse_votes(make_person: Make, make_space: Make, make_idea: Make) -> None:
    space, ann = make_space(), actor_of(make_person())
    idea = make_idea(space)
    for phase in ("discuss", "decided"):
        spaces.set_phase(SYSTEM, space.id, phase)
        with pytest.raises(Closed):
            cast_vote(ann, idea.id, 1)
    spaces.set_phase(SYSTEM, space.id, "vote")
    assert cast_vote(ann, idea.id, 1).changed


def test_many_parallel_identical_votes_are_one(
    app: Flask, make_person: Make, make_space: Make, make_idea: Make
) -> None:
    space, ann = make_space(), actor_of(make_person())
    idea = make_idea(space)
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda _n: cast_vote(ann, idea.id, 1), range(200)))
    assert sum(receipt.changed for receipt in receipts) == 1
    assert counts(space, idea) == (1, 0, 0)
    with db.read():
        assert [fact.name for fact in log.since(space.id, 0)].count("vote.cast") == 1


def test_a_storm_of_votes_and_withdrawals_keeps_counts_and_rows_equal(
    make_person: Make, make_space: Make, make_idea: Make
) -> None:
    space = make_space(kind="updown")
    people, idea = [actor_of(make_person()) for _ in range(6)], make_idea(space)

    def act(number: int) -> None:
        actor = people[number % 6]
        withdraw_vote(actor, idea.id) if number % 4 == 3 else cast_vote(actor, idea.id, (number % 3) - 1)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(act, range(120)))
    with db.read():
        rows = queries.voters_of(idea.id)
    found = tally(space, idea)
    assert found.up + found.down + found.passed == len(rows)
    assert find_space(space.id).ballot.voters == len(rows)  # type: ignore[union-attr]


def test_apply_votes_folds_repeats_and_answers_each(make_person: Make, make_space: Make, make_idea: Make) -> None:
    space = make_space(kind="updown")
    ann, idea = make_person(), make_idea(space)

    @db.verb
    def apply() -> list[Outcome | Problem]:
        return apply_votes(
            db.session(), [Ask(idea.id, ann.id, value) for value in (1, 1, -1, None, 0)] + [Ask("X", ann.id, 1)]
        )

    answers = apply()
    assert [answer.changed for answer in answers[:5] if isinstance(answer, Outcome)] == [True, False, True, True, True]
    assert isinstance(answers[5], NotFound)
    assert counts(space, idea) == (0, 0, 1)
    with db.read():
        names = [fact.name for fact in log.since(space.id, 0) if fact.name.startswith("vote.")]
    assert names == ["vote.cast", "vote.cast", "vote.withdrawn", "vote.cast"]


def test_a_single_vote_refuses_to_wait_inside_a_transaction(
    make_person: Make, make_space: Make, make_idea: Make
) -> None:
    space, ann = make_space(), actor_of(make_person())
    idea = make_idea(space)

    @db.verb
    def wrong() -> None:
        cast_vote(ann, idea.id, 1)

    with pytest.raises(RuntimeError, match="apply_votes"):
        wrong()
    assert counts(space, idea) == (0, 0, 0)


def test_the_first_vote_lifts_the_veil_and_the_last_one_back_lowers_it(
    make_person: Make, make_space: Make, make_idea: Make
) -> None:
    space = make_space(results="after_vote", owner=(owner := make_person()))
    ann, ideas = actor_of(make_person()), [make_idea(space), make_idea(space)]

    def audience(actor: Actor) -> str:
        from codesign.spaces.access import standing

        return queries.audience_of(standing(actor, space.id))

    assert (audience(ann), audience(Actor()), audience(actor_of(owner))) == ("veiled", "veiled", "team")
    receipt = cast_vote(ann, ideas[0].id, 1)
    assert receipt.tally is not None and audience(ann) == "open"
    cast_vote(ann, ideas[1].id, 1)
    withdraw_vote(ann, ideas[0].id)
    assert audience(ann) == "open"
    assert withdraw_vote(ann, ideas[1].id).tally is None
    assert audience(ann) == "veiled"


def test_results_at_the_close_show_at_the_close_and_are_veiled_again_when_it_reopens(
    make_person: Make, make_space: Make, make_idea: Make
) -> None:
    space, ann = make_space(results="at_close"), actor_of(make_person())
    idea = make_idea(space)
    assert cast_vote(ann, idea.id, 1).tally is None

    def seen() -> bool:
        from codesign.spaces.access import standing

        return queries.may_see_tallies(standing(ann, space.id))

    assert not seen()
    spaces.set_phase(SYSTEM, space.id, "decided")
    assert seen()
    spaces.set_phase(SYSTEM, space.id, "vote")
    assert not seen()


def test_a_vote_takes_a_fixed_number_of_statements(
    make_person: Make, make_space: Make, make_idea: Make, count_queries: Make
) -> None:
    space = make_space()
    ideas = [make_idea(space) for _ in range(3)]
    people = [actor_of(make_person()) for _ in range(3)]
    for person in people:
        cast_vote(person, ideas[0].id, 1)
    with count_queries() as statements:
        cast_vote(people[0], ideas[1].id, 1)
    assert len(statements) <= 19, statements


def test_one_batch_over_two_spaces_numbers_both(make_person: Make, make_space: Make, make_idea: Make) -> None:
    ann, spaces_ = make_person(), [make_space(), make_space()]
    ideas = [make_idea(space) for space in spaces_]
    for order in (ideas, ideas[::-1]):
        value = 1 if order is ideas else None
        asks = [Ask(idea.id, ann.id, value) for idea in order]
        answers = db.current().write(lambda asks=asks: apply_votes(db.session(), asks))
        told = {answer.ask.idea_id: answer.seq for answer in answers if isinstance(answer, Outcome)}
        assert told == {idea.id: tally(space, idea).seq for space, idea in zip(spaces_, ideas, strict=True)}
