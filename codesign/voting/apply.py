"""The core of voting: many votes, one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, tuple_
from sqlalchemy.orm import Session

from codesign.events.base import Event
from codesign.events.log import record
from codesign.ideas.facts import Delta
from codesign.ideas.tallies import LockedIdea, add_to_tallies, lock_ideas, set_tally_seq, spaces_of
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.errors import Closed, Conflict, Invalid, NotFound, Problem
from codesign.kernel.text import _
from codesign.kernel.upsert import prepared
from codesign.spaces.ballots import add_to_voters, lock_ballots
from codesign.spaces.facts import SpaceFact
from codesign.voting.events import VoteCast, VoteWithdrawn
from codesign.voting.facts import VALUES, Ask, Outcome
from codesign.voting.models import BallotVoter, Vote

Key = tuple[str, str]  # idea, person

_VOTE: Any = Vote.__table__
_VOTER: Any = BallotVoter.__table__
_KEYS: Any = bindparam("keys", expanding=True)
_OF_KEYS = tuple_(_VOTE.c.idea_id, _VOTE.c.person_id).in_(_KEYS)
# Built once: every vote passes here, and building a statement costs more than running it.
_READ_VOTES = select(_VOTE.c.idea_id, _VOTE.c.person_id, _VOTE.c.value).where(_OF_KEYS)
_DELETE_VOTES = delete(_VOTE).where(_OF_KEYS)
_WRITE_VOTES = prepared(
    lambda insert: insert.on_conflict_do_update(
        index_elements=["idea_id", "person_id"],
        set_={name: insert.excluded[name] for name in ("value", "cast_at", "merge_id")},
    ),
    _VOTE,
)
_READ_STANDING = select(_VOTER).where(tuple_(_VOTER.c.ballot_id, _VOTER.c.person_id).in_(_KEYS))
_ADD_STANDING = prepared(
    lambda insert: insert.on_conflict_do_update(
        index_elements=["ballot_id", "person_id"], set_={"standing": _VOTER.c.standing + insert.excluded.standing}
    ),
    _VOTER,
)


@dataclass
class _Batch:
    """What one transaction is about to change."""

    spaces: dict[str, SpaceFact]
    ideas: dict[str, LockedIdea]
    before: dict[Key, int]
    now: dict[Key, int | None] = field(default_factory=dict)
    cast_at: dict[Key, datetime] = field(default_factory=dict)
    facts: list[tuple[Event, Actor, Outcome]] = field(default_factory=list)

    def ballot_of(self, idea_id: str) -> str:
        """The ballot in which votes on an idea count."""
        return self.spaces[self.ideas[idea_id].space_id].ballot.id


def apply_votes(work: Session, asks: Sequence[Ask], *, importing: bool = False) -> list[Outcome | Problem]:
    """Apply *asks* in arrival order inside the caller's transaction; one answer each, in the same order.

    Repeats of one person and idea are folded, each with its own answer and its own fact in the log. Whether the ballot is
    open and the idea published is checked here once more, under lock. *importing* skips the phase, not the idea's state.
    """
    batch = _read(work, asks)
    answers = [_decide(batch, ask, importing) for ask in asks]
    _write(work, batch)
    return answers


def _read(work: Session, asks: Sequence[Ask]) -> _Batch:
    # Locks in one sorted order, the ballot before its ideas and the log's head last, so that no two batches wait in a ring.
    idea_ids = sorted({ask.idea_id for ask in asks})
    spaces = lock_ballots(work, spaces_of(work, idea_ids))
    ideas = lock_ideas(work, idea_ids)
    keys = sorted({(ask.idea_id, ask.person_id) for ask in asks})
    rows = work.connection().execute(_READ_VOTES, {"keys": keys})
    return _Batch(spaces, ideas, {(row.idea_id, row.person_id): row.value for row in rows})


def _refusal(batch: _Batch, ask: Ask, importing: bool) -> Problem | None:
    idea = batch.ideas.get(ask.idea_id)
    if idea is None or idea.state != PUBLISHED:
        return NotFound(_("There is no such idea, or you may not see it."))
    if idea.merged_into is not None:
        return Conflict(_("This idea is now part of another one. Vote there."), merged_into=idea.merged_into)
    space = batch.spaces[idea.space_id]
    if not space.ballot_open and not importing:
        return Closed(_("Voting is closed here."))
    if ask.value is not None and ask.value not in VALUES[space.ballot.kind]:
        return Invalid.field("value", _("This ballot does not take that."))
    return None


def _decide(batch: _Batch, ask: Ask, importing: bool) -> Outcome | Problem:
    if refusal := _refusal(batch, ask, importing):
        return refusal
    key, idea = (ask.idea_id, ask.person_id), batch.ideas[ask.idea_id]
    old = batch.now[key] if key in batch.now else batch.before.get(key)
    outcome = Outcome(ask, ask.value, old != ask.value, idea.tally, idea.tally.seq)
    if outcome.changed:
        batch.now[key] = ask.value
        if importing and ask.at is not None:  # else it is a note: votes count from the moment they come
            batch.cast_at[key] = datetime.fromisoformat(ask.at)
        fact = _fact(idea.space_id, batch.ballot_of(idea.id), ask, old)
        batch.facts.append((fact, Actor(person_id=ask.by or ask.person_id), outcome))
    return outcome


def _fact(space_id: str, ballot_id: str, ask: Ask, old: int | None) -> Event:
    if ask.value is not None:
        return VoteCast(space_id, ballot_id, ask.idea_id, ask.person_id, ask.value, old, ask.at)
    if old is None:
        raise ValueError("a vote that does not stand cannot be taken back")
    return VoteWithdrawn(space_id, ballot_id, ask.idea_id, ask.person_id, old)


def _write(work: Session, batch: _Batch) -> None:
    if not batch.facts:
        return
    changed = {key: value for key, value in sorted(batch.now.items()) if value != batch.before.get(key)}
    _write_rows(work, batch, changed)
    _count_voters(work, batch, changed)
    add_to_tallies(work, _deltas(batch, changed))
    _announce(work, batch)


def _write_rows(work: Session, batch: _Batch, changed: dict[Key, int | None]) -> None:
    line, moment = work.connection(), clock.now()
    kept: list[dict[str, Any]] = [
        {"idea_id": key[0], "person_id": key[1], "ballot_id": batch.ballot_of(key[0]), "value": value,
         "cast_at": batch.cast_at.get(key, moment), "merge_id": None}
        for key, value in changed.items() if value is not None
    ]  # fmt: skip
    if kept:
        line.execute(_WRITE_VOTES(line.dialect.name), kept)
    if gone := [key for key, value in changed.items() if value is None]:
        line.execute(_DELETE_VOTES, {"keys": gone})


def _count_voters(work: Session, batch: _Batch, changed: dict[Key, int | None]) -> None:
    """Keep ``ballot_voter`` (votes of a person standing in the ballot) and the ballot's number of voters."""
    steps: dict[tuple[str, str], int] = defaultdict(int)
    for (idea_id, person_id), value in changed.items():
        steps[batch.ballot_of(idea_id), person_id] += (value is not None) - ((idea_id, person_id) in batch.before)
    change_standing(work, {key: step for key, step in steps.items() if step})


