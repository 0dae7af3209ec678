"""Reading what the team entered for customers; a merged idea's stands with the one it became part of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from codesign.accounts.queries import get_people
from codesign.customers.facts import EntryFact, EvidenceFact
from codesign.customers.models import EnteredVote, Evidence
from codesign.kernel.db import reading, session
from codesign.merging.queries import parts_of

#: So many of each are shown of one idea, the newest.
MOST_SHOWN = 200


@dataclass(frozen=True)
class Voice:
    """What the team entered for customers at one idea; ``count`` is of all entered votes."""

    entries: tuple[EntryFact, ...]
    count: int
    evidence: tuple[EvidenceFact, ...]


@reading
def voice_of(idea_id: str, limit: int = MOST_SHOWN) -> Voice:
    """Entered votes and evidence of an idea, the newest first. The caller has passed the gate for the team."""
    ours, theirs = _here(EnteredVote.idea_id, idea_id), _here(Evidence.idea_id, idea_id)
    entered = select(EnteredVote).where(ours).order_by(EnteredVote.entered_at.desc(), EnteredVote.id.desc())
    said = select(Evidence).where(theirs).order_by(Evidence.added_at.desc(), Evidence.id.desc())
    rows = session().scalars(entered.limit(limit)).all()
    count = len(rows) if len(rows) < limit else count_entered(idea_id)
    return Voice(tuple(entry_facts(rows)), count, tuple(evidence_facts(session().scalars(said.limit(limit)).all())))


@reading
def count_entered(idea_id: str) -> int:
    """How many votes the team entered at an idea, for everybody who may see its tally; not which of them stand."""
    count = select(func.count()).select_from(EnteredVote).where(_here(EnteredVote.idea_id, idea_id))
    return session().scalar(count) or 0


def _here(column: Any, idea_id: str) -> ColumnElement[bool]:
    """What was entered at an idea, or at one that became part of it."""
    return or_(column == idea_id, column.in_(parts_of(idea_id)))


def _names(ids: Iterable[str | None]) -> dict[str, str]:
    people = get_people({each for each in ids if each})
    return {key: person.name for key, person in people.items() if not person.erased}


def entry_facts(rows: Sequence[EnteredVote]) -> list[EntryFact]:
    """The facts of rows, in their order. Needs a read block or a verb around it."""
    names = _names(row.entered_by for row in rows)
    return [
        EntryFact(
            row.id, row.idea_id, row.called, row.value, row.source, row.note, row.entered_by,
            names.get(row.entered_by or "", ""), row.entered_at,
        )
        for row in rows
    ]  # fmt: skip


def evidence_facts(rows: Sequence[Evidence]) -> list[EvidenceFact]:
    """The facts of rows, in their order. Needs a read block or a verb around it."""
    names = _names(row.added_by for row in rows)
    return [
        EvidenceFact(
            row.id, row.idea_id, row.quote, row.url, row.organization, row.called, row.added_by,
            names.get(row.added_by or "", ""), row.added_at,
        )
        for row in rows
    ]  # fmt: skip
