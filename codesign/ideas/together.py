"""What the team does to many ideas at once: the few rows it takes, without building a whole fact of each.

The caller has passed the gate of the space, holds the transaction and reads ids of this space only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from codesign.events.log import record
from codesign.ideas.events import IdeaEdited, IdeaRevised
from codesign.ideas.models import Idea, IdeaTag
from codesign.ideas.reading import MISSING
from codesign.ideas.rows import lock_all, require_alone, write_all_tags
from codesign.ideas.team import change_status, moves_of
from codesign.ideas.texts import clean_tags
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED, REMOVED
from codesign.kernel.db import reading, session
from codesign.kernel.errors import NotFound
from codesign.spaces.facts import Access


@dataclass(frozen=True)
class TeamState:
    """What the team has said of an idea."""

    title: str
    status_id: str | None
    tags: tuple[str, ...]
    answer: str | None
    merged_into: str | None


@reading
def team_states(space_id: str, idea_ids: Iterable[str]) -> dict[str, TeamState]:
    """What the team has said of ideas of a space, in two queries; unknown ids are left out."""
    wanted = sorted(set(idea_ids))
    # Asked for the space as well, SQLite reads all of it instead of looking up the few.
    columns = (Idea.id, Idea.space_id, Idea.title, Idea.status_id, Idea.answer_body, Idea.merged_into)
    query = select(*columns).where(Idea.id.in_(wanted), Idea.state != REMOVED)
    tags: dict[str, list[str]] = defaultdict(list)
    tagged = select(IdeaTag.idea_id, IdeaTag.tag).where(IdeaTag.idea_id.in_(wanted))
    for row in session().execute(tagged.order_by(IdeaTag.idea_id, IdeaTag.position)):
        tags[row.idea_id].append(row.tag)
    return {
        row.id: TeamState(row.title, row.status_id, tuple(tags[row.id]), row.answer_body, row.merged_into)
        for row in session().execute(query)
        if row.space_id == space_id
    }


def putting_status(found: Access, idea_ids: Iterable[str]) -> Callable[[Actor, str, str], None]:
    """Lock ideas and read the rules for moves; returns what moves one of them to another status.

    That raises NotFound, Invalid, Conflict, Forbidden.
    """
    rows, moves = lock_all(idea_ids), moves_of(found.space.id)

    def put(actor: Actor, idea_id: str, status_id: str) -> None:
        row = _known_in(found, rows.get(idea_id))
        if change_status(actor, found, row, status_id, moves):
            row.version += 1

    return put


def putting_tags(
    found: Access, idea_ids: Iterable[str]
) -> tuple[Callable[[Actor, str, Sequence[str]], None], Callable[[], None]]:
    """Lock ideas; returns what gives one of them these tags and no others, and what writes the tags of them all in the end.

    The first raises NotFound, Invalid, Conflict.
    """
    rows, given = lock_all(idea_ids), dict[str, Sequence[str]]()

    def put(actor: Actor, idea_id: str, tags: Sequence[str]) -> None:
        row = _known_in(found, rows.get(idea_id))
        require_alone(row)
        given[row.id] = clean_tags(tags)
        row.version += 1
        fact = IdeaEdited if row.state == PUBLISHED else IdeaRevised
        record(fact(row.space_id, row.id, row.version), actor)

    return put, lambda: write_all_tags(session(), found.space.id, given)


def _known_in(found: Access, row: Idea | None) -> Idea:
    """An idea of this very space; one of another space is as unknown as one that does not exist."""
    if row is None or row.space_id != found.space.id or row.state == REMOVED:
        raise NotFound(MISSING)
    return row
