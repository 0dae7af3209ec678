"""What becomes of a guest's votes when they are joined with an account, and of a person's when they take them out.

Erasing a person leaves their votes: counts stay right, and the row that cast them is empty.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update

from codesign.events.base import Event
from codesign.events.log import record
from codesign.ideas.facts import Delta
from codesign.ideas.tallies import LockedIdea, add_to_tallies, lock_ideas, set_tally_seq, spaces_of
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session, verb
from codesign.spaces.ballots import lock_ballots, spaces_of_ballots
from codesign.voting.apply import change_standing
from codesign.voting.events import VoteCast, VoteWithdrawn
from codesign.voting.models import BallotVoter, Vote


@dataclass(frozen=True)
class Clash:
    """Guest and account had both voted on an idea: the merges each vote stood by before, and the one it stands by now."""

    idea_id: str
    guest_merge_id: str | None
    own_merge_id: str | None
    merge_id: str | None


@dataclass(frozen=True)
class _Row:
    idea_id: str
    ballot_id: str
    value: int
    merge_id: str | None


@verb
def join(guest_id: str, person_id: str) -> list[Clash]:
    """Make a guest's votes the person's. Where both had voted, the person's own vote stands and counts once."""
    work = session()
    ids = sorted(_votes(guest_id))
    if not ids:
        return []
    lock_ballots(work, spaces_of(work, ids))
    ideas = lock_ideas(work, ids)
    theirs, own = _votes(guest_id), _votes(person_id)
    clashes = [_clash(row, own[row.idea_id]) for row in theirs.values() if row.idea_id in own]
    moved = [row for row in theirs.values() if row.idea_id not in own]
    _write(guest_id, person_id, clashes, moved)
    add_to_tallies(work, [_minus(theirs[clash.idea_id]) for clash in clashes])
    _count(guest_id, person_id, list(theirs.values()), moved)
    _announce(guest_id, person_id, list(theirs.values()), {row.idea_id for row in moved}, ideas)
    return clashes


def _votes(person_id: str) -> dict[str, _Row]:
    query = select(Vote.idea_id, Vote.ballot_id, Vote.value, Vote.merge_id).where(Vote.person_id == person_id)
    return {row.idea_id: _Row(*row) for row in session().execute(query.order_by(Vote.idea_id))}


def _clash(theirs: _Row, own: _Row) -> Clash:
    """The vote stands in its own right where either of the two was cast on this very idea."""
    in_own_right = theirs.merge_id is None or own.merge_id is None
    return Clash(own.idea_id, theirs.merge_id, own.merge_id, None if in_own_right else own.merge_id)


def _write(guest_id: str, person_id: str, clashes: Sequence[Clash], moved: Sequence[_Row]) -> None:
    gone = [clash.idea_id for clash in clashes]
    session().execute(delete(Vote).where(Vote.person_id == guest_id, Vote.idea_id.in_(gone)))
    for clash in clashes:
        if clash.merge_id != clash.own_merge_id:
            mine = Vote.idea_id == clash.idea_id, Vote.person_id == person_id
            session().execute(update(Vote).where(*mine).values(merge_id=clash.merge_id))
    if moved:
        theirs = Vote.person_id == guest_id, Vote.idea_id.in_([row.idea_id for row in moved])
        session().execute(update(Vote).where(*theirs).values(person_id=person_id))


def _minus(row: _Row) -> Delta:
    return Delta(row.idea_id, up=-(row.value == 1), down=-(row.value == -1), passed=-(row.value == 0))


def _count(guest_id: str, person_id: str, theirs: Sequence[_Row], moved: Sequence[_Row]) -> None:
    lost, gained = Counter(row.ballot_id for row in theirs), Counter(row.ballot_id for row in moved)
    steps = {(ballot_id, guest_id): -count for ballot_id, count in lost.items()}
    steps |= {(ballot_id, person_id): count for ballot_id, count in gained.items()}
    change_standing(session(), steps)


def _announce(
    guest_id: str, person_id: str, theirs: Sequence[_Row], moved: set[str], ideas: dict[str, LockedIdea]
) -> None:
    """The log says it as it is: taken back by the guest, cast by the person."""
    facts: dict[str, list[tuple[Event, str]]] = defaultdict(list)
    for row in theirs:
        space_id, idea_id = ideas[row.idea_id].space_id, row.idea_id
        facts[space_id].append((VoteWithdrawn(space_id, row.ballot_id, idea_id, guest_id, row.value), idea_id))
        if idea_id in moved:
            facts[space_id].append((VoteCast(space_id, row.ballot_id, idea_id, person_id, row.value), idea_id))
    for in_space in facts.values():
        _record(in_space, Actor(person_id=person_id))


def _record(facts: Sequence[tuple[Event, str]], actor: Actor) -> None:
    work, numbers = session(), dict[str, int]()
    for place, (fact, idea_id) in enumerate(facts):

        def number(seq: int, idea_id: str = idea_id, last: bool = place == len(facts) - 1) -> None:
            numbers[idea_id] = seq
            if last:
                set_tally_seq(work, numbers)

        record(fact, actor, number=number)


@reading
def votes_by(ballot_id: str, person_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """The standing votes of people in a ballot: value by idea by person. Single votes are for nobody's screen."""
    query = select(Vote.person_id, Vote.idea_id, Vote.value).where(Vote.ballot_id == ballot_id)
    found: dict[str, dict[str, int]] = {}
    for row in session().execute(query.where(Vote.person_id.in_(sorted(set(person_ids)))).order_by(Vote.idea_id)):
        found.setdefault(row.person_id, {})[row.idea_id] = row.value
    return found


@reading
def data_of(person_id: str) -> list[dict[str, Any]]:
    """What this room keeps of a person, for their own download."""
    rows = session().scalars(select(Vote).where(Vote.person_id == person_id).order_by(Vote.cast_at, Vote.idea_id))
    return [{"idea_id": row.idea_id, "value": row.value, "cast_at": clock.rfc3339(row.cast_at)} for row in rows]


@reading
def spaces_voted_in(person_id: str) -> set[str]:
    """The spaces in whose ballot a vote of somebody stands."""
    standing = select(BallotVoter.ballot_id).where(BallotVoter.person_id == person_id, BallotVoter.standing > 0)
    return spaces_of_ballots(session(), session().scalars(standing))
