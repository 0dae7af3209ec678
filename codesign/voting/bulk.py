"""Many votes of many people in one request and one transaction, for programs that collect them elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from codesign.kernel import clock, db
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Conflict, Forbidden, Problem
from codesign.kernel.text import _
from codesign.spaces.access import standing
from codesign.voting.batch import apply_with_tallies, receipts
from codesign.voting.facts import Ask, Outcome, Receipt
from codesign.voting.gate import Wish, admit


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
    actor: Actor, reference: str, rows: Sequence[VoteRow | Problem], all_or_nothing: bool = False
) -> list[Receipt | Problem]:
    """Cast the votes of many people in one space; one answer for each row, in order, all in one transaction.

    *actor* comes with an ``act_as`` token of a server administrator and acts for the person of each row, with that
    person's rights. A refused row stops no other, unless *all_or_nothing*; one that was no vote to begin with is its Problem.
    Raises NotFound (space), Forbidden (token).
    """
    space = standing(actor, reference).space
    if not (actor.may_act_for_others and actor.may("write")):
        raise Forbidden(_("Only a server administrator's token with the scopes act_as and write may vote for others."))
    wishes = [
        Wish(actor, row.idea, row.value, row.person, clock.rfc3339(row.at) if row.at else None)
        for row in rows
        if isinstance(row, VoteRow)
    ]
    asked = iter(admit(wishes, space.id))
    admitted = [next(asked) if isinstance(row, VoteRow) else row for row in rows]
    if all_or_nothing and any(isinstance(each, Problem) for each in admitted):
        return [each if isinstance(each, Problem) else _undone() for each in admitted]
    answers = receipts(admitted, lambda asks: _apply(asks, all_or_nothing))
    if all_or_nothing and any(isinstance(answer, Problem) for answer in answers):
        return [answer if isinstance(answer, Problem) else _undone() for answer in answers]
    return answers


def _undone() -> Problem:
    return Conflict(_("Nothing was written, because another row was refused."))


def _apply(asks: list[Ask], all_or_nothing: bool) -> list[Outcome | Problem]:
    def work() -> list[Outcome | Problem]:
        answers = apply_with_tallies(asks)
        if all_or_nothing and any(isinstance(answer, Problem) for answer in answers):
            raise _NothingKept(answers)
        return answers

    try:
        return db.current().write(work)
    except _NothingKept as nothing:
        return nothing.answers