def change_standing(work: Session, steps: dict[tuple[str, str], int]) -> None:
    """Add *steps* (by ballot and person) to the votes standing, and the difference to each ballot's voters."""
    if not steps:
        return
    keys, line = sorted(steps), work.connection()
    before = {(row.ballot_id, row.person_id): row.standing for row in line.execute(_READ_STANDING, {"keys": keys})}
    line.execute(
        _ADD_STANDING(line.dialect.name),
        [{"ballot_id": ballot, "person_id": person, "standing": steps[ballot, person]} for ballot, person in keys],
    )
    voters: dict[str, int] = defaultdict(int)
    for key in keys:
        was = before.get(key, 0)
        voters[key[0]] += (was + steps[key] > 0) - (was > 0)
    add_to_voters(work, {ballot: step for ballot, step in voters.items() if step})


def _deltas(batch: _Batch, changed: dict[Key, int | None]) -> list[Delta]:
    sums: dict[str, list[int]] = {}
    for key, value in changed.items():
        counts = sums.setdefault(key[0], [0, 0, 0])
        for vote, step in ((batch.before.get(key), -1), (value, 1)):
            if vote is not None:
                counts[{1: 0, -1: 1, 0: 2}[vote]] += step
    return [Delta(idea_id, *counts) for idea_id, counts in sorted(sums.items())]


def _announce(work: Session, batch: _Batch) -> None:
    numbers: dict[str, int] = {}
    # Numbers are given space by space, in whatever order the facts of a batch came.
    last = {fact.space_id: place for place, (fact, _actor, _outcome) in enumerate(batch.facts)}
    for place, (fact, actor, outcome) in enumerate(batch.facts):

        def number(seq: int, outcome: Outcome = outcome, ends: bool = place == last[fact.space_id]) -> None:
            outcome.seq = numbers[outcome.ask.idea_id] = seq
            if ends:
                set_tally_seq(work, numbers)
                numbers.clear()

        record(fact, actor, number=number)
