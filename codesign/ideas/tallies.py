"""Tallies under lock: the only functions that touch an idea's counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from codesign.ideas.facts import Delta, Tally
from codesign.ideas.models import Idea
from codesign.kernel.contribution import PUBLISHED

_IDEA: Any = Idea.__table__
_TALLY = [_IDEA.c[name] for name in ("up", "down", "pass", "imported_up", "imported_down", "tally_seq")]
# Built once: every vote passes here, and building a statement costs more than running it.
_OF_IDEAS = _IDEA.c.id.in_(bindparam("ideas", expanding=True))
_PLACES = select(_IDEA.c.id, _IDEA.c.space_id, _IDEA.c.state).where(_OF_IDEAS)
_LOCK = (
    select(_IDEA.c.id, _IDEA.c.space_id, _IDEA.c.state, _IDEA.c.merged_into, *_TALLY)
    .where(_OF_IDEAS)
    .order_by(_IDEA.c.id)
    .with_for_update(key_share=True)
)
_READ = select(_IDEA.c.id, *_TALLY).where(_OF_IDEAS)
_READ_PUBLIC = _READ.where(_IDEA.c.state == PUBLISHED)
_ONE = update(_IDEA).where(_IDEA.c.id == bindparam("idea"))
_RAISE = _ONE.values({name: _IDEA.c[name] + bindparam(f"d_{name}") for name in ("up", "down", "pass")})
_NUMBER = _ONE.values(tally_seq=bindparam("n"))


class Place(NamedTuple):
    """The space an idea is in, and its state."""

    space_id: str
    state: str


@dataclass(frozen=True)
class LockedIdea:
    """An idea that nobody else can change until this transaction ends."""

    id: str
    space_id: str
    state: str
    merged_into: str | None
    tally: Tally


def places_of(work: Session, idea_ids: Iterable[str]) -> dict[str, Place]:
    """Where ideas are and in what state, by id; unknown ids are left out."""
    rows = work.connection().execute(_PLACES, {"ideas": sorted(set(idea_ids))})
    return {row.id: Place(row.space_id, row.state) for row in rows}


def spaces_of(work: Session, idea_ids: Iterable[str]) -> set[str]:
    """The spaces these ideas lie in."""
    return {place.space_id for place in places_of(work, idea_ids).values()}


def lock_ideas(work: Session, idea_ids: Iterable[str]) -> dict[str, LockedIdea]:
    """Lock ideas in one sorted order; unknown ids are left out."""
    rows = work.connection().execute(_LOCK, {"ideas": sorted(set(idea_ids))})
    return {row[0]: LockedIdea(row[0], row[1], row[2], row[3], Tally(*row[4:])) for row in rows}


def read_tallies(work: Session, idea_ids: Iterable[str], *, published_only: bool = False) -> dict[str, Tally]:
    """The tallies of ideas by id; with *published_only* what is held, hidden or removed is left out."""
    query = _READ_PUBLIC if published_only else _READ
    rows = work.connection().execute(query, {"ideas": sorted(set(idea_ids))})
    return {row[0]: Tally(*row[1:]) for row in rows}


def add_to_tallies(work: Session, deltas: Sequence[Delta]) -> None:
    """Raise counters as ``n = n + :d``, never read-then-write, in one sorted order."""
    rows = [
        {"idea": delta.idea_id, "d_up": delta.up, "d_down": delta.down, "d_pass": delta.passed}
        for delta in sorted(deltas, key=lambda delta: delta.idea_id)
        if delta.up or delta.down or delta.passed
    ]
    if rows:
        work.connection().execute(_RAISE, rows)


def set_tally_seq(work: Session, numbers: Mapping[str, int]) -> None:
    """Note the number of the last fact that changed each tally (called while the log's head is locked)."""
    work.connection().execute(_NUMBER, [{"idea": idea_id, "n": seq} for idea_id, seq in sorted(numbers.items())])
