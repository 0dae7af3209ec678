"""Reading the roadmap: its columns, the ideas in them, and what moved lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import select

from codesign.events.base import Recorded
from codesign.events.log import about, head, last
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_ideas
from codesign.ideas.stages import ideas_by_status
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session
from codesign.roadmap.facts import ColumnFact, FilledColumn, Move, Roadmap
from codesign.roadmap.models import RoadmapColumn, RoadmapStatus
from codesign.spaces.access import look
from codesign.spaces.facts import Access, StatusFact
from codesign.spaces.queries import list_statuses

#: Cards of a column; the others are on the list that its heading leads to.
SHOWN = 20
#: What moved: since when, and how much of it is told.
LATELY, TOLD = timedelta(days=30), 8


@reading
def list_columns(space_id: str) -> list[ColumnFact]:
    """The columns of a space in their order, whoever asks: as the team arranged them, or the usual ones."""
    rows = list(
        session().scalars(
            select(RoadmapColumn).where(RoadmapColumn.space_id == space_id).order_by(RoadmapColumn.position)
        )
    )
    if not rows:
        return usual_columns(list_statuses(space_id))
    placed: dict[str, list[str]] = defaultdict(list)
    places = select(RoadmapStatus).where(RoadmapStatus.column_id.in_([row.id for row in rows]))
    for place in session().scalars(places.order_by(RoadmapStatus.status_id)):
        placed[place.column_id].append(place.status_id)
    return [ColumnFact(row.id, row.name, tuple(placed[row.id]), row.public) for row in rows]


def usual_columns(statuses: Iterable[StatusFact]) -> list[ColumnFact]:
    """One column for each status but those where ideas start; what is declined comes last."""
    chosen = sorted((each for each in statuses if each.kind != "open"), key=lambda each: each.kind == "declined")
    return [ColumnFact(each.id, each.name, (each.id,)) for each in chosen]


@reading
def read_roadmap(actor: Actor, reference: str, shown: int = SHOWN, told: int = TOLD) -> Roadmap:
    """The roadmap of a space for whoever may see it; columns of the team alone are left out for others."""
    access = look(actor, reference)
    statuses = {status.id: status for status in list_statuses(access.space.id, retired=True)}
    columns = [column for column in list_columns(access.space.id) if column.public or access.is_team]
    standings = ideas_by_status(access, [column.status_ids for column in columns], shown)
    filled = tuple(
        FilledColumn(column, _in_order(column, statuses), standing.count, standing.ideas)
        for column, standing in zip(columns, standings, strict=True)
    )
    changes = _changes(access.space.id, last(access.space.id, ("idea.status_changed",)))
    moved = _moved(access, filled, changes, told)
    return Roadmap(access, filled, moved, _since(filled, changes), head(access.space.id))


@lru_cache(maxsize=16)
def _changes(space_id: str, last: str) -> tuple[Recorded, ...]:
    """The newest changes of statuses, newest first; kept until there is one after *last*."""
    return tuple(about(space_id, ("idea.status_changed",)))


def _in_order(column: ColumnFact, statuses: dict[str, StatusFact]) -> tuple[StatusFact, ...]:
    found = (statuses[status_id] for status_id in column.status_ids if status_id in statuses)
    return tuple(sorted(found, key=lambda status: (status.position, status.id)))


def _since(columns: Iterable[FilledColumn], changes: Iterable[Recorded]) -> dict[str, datetime]:
    """From when the ideas on the roadmap have had the status they have, as far as the log of late tells."""
    now = {idea.id: idea.status_id for column in columns for idea in column.ideas}
    found: dict[str, datetime] = {}
    for fact in changes:  # newest first
        idea_id = fact.payload["idea_id"]
        if now.get(idea_id) == fact.payload["new"]:
            found.setdefault(idea_id, fact.occurred_at)
    return found


def _moved(access: Access, columns: Iterable[FilledColumn], changes: Iterable[Recorded], told: int) -> tuple[Move, ...]:
    """The newest changes of the last weeks by which ideas came to where they stand on the roadmap."""
    begin = clock.now() - LATELY
    shown = {status.id: status for column in columns for status in column.statuses}
    lately: dict[str, Recorded] = {}
    for fact in changes:
        if fact.occurred_at >= begin and fact.payload["new"] in shown:
            lately.setdefault(fact.payload["idea_id"], fact)
    ideas = get_ideas(access, list(lately)[: told * 2])
    moves = [
        Move(ideas[idea_id], shown[fact.payload["new"]], fact.occurred_at)
        for idea_id, fact in lately.items()
        if idea_id in ideas and _stands(ideas[idea_id], fact)
    ]
    return tuple(moves[:told])


def _stands(idea: IdeaFact, fact: Recorded) -> bool:
    """Whether an idea that everybody sees has the status that *fact* gave it."""
    return idea.state == PUBLISHED and idea.merged_into is None and idea.status_id == fact.payload["new"]
