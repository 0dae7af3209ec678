"""The ledger under everything that can happen to votes: counters, rows and the log always tell the same."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from codesign.accounts import service as accounts
from codesign.events import log
from codesign.ideas import service as ideas
from codesign.ideas.queries import tallies_of
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import Problem
from codesign.merging.service import merge_idea, undo_merge
from codesign.merging.splitting import split_idea
from codesign.privacy.service import erase_person, join_guest
from codesign.spaces import service as spaces
from codesign.spaces.queries import find_space
from codesign.testing import Database
from codesign.voting.models import BallotVoter, Vote
from codesign.voting.service import cast_vote, withdraw_vote

Rows = dict[tuple[str, str], int]  # idea, person: value

PEOPLE = st.integers(0, 3)
GUESTS = st.integers(4, 5)
IDEAS = st.integers(0, 5)


class Replay:
    """Reads the log alone and says which votes must stand.

    Every idea keeps the votes cast on it. What stands on a survivor is the union with those of the ideas that are part of
    it, its own first; taking a vote back on a survivor also takes back what came along.
    """

    def __init__(self) -> None:
        self.own: dict[str, dict[str, int]] = {}
        self.parts: dict[str, list[str]] = {}

    def read(self, facts: list[Any]) -> None:
        for fact in facts:
            content = fact.payload
            if fact.name == "vote.cast":
                self.own.setdefault(content["idea_id"], {})[content["person_id"]] = content["value"]
            elif fact.name == "vote.withdrawn":
                self._withdraw(content["idea_id"], content["person_id"])
            elif fact.name == "idea.merged":
                self.parts.setdefault(content["into"], []).append(content["idea_id"])
            elif fact.name == "idea.unmerged":
                self.parts[content["from_id"]].remove(content["idea_id"])
            elif fact.name == "idea.split" and content["with_votes"]:
                self.own[content["offshoot_id"]] = self.standing(content["idea_id"])

    def _withdraw(self, idea: str, person: str) -> None:
        self.own.get(idea, {}).pop(person, None)
        for part in self.parts.get(idea, []):
            self._withdraw(part, person)

    def standing(self, idea: str) -> dict[str, int]:
        votes = dict(self.own.get(idea, {}))
        for part in self.parts.get(idea, []):
            votes = {**self.standing(part), **votes}
        return votes

    def rows(self, all_ideas: list[str]) -> set[tuple[str, str]]:
        merged = {part for parts in self.parts.values() for part in parts}
        return {(idea, person) for idea in all_ideas if idea not in merged for person in self.standing(idea)}


class Ledger(RuleBasedStateMachine):
    """People and guests vote, revote, pass and withdraw; the team merges and undoes; guests join; people leave."""

    def __init__(self) -> None:
        super().__init__()
        self.space = spaces.create_space(SYSTEM, "blank", name="Ledger", kind="updown")
        self.ideas = [ideas.submit_idea(SYSTEM, self.space.id, f"Idea number {number}").id for number in range(4)]
        self.people = [accounts.create_person(SYSTEM, name=f"P{number}").id for number in range(4)]
        self.people += [accounts.make_guest().id for _ in range(2)]
        self.gone: set[str] = set()
        self.merges = self.withdrawals_on_survivors = 0
        self.joined_after_merge = False

    def _try(self, act: Callable[..., Any], *arguments: Any) -> bool:
        try:
            act(*arguments)
        except Problem:
            return False
        return True

    @rule(who=st.one_of(PEOPLE, GUESTS), idea=IDEAS, value=st.sampled_from([1, 0, -1]))
    def cast(self, who: int, idea: int, value: int) -> None:
        if self.people[who] not in self.gone:
            self._try(
                cast_vote, Actor(person_id=self.people[who], guest=who > 3), self.ideas[idea % len(self.ideas)], value
            )

    @rule(who=st.one_of(PEOPLE, GUESTS), idea=IDEAS)
    def withdraw(self, who: int, idea: int) -> None:
        if self.people[who] not in self.gone:
            self._try(
                withdraw_vote, Actor(person_id=self.people[who], guest=who > 3), self.ideas[idea % len(self.ideas)]
            )

    @rule(source=IDEAS, into=IDEAS)
    def merge(self, source: int, into: int) -> None:
        self.merges += self._try(
            merge_idea, SYSTEM, self.ideas[source % len(self.ideas)], self.ideas[into % len(self.ideas)]
        )

    @precondition(lambda self: self.merges)
    @rule(source=IDEAS)
    def undo(self, source: int) -> None:
        self._try(undo_merge, SYSTEM, self.ideas[source % len(self.ideas)])

    @precondition(lambda self: len(self.ideas) < 6)
    @rule(idea=IDEAS, with_votes=st.booleans())
    def split(self, idea: int, with_votes: bool) -> None:
        with contextlib.suppress(Problem):
            self.ideas.append(
                split_idea(SYSTEM, self.ideas[idea % len(self.ideas)], "A part of it", with_votes=with_votes).id
            )

    @rule(guest=GUESTS, who=PEOPLE)
    def join(self, guest: int, who: int) -> None:
        if {self.people[guest], self.people[who]} & self.gone:
            return
        join_guest(self.people[guest], self.people[who])
        self.gone.add(self.people[guest])
        self.joined_after_merge = self.joined_after_merge or self.merges > 0

    @rule(who=PEOPLE)
    def leave(self, who: int) -> None:
        if self.people[who] not in self.gone and len(self.gone) < 4:
            erase_person(SYSTEM, self.people[who])
            self.gone.add(self.people[who])

    @invariant()
    def counters_are_rows(self) -> None:
        with db.read() as work:
            rows: Rows = {
                (row.idea_id, row.person_id): row.value
                for row in work.scalars(select(Vote).where(Vote.ballot_id == self.space.ballot.id))
            }
            tallies = tallies_of(self.space.id, self.ideas)
            query = select(BallotVoter).where(BallotVoter.ballot_id == self.space.ballot.id)
            standing = {row.person_id: row.standing for row in work.scalars(query) if row.standing}
            facts = log.since(self.space.id, 0, 10_000)
            space = find_space(self.space.id)
            assert log.check_chain(self.space.id) is None
        for idea in self.ideas:
            counted = Counter(value for (on, _person), value in rows.items() if on == idea)
            assert (tallies[idea].up, tallies[idea].down, tallies[idea].passed) == (counted[1], counted[-1], counted[0])
        assert standing == Counter(person for _idea, person in rows)
        assert space is not None and space.ballot.voters == len(standing)
        if not self.joined_after_merge:
            replay = Replay()
            replay.read(facts)
            assert replay.rows(self.ideas) == set(rows)


def test_counters_rows_and_log_agree_whatever_happens(app: Flask, database: Database) -> None:
    least = 15 if database.kind == "sqlite" else 1  # a server takes three times as long for the same answers
    run_state_machine_as_test(Ledger, settings=settings(max_examples=max(least, settings().max_examples // 3)))
