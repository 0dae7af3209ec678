"""The arithmetic of merging, without a database: whose vote stands where, before and after.

Each person counts once. Who voted on both keeps the vote on the surviving idea. What a merge took from the source is
remembered, so that an undo gives each idea its votes back:

- a vote that nobody touched since goes back;
- a vote cast anew since stays on the survivor, and the source gets its original back;
- a vote taken back since (and not cast anew) gives nothing back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from codesign.voting.moves import Standing, Votes


@dataclass(frozen=True)
class Memory:
    """What a merge remembers of one person's vote on the source (its ``merge_id`` is the one it had there).

    ``moved``: it stands, or stood, on the survivor. ``void``: it was taken back since.
    """

    vote: Standing
    moved: bool
    void: bool = False


Memories = dict[str, Memory]  # by person


def note_withdrawals(target: Votes, memories: Memories) -> Memories:
    """Mark as void what was taken back: before anything else moves, who has no vote on the survivor withdrew it."""
    return {
        person: memory if person in target or memory.void else replace(memory, void=True)
        for person, memory in memories.items()
    }


def unite(source: Votes, target: Votes, merge_id: str) -> tuple[Votes, Memories]:
    """The survivor's votes after the merge, and what the merge has to remember. The source is left without votes."""
    united = dict(target)
    memories: Memories = {}
    for person, vote in source.items():
        moved = person not in target
        memories[person] = Memory(vote, moved)
        if moved:
            united[person] = replace(vote, merge_id=merge_id)
    return united, memories


def part(
    target: Votes, merge_id: str, memories: Memories, others: Sequence[tuple[str, Memories]]
) -> tuple[Votes, Votes, Mapping[str, Memories]]:
    """Undo one merge: the votes of source and survivor, and the changed memories of the survivor's other merges.

    *others* are the other merges that still hold, oldest first. Where a vote goes back to the source, the person's vote on
    another merged idea steps in: the survivor keeps the union of all who are still part of it.
    """
    source: Votes = {}
    remaining = dict(target)
    stepped_in: dict[str, Memories] = {}
    for person, memory in memories.items():
        standing = target.get(person)
        if standing is None or (memory.void and standing.merge_id is not None):
            continue
        source[person] = memory.vote
        if standing.merge_id == merge_id:
            del remaining[person]
            for other_id, remembered in others:
                next_one = remembered.get(person)
                if next_one is not None and not next_one.void and not next_one.moved:
                    remaining[person] = replace(next_one.vote, merge_id=other_id)
                    stepped_in.setdefault(other_id, {})[person] = replace(next_one, moved=True)
                    break
    return source, remaining, stepped_in
