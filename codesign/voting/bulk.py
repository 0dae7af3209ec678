"""Many votes of many people in one request and one transaction, for programs that collect them elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from codesign.accounts.queries import known_by_references
from codesign.ideas.queries import ideas_here
from codesign.kernel import clock, db
from codesign.kernel.actor import Actor
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Forbidden, NotFound, Problem
from codesign.kernel.text import _
from codesign.spaces.access import require, standing, standings
from codesign.spaces.facts import Access, SpaceFact
from codesign.voting.batch import apply_with_tallies, with_seq
from codesign.voting.facts import Ask, Outcome, Receipt
from codesign.voting.service import check_value


@dataclass(frozen=True)
class VoteRow:
    """One vote of a request: ``person`` is an id or external id; ``at`` is when it was cast elsewhere, kept as a note."""

    idea: str
    person: str
    value: int
    at: datetime | None = None


class _NothingKept(Exception):
    """Rolls the transaction back and carries the answers out of it."""

    def __init__(self, answers: list[Outcome | Problem]) -> None:
        super().__init__()
        self.answers = answers


def cast_votes(
    actor: Actor, reference: str, rows: Sequence[VoteRow], all_or_nothing: bool = False
) -> list[Receipt | Problem]:
    """Cast the votes of many people in one space; one answer for each row, in order, all in one transaction.

    *actor* comes with an ``act_as`` token of a server administrator and acts for the person of each row, with that
    person's rights. A refused row stops no other, unless *all_or_nothing*. Raises NotFound (space), Forbidden (token).
    """
    space = standing(actor, reference).space
    if actor.scopes is None or not actor.is_admin or not actor.may("act_as") or not actor.may("write"):
        raise Forbidden(_("Only a server administrator's token with the scopes act_as and write may vote for others."))
    asks, voters = _asks(actor, space, rows)
    refused = any(isinstance(ask, Problem) for ask in asks)
    answers = _apply([ask for ask in asks if isinstance(ask, Ask)], all_or_nothing, refused)
    rest = iter(answers)
    given = [next(rest) if isinstance(ask, Ask) else ask for ask in asks]
    if all_or_nothing and any(isinstance(answer, Problem) for answer in given):
        return [answer if isinstance(answer, Problem) else _undone() for answer in given]
    return [_answer(answer, voters) for answer in given]


def _undone() -> Problem:
    return Conflict(_("Nothing was written, because another row was refused."))


def _asks(actor: Actor, space: SpaceFact, rows: Sequence[VoteRow]) -> tuple[list[Ask | Problem], dict[str, Access]]:
    """What each row asks for, or why it cannot; in a number of queries that does not depend on the rows."""
    with read():
        known = known_by_references({row.person for row in rows})
        actors = {
            ref: replace(actor, person_id=who.person_id, is_admin=False, guest=who.guest, by=actor.person_id)
            for ref, who in known.items()
        }
        gates = standings(space, actors.values())
        here = ideas_here(space.id, {row.idea for row in rows})
    asks: list[Ask | Problem] = []
    voters: dict[str, Access] = {}
    for row in rows:
        person = actors.get(row.person)
        try:
            access = _gate(person, gates, row, here)
        except Problem as problem:
            asks.append(problem)
            continue
        assert person is not None and person.person_id is not None
        voters[person.person_id] = access
        at = clock.rfc3339(row.at) if row.at else None
        asks.append(Ask(row.idea, person.person_id, row.value, by=actor.person_id, at=at))
    return asks, voters


def _gate(person: Actor | None, gates: dict[str, Access], row: VoteRow, here: set[str]) -> Access:
    if person is None or person.person_id is None:
        raise NotFound(_("There is no such person."))
    access = gates.get(person.person_id)
    if access is None or row.idea not in here:
        raise NotFound(_("There is no such idea, or you may not see it."))
    require(person, access, "vote")
    check_value(access, row.value)
    return access


def _apply(asks: list[Ask], all_or_nothing: bool, refused: bool) -> list[Outcome | Problem]:
    if not asks or (all_or_nothing and refused):
        return [_undone() for _ask in asks]

    def work() -> list[Outcome | Problem]:
        answers = apply_with_tallies(asks)
        if all_or_nothing and any(isinstance(answer, Problem) for answer in answers):
            raise _NothingKept(answers)
        return answers

    try:
        return db.current().write(work)
    except _NothingKept as nothing:
        return nothing.answers


def _answer(answer: Outcome | Problem, voters: dict[str, Access]) -> Receipt | Problem:
    if isinstance(answer, Problem):
        return answer
    outcome, access = with_seq(answer), voters[answer.ask.person_id]
    # Whoever votes has voted: results shown after the own vote are shown.
    seen = access.is_team or access.space.ballot.results != "at_close"
    return Receipt(outcome.ask.idea_id, outcome.value, outcome.changed, outcome.tally if seen else None, outcome.seq)
