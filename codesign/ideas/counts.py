"""How many ideas a space has, and how many of them came true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from sqlalchemy import func, select

from codesign.events.log import about, last
from codesign.ideas.models import Idea
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import in_verb, reading, session
from codesign.spaces.queries import list_statuses

SHIPPED = "shipped"
#: After these a space has more or fewer ideas to show.
COME_AND_GO = (
    "idea.published", "idea.hidden", "idea.withdrawn", "idea.held", "idea.merged", "idea.unmerged", "idea.split",
    "space.opened",
)  # fmt: skip


@reading
def count_ideas(space_id: str) -> int:
    """How many ideas everybody who may see the space can see, merged ones left out."""
    if in_verb():  # its own changes are not in the log yet
        return _count(space_id)
    return _counted(space_id, last(space_id, COME_AND_GO))


@lru_cache(maxsize=256)
def _counted(space_id: str, last: str) -> int:
    """The count as of the last fact that could change it; every page of a space shows it."""
    return _count(space_id)


def _count(space_id: str) -> int:
    query = select(func.count()).select_from(Idea)
    query = query.where(Idea.space_id == space_id, Idea.state == PUBLISHED, Idea.merged_into.is_(None))
    return session().scalar(query) or 0


#: After these there are more or fewer ideas of a status.
MOVED = (*COME_AND_GO, "idea.status_changed")


@reading
def count_by_status(space_id: str) -> Mapping[str, int]:
    """How many ideas that everybody can see have each status, merged ones left out; statuses of none are left out."""
    if in_verb():
        return _by_status(space_id)
    return _known_by_status(space_id, last(space_id, MOVED))


@lru_cache(maxsize=256)
def _known_by_status(space_id: str, last: str) -> Mapping[str, int]:
    return _by_status(space_id)


def _by_status(space_id: str) -> Mapping[str, int]:
    query = select(Idea.status_id, func.count()).where(Idea.space_id == space_id, Idea.state == PUBLISHED)
    rows = session().execute(query.where(Idea.merged_into.is_(None)).group_by(Idea.status_id))
    return MappingProxyType({row[0]: row[1] for row in rows if row[0]})


@reading
def count_ideas_in(space_ids: Iterable[str]) -> dict[str, int]:
    """The same for several spaces, in one query; spaces without ideas are left out."""
    query = select(Idea.space_id, func.count()).where(Idea.space_id.in_(list(space_ids)), Idea.state == PUBLISHED)
    rows = session().execute(query.where(Idea.merged_into.is_(None)).group_by(Idea.space_id))
    return {row[0]: row[1] for row in rows}


@reading
def count_shipped(space_id: str, after: datetime) -> int:
    """How many ideas that are shipped now became so after a moment."""
    shipped = {status.id for status in list_statuses(space_id, retired=True) if status.kind == SHIPPED}
    if not shipped:
        return 0
    query = select(Idea.id).where(Idea.space_id == space_id, Idea.state == PUBLISHED, Idea.status_id.in_(shipped))
    ideas = set(session().scalars(query))
    if not ideas:
        return 0
    changes = about(space_id, ("idea.status_changed",), after=after)
    return len({fact.payload["idea_id"] for fact in changes if fact.payload["new"] in shipped} & ideas)


@reading
def states_by_author(space_id: str, author_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many ideas of each state people have written in a space."""
    query = select(Idea.author_id, Idea.state, func.count()).group_by(Idea.author_id, Idea.state)
    rows = session().execute(query.where(Idea.space_id == space_id, Idea.author_id.in_(sorted(set(author_ids)))))
    found: dict[str, dict[str, int]] = {}
    for author_id, state, count in rows:
        found.setdefault(str(author_id), {})[state] = count
    return found
