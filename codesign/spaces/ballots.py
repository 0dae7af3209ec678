"""The space's ballot under lock: what the rooms that change votes need, inside their own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from codesign.spaces.access import COLUMNS, space_fact
from codesign.spaces.facts import SpaceFact
from codesign.spaces.models import Ballot, Space

_BALLOT: Any = Ballot.__table__
_SPACE: Any = Space.__table__
_SPACES: Any = bindparam("spaces", expanding=True)
_LOCK = (
    select(_BALLOT.c.id).where(_BALLOT.c.space_id.in_(_SPACES)).order_by(_BALLOT.c.id).with_for_update(key_share=True)
)
_READ = select(*COLUMNS).join_from(_SPACE, _BALLOT, _BALLOT.c.space_id == _SPACE.c.id).where(_SPACE.c.id.in_(_SPACES))
_COUNT = update(_BALLOT).where(_BALLOT.c.id == bindparam("ballot")).values(voters=_BALLOT.c.voters + bindparam("step"))


def lock_ballots(work: Session, space_ids: Iterable[str]) -> dict[str, SpaceFact]:
    """The spaces with their ballots, which nobody else opens, closes or counts in until this transaction ends."""
    wanted = sorted(set(space_ids))
    work.connection().execute(_LOCK, {"spaces": wanted})
    return read_spaces(work, wanted)


def read_spaces(work: Session, space_ids: Iterable[str]) -> dict[str, SpaceFact]:
    """Spaces with their ballots by id, whoever asks."""
    rows = work.connection().execute(_READ, {"spaces": sorted(set(space_ids))})
    return {fact.id: fact for fact in map(space_fact, rows)}


def add_to_voters(work: Session, steps: Mapping[str, int]) -> None:
    """Add to the number of people who have voted in each ballot (by id)."""
    if steps:
        work.connection().execute(_COUNT, [{"ballot": ballot, "step": step} for ballot, step in sorted(steps.items())])


def spaces_of_ballots(work: Session, ballot_ids: Iterable[str]) -> set[str]:
    """The ids of the spaces that have these ballots."""
    return set(work.scalars(select(Ballot.space_id).where(Ballot.id.in_(sorted(set(ballot_ids))))))
