"""What merges remember of votes and comments, in rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from codesign.merging.models import MergedComment, MergedVote
from codesign.merging.union import Memories, Memory
from codesign.voting.moves import Standing


def remembered(work: Session, merge_ids: Iterable[str]) -> dict[str, Memories]:
    """What merges remember of votes, by merge and person."""
    wanted = sorted(set(merge_ids))
    found: dict[str, Memories] = {merge_id: {} for merge_id in wanted}
    for row in work.scalars(select(MergedVote).where(MergedVote.merge_id.in_(wanted))):
        vote = Standing(row.value, row.cast_at, row.earlier_merge_id)
        found[row.merge_id][row.person_id] = Memory(vote, row.moved, row.void)
        work.expunge(row)
    return found


def remember(work: Session, merge_id: str, memories: Memories, comment_ids: Sequence[str]) -> None:
    """Keep what a merge took from the source."""
    votes = [
        {
            "merge_id": merge_id,
            "person_id": person,
            "value": memory.vote.value,
            "cast_at": memory.vote.cast_at,
            "earlier_merge_id": memory.vote.merge_id,
            "moved": memory.moved,
            "void": memory.void,
        }
        for person, memory in sorted(memories.items())
    ]
    if votes:
        work.execute(insert(MergedVote), votes)
    if comment_ids:
        comments = [{"merge_id": merge_id, "comment_id": comment_id} for comment_id in comment_ids]
        work.execute(insert(MergedComment), comments)


def remember_changes(work: Session, before: Mapping[str, Memories], after: Mapping[str, Memories]) -> None:
    """Keep what changed in what merges remember."""
    table = MergedVote.__table__
    here = (table.c.merge_id == bindparam("m")) & (table.c.person_id == bindparam("p"))
    rows = [
        {"m": merge_id, "p": person, "is_moved": memory.moved, "is_void": memory.void}
        for merge_id, memories in sorted(after.items())
        for person, memory in sorted(memories.items())
        if before[merge_id].get(person) != memory
    ]
    if rows:
        values: dict[str, object] = {"moved": bindparam("is_moved"), "void": bindparam("is_void")}
        work.connection().execute(update(MergedVote).where(here).values(values), rows)


def comments_of(work: Session, merge_id: str) -> list[str]:
    """The comments that came along with a merge."""
    return list(work.scalars(select(MergedComment.comment_id).where(MergedComment.merge_id == merge_id)))


def forget(work: Session, merge_id: str) -> None:
    """Drop what a merge remembers: it was undone."""
    work.execute(delete(MergedVote).where(MergedVote.merge_id == merge_id))
    work.execute(delete(MergedComment).where(MergedComment.merge_id == merge_id))


def join_people(work: Session, from_id: str, to_id: str) -> None:
    """A guest and a person turn out to be one: what merges remember of the guest is the person's, whose own wins."""
    rows: dict[str, dict[str, MergedVote]] = defaultdict(dict)
    for row in work.scalars(select(MergedVote).where(MergedVote.person_id.in_((from_id, to_id)))):
        rows[row.merge_id][row.person_id] = row
    for here in rows.values():
        guest = here.get(from_id)
        if guest is None:
            continue
        if to_id in here:
            work.delete(guest)
        else:
            key = (MergedVote.merge_id == guest.merge_id) & (MergedVote.person_id == from_id)
            work.expunge(guest)
            work.execute(update(MergedVote).where(key).values(person_id=to_id))
    work.flush()
