"""Tallies under lock: the only functions that touch an idea's counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from codesign.ideas.facts import Delta, Tally
from codesign.ideas.models import Idea

_TALLY = (Idea.up, Idea.down, Idea.passed, Idea.imported_up, Idea.imported_down, Idea.tally_seq)


@dataclass(frozen=True)
class LockedIdea:
    """An idea that nobody else can change until this transaction ends."""

    id: str
    space_id: str
    state: str
    merged_into: str | None
    tally: Tally


def spaces_of(work: Session, idea_ids: Iterable[str]) -> set[str]:
    """The spaces these ideas lie in."""
    return set(work.scalars(select(Idea.space_id).where(Idea.id.in_(set(idea_ids))).distinct()))


def lock_ideas(work: Session, idea_ids: Iterable[str]) -> dict[str, LockedIdea]:
    """Lock ideas in one sorted order; unknown ids are left out."""
    columns = select(Idea.id, Idea.space_id, Idea.state, Idea.merged_into, *_TALLY)
    query = columns.where(Idea.id.in_(sorted(set(idea_ids)))).order_by(Idea.id).with_for_update(key_share=True)
    return {row[0]: LockedIdea(row[0], row[1], row[2], row[3], Tally(*tuple(row)[4:])) for row in work.execute(query)}


def read_tallies(work: Session, idea_ids: Iterable[str]) -> dict[str, Tally]:
    """The tallies of ideas by id."""
    query = select(Idea.id, *_TALLY).where(Idea.id.in_(sorted(set(idea_ids))))
    return {row[0]: Tally(*row[1:]) for row in work.execute(query)}


def add_to_tallies(work: Session, deltas: Sequence[Delta]) -> None:
    """Raise counters as ``n = n + :d``, never read-then-write, in one sorted order."""
    rows = [
        {"idea": delta.idea_id, "d_up": delta.up, "d_down": delta.down, "d_pass": delta.passed}
        for delta in sorted(deltas, key=lambda delta: delta.idea_id)
        if delta.up or delta.down or delta.passed
    ]
    if rows:
        table: Any = Idea.__table__
        raised = {
            "up": table.c.up + bindparam("d_up"),
            "down": table.c.down + bindparam("d_down"),
            "pass": table.c["pass"] + bindparam("d_pass"),
        }
        work.connection().execute(update(table).where(table.c.id == bindparam("idea")).values(raised), rows)


def set_tally_seq(work: Session, numbers: Mapping[str, int]) -> None:
    """Note the number of the last fact that changed each tally (called while the log's head is locked)."""
    table: Any = Idea.__table__
    rows = [{"idea": idea_id, "n": seq} for idea_id, seq in sorted(numbers.items())]
    work.connection().execute(
        update(table).where(table.c.id == bindparam("idea")).values(tally_seq=bindparam("n")), rows
    )
