"""Whom a fact concerns: who follows the idea, wrote it, or voted for it; never who did it, never who said no."""

from __future__ import annotations

from codesign.comments.belongings import writer_of
from codesign.events.base import TEAM, Recorded
from codesign.ideas.belongings import author_of, declined_by
from codesign.ideas.queries import followers_of
from codesign.spaces.queries import team_ids
from codesign.voting.queries import voters_of

#: The facts people hear of. What the team decides concerns voters too; what others say only who follows or wrote.
DECISIONS = ("idea.answered", "idea.status_changed", "idea.merged")
NOTICED = (*DECISIONS, "comment.added", "comment.published", "note.added")


def concerned(fact: Recorded) -> set[str]:
    """The ids of the people a fact concerns."""
    payload = fact.payload
    if payload.get("removed"):
        return set()
    people: set[str | None] = {writer_of(payload["parent_id"])} if payload.get("parent_id") else set()
    for idea_id in (payload["idea_id"], payload.get("into")):
        if idea_id is not None:
            people |= _around(idea_id, voters_too=fact.name in DECISIONS)
            people -= declined_by(idea_id)
    if fact.audience == TEAM:
        people &= set(team_ids(fact.space_id))
    return {person_id for person_id in people if person_id} - {fact.actor_id or "", payload.get("author_id") or ""}


def _around(idea_id: str, *, voters_too: bool) -> set[str | None]:
    return {author_of(idea_id), *followers_of(idea_id), *(voters_of(idea_id) if voters_too else ())}
