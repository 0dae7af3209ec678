"""Reading merges."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, func, select

from codesign.kernel.db import reading, session
from codesign.merging.facts import MergeFact
from codesign.merging.models import Merge, MergedVote


def merge_fact(row: Merge) -> MergeFact:
    """The fact of a merge."""
    return MergeFact(row.id, row.space_id, row.source_id, row.target_id, row.merged_by, row.merged_at, row.undone_at)


@reading
def merges_into(idea_id: str) -> list[MergeFact]:
    """The merges that brought other ideas directly into this one and still hold, oldest first."""
    query = select(Merge).where(Merge.target_id == idea_id, Merge.undone_at.is_(None)).order_by(Merge.id)
    return [merge_fact(row) for row in session().scalars(query)]


@reading
def merge_of(source_id: str) -> MergeFact | None:
    """The merge by which an idea is part of another one now."""
    row = session().scalar(select(Merge).where(Merge.source_id == source_id, Merge.undone_at.is_(None)))
    return merge_fact(row) if row else None


@reading
def all_parts(idea_id: str) -> list[str]:
    """The ids of all ideas that are part of this one, over any number of merges, without itself."""
    found: list[str] = []
    waiting = [idea_id]
    while waiting:
        query = select(Merge.source_id).where(Merge.target_id.in_(waiting), Merge.undone_at.is_(None))
        waiting = list(session().scalars(query.order_by(Merge.id)))
        found += waiting
    return found


def parts_of(idea_id: str) -> Select[str]:
    """Selects the ids that ``all_parts`` reads, to be put into another query."""
    still = Merge.undone_at.is_(None)
    parts = select(Merge.source_id).where(Merge.target_id == idea_id, still).cte("parts", recursive=True)
    further = select(Merge.source_id).join(parts, Merge.target_id == parts.c.source_id).where(still)
    return select(parts.union(further).c.source_id)


@reading
def count_joined(merge_ids: Iterable[str]) -> dict[str, int]:
    """How many voters each merge brought to the idea that stayed: who had voted on both is not among them."""
    query = select(MergedVote.merge_id, func.count()).where(MergedVote.merge_id.in_(sorted(set(merge_ids))))
    rows = session().execute(query.where(MergedVote.moved.is_(True)).group_by(MergedVote.merge_id))
    return {row[0]: row[1] for row in rows}
