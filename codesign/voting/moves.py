"""Votes that change their place without being cast: merging calls this inside its own transaction.

The caller has locked the ballot, then the ideas. Nothing is recorded here: the fact is the caller's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from codesign.ideas.facts import Delta
from codesign.ideas.tallies import add_to_tallies
from codesign.voting.apply import change_standing
from codesign.voting.models import Vote


@dataclass(frozen=True)
class Standing:
    """A vote as it stands; ``merge_id`` is set while it stands here because of a merge."""

    value: int
    cast_at: datetime
    merge_id: str | None = None


Votes = dict[str, Standing]  # by person


def standing_votes(work: Session, idea_ids: Iterable[str]) -> dict[str, Votes]:
    """The votes on ideas, by idea and person."""
    wanted = sorted(set(idea_ids))
    found: dict[str, Votes] = {idea_id: {} for idea_id in wanted}
    query = select(Vote.idea_id, Vote.person_id, Vote.value, Vote.cast_at, Vote.merge_id).where(
        Vote.idea_id.in_(wanted)
    )
    for row in work.execute(query.with_for_update()):
        found[row.idea_id][row.person_id] = Standing(row.value, row.cast_at, row.merge_id)
    return found


def standing_vote(work: Session, idea_id: str, person_id: str) -> Standing | None:
    """One person's vote on an idea as it stands, for verbs that act for that person."""
    query = select(Vote.value, Vote.cast_at, Vote.merge_id).where(Vote.idea_id == idea_id, Vote.person_id == person_id)
    row = work.execute(query).first()
    return Standing(*row) if row else None


def rewrite_votes(work: Session, ballot_id: str, before: Mapping[str, Votes], after: Mapping[str, Votes]) -> None:
    """Turn the votes of ideas from *before* into *after*: rows, tallies and numbers of standing votes."""
    gone, fresh, changed = [], [], []
    deltas: list[Delta] = []
    steps: dict[tuple[str, str], int] = defaultdict(int)
    for idea_id in sorted(before):
        old, new = before[idea_id], after[idea_id]
        for person_id in sorted(set(old) | set(new)):
            was, now = old.get(person_id), new.get(person_id)
            if was == now:
                continue
            if now is None:
                gone.append({"idea": idea_id, "person": person_id})
            elif was is None:
                fresh.append(_row(ballot_id, idea_id, person_id, now))
            else:
                changed.append(
                    {"idea": idea_id, "person": person_id, "v": now.value, "at": now.cast_at, "merge": now.merge_id}
                )
            steps[ballot_id, person_id] += (now is not None) - (was is not None)
        deltas.append(_delta(idea_id, old, new))
    _write(work, gone, fresh, changed)
    change_standing(work, {key: step for key, step in steps.items() if step})
    add_to_tallies(work, deltas)


def _row(ballot_id: str, idea_id: str, person_id: str, vote: Standing) -> dict[str, Any]:
    return {
        "idea_id": idea_id,
        "person_id": person_id,
        "ballot_id": ballot_id,
        "value": vote.value,
        "cast_at": vote.cast_at,
        "merge_id": vote.merge_id,
    }


def _write(work: Session, gone: list[Any], fresh: list[Any], changed: list[Any]) -> None:
    table = Vote.__table__
    here = (table.c.idea_id == bindparam("idea")) & (table.c.person_id == bindparam("person"))
    connection = work.connection()
    if gone:
        connection.execute(delete(Vote).where(here), gone)
    if changed:
        values: dict[str, Any] = {"value": bindparam("v"), "cast_at": bindparam("at"), "merge_id": bindparam("merge")}
        connection.execute(update(Vote).where(here).values(values), changed)
    if fresh:
        connection.execute(insert(Vote), fresh)


def _delta(idea_id: str, old: Votes, new: Votes) -> Delta:
    up, down, passed = (_count(new, value) - _count(old, value) for value in (1, -1, 0))
    return Delta(idea_id, up, down, passed)


def _count(votes: Votes, value: int) -> int:
    return sum(vote.value == value for vote in votes.values())
