"""The space's ballot under lock: what the rooms that change votes need, inside their own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from codesign.spaces.access import COLUMNS, space_fact
from codesign.spaces.facts import SpaceFact
from codesign.spaces.models import Ballot, Space


def lock_ballots(work: Session, space_ids: Iterable[str]) -> dict[str, SpaceFact]:
    """The spaces with their ballots, which nobody else opens, closes or counts in until this transaction ends."""
    wanted = sorted(set(space_ids))
    work.execute(
        select(Ballot.id).where(Ballot.space_id.in_(wanted)).order_by(Ballot.id).with_for_update(key_share=True)
    )
    query = select(*COLUMNS).join(Ballot, Ballot.space_id == Space.id).where(Space.id.in_(wanted))
    return {fact.id: fact for fact in map(space_fact, work.execute(query))}


def add_to_voters(work: Session, steps: Mapping[str, int]) -> None:
    """Add to the number of people who have voted in each ballot (by id)."""
    for ballot_id, step in sorted(steps.items()):
        work.execute(update(Ballot).where(Ballot.id == ballot_id).values(voters=Ballot.voters + step))
