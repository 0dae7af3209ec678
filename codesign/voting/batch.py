"""Group commit: single votes that arrive within a few milliseconds share one look at the gate and one transaction."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from codesign.ideas.tallies import read_tallies
from codesign.kernel import db
from codesign.kernel.errors import Problem
from codesign.kernel.lane import under_gevent
from codesign.voting.apply import apply_votes
from codesign.voting.facts import Ask, Outcome, Receipt
from codesign.voting.gate import Admitted, Wish, admit
from codesign.voting.queries import may_see_tallies

MOST = 500  # votes in one commit
PAUSE, BUSY_PAUSE = 0.002, 0.005  # seconds to wait for company; where much comes, fewer commits leave more time for all
BUSY = 4  # votes in the batch before

_log = logging.getLogger(__name__)
_waiting: deque[tuple[Wish, Any]] = deque()
_collector: Any = None


def submit(wish: Wish) -> Receipt:
    """Cast one vote and come back when it is durable; raises the Problem that refused it."""
    if db.in_verb():
        raise RuntimeError("cast_vote waits for a commit of its own and cannot run inside a verb: use apply_votes")
    answer = _wait(wish) if under_gevent() else _cast([wish])[0]
    if isinstance(answer, Receipt):
        return answer
    raise answer


def _wait(wish: Wish) -> Receipt | Exception:
    from gevent import spawn
    from gevent.event import AsyncResult

    global _collector
    result = AsyncResult()
    _waiting.append((wish, result))
    if _collector is None or _collector.dead:
        _collector = spawn(_collect)
    answer: Receipt | Exception = result.get()
    return answer


def _collect() -> None:
    """Cast what waits, batch after batch, until nothing does."""
    from gevent import sleep

    batch: list[tuple[Wish, Any]] = []
    while _waiting:
        if len(_waiting) < MOST:
            sleep(BUSY_PAUSE if len(batch) > BUSY else PAUSE)
        batch = [_waiting.popleft() for _turn in range(min(MOST, len(_waiting)))]
        answers = _cast([wish for wish, _result in batch])
        for (_wish, result), answer in zip(batch, answers, strict=True):
            result.set(answer)


def _cast(wishes: list[Wish]) -> list[Receipt | Exception]:
    try:
        return [*receipts(admit(wishes), lambda asks: db.current().write(lambda: apply_with_tallies(asks)))]
    except Exception as error:
        if len(wishes) == 1:
            return [error]
        # One bad row must not cost the others their votes.
        _log.warning("a batch of %s votes failed (%s); once more, one by one", len(wishes), type(error).__name__)
        return [receipt for wish in wishes for receipt in _cast([wish])]


def receipts(
    admitted: Sequence[Admitted | Problem], apply: Callable[[list[Ask]], list[Outcome | Problem]]
) -> list[Receipt | Problem]:
    """A Receipt or Problem for each, in order; *apply* turns the asks among them into outcomes."""
    asks = [each.ask for each in admitted if isinstance(each, Admitted)]
    outcomes = iter(apply(asks) if asks else [])
    return [_receipt(each, next(outcomes)) if isinstance(each, Admitted) else each for each in admitted]


def _receipt(admitted: Admitted, outcome: Outcome | Problem) -> Receipt | Problem:
    """What the voter may know of the outcome of their vote."""
    if isinstance(outcome, Problem):
        return outcome
    # The tally of an outcome carries the number its transaction gave it.
    tally = replace(outcome.tally, seq=max(outcome.tally.seq, outcome.seq))
    seen = may_see_tallies(admitted.access)
    return Receipt(outcome.ask.idea_id, outcome.value, outcome.changed, tally if seen else None, outcome.seq)


def apply_with_tallies(asks: list[Ask]) -> list[Outcome | Problem]:
    """``apply_votes`` inside the open transaction, each outcome with the tally as it stands after all of them."""
    work = db.session()
    answers = apply_votes(work, asks)
    changed = {answer.ask.idea_id for answer in answers if isinstance(answer, Outcome)}
    tallies = read_tallies(work, changed)
    for answer in answers:
        if isinstance(answer, Outcome):
            answer.tally = tallies[answer.ask.idea_id]
    return answers
