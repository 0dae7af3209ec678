"""Group commit: single votes that arrive within a few milliseconds share one transaction."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import replace
from typing import Any

from codesign.ideas.tallies import read_tallies
from codesign.kernel import db
from codesign.kernel.errors import Problem
from codesign.kernel.lane import under_gevent
from codesign.voting.apply import apply_votes
from codesign.voting.facts import Ask, Outcome

MOST = 500  # votes in one commit
PAUSE = 0.002  # seconds to wait for company

_log = logging.getLogger(__name__)
_waiting: deque[tuple[Ask, Any]] = deque()
_collector: Any = None


def submit(ask: Ask) -> Outcome:
    """Apply one vote and come back when it is durable; raises the Problem that refused it."""
    if db.in_verb():
        raise RuntimeError("cast_vote waits for a commit of its own and cannot run inside a verb: use apply_votes")
    answer = _wait(ask) if under_gevent() else _commit([ask])[0]
    if isinstance(answer, Outcome):
        return with_seq(answer)
    raise answer


def _wait(ask: Ask) -> Outcome | Exception:
    from gevent import spawn
    from gevent.event import AsyncResult

    global _collector
    result = AsyncResult()
    _waiting.append((ask, result))
    if _collector is None or _collector.dead:
        _collector = spawn(_collect)
    answer: Outcome | Exception = result.get()
    return answer


def _collect() -> None:
    """Commit what waits, batch after batch, until nothing does."""
    from gevent import sleep

    while _waiting:
        if len(_waiting) < MOST:
            sleep(PAUSE)
        batch = [_waiting.popleft() for _turn in range(min(MOST, len(_waiting)))]
        answers = _commit([ask for ask, _result in batch])
        for (_ask, result), answer in zip(batch, answers, strict=True):
            result.set(answer)


def _commit(asks: list[Ask]) -> list[Outcome | Exception]:
    try:
        return list(db.current().write(lambda: apply_with_tallies(asks)))
    except Exception as error:
        if len(asks) == 1:
            return [error]
        # One bad row must not cost the others their votes.
        _log.warning("a batch of %s votes failed (%s); once more, one by one", len(asks), type(error).__name__)
        return [answer for ask in asks for answer in _commit([ask])]


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


def with_seq(outcome: Outcome) -> Outcome:
    """The tally of an outcome carries the number its transaction gave it."""
    outcome.tally = replace(outcome.tally, seq=max(outcome.tally.seq, outcome.seq))
    return outcome
