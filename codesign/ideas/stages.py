"""Ideas by where they stand: the best of each group of statuses with its count, for roads and columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from codesign.ideas.counts import count_by_status
from codesign.ideas.facts import IdeaFact
from codesign.ideas.models import Idea
from codesign.ideas.ports import ports
from codesign.ideas.reading import COLUMNS, full_facts
from codesign.kernel.contribution import HELD, PUBLISHED
from codesign.kernel.db import reading, session
from codesign.spaces.facts import WAITING_KINDS, Access
from codesign.spaces.queries import list_statuses


@dataclass(frozen=True)
class Standing:
    """The ideas of a group of statuses: how many there are, and the first of them."""

    count: int = 0
    ideas: tuple[IdeaFact, ...] = ()


@reading
def ideas_by_status(access: Access, groups: Sequence[Collection[str]], most: int) -> list[Standing]:
    """For each group of status ids: how many public ideas have one, and the *most* wanted of them.

    While tallies are hidden from the viewer the newest come first.
    """
    open_tallies = ports.may_see_tallies(access)
    here = (Idea.space_id == access.space.id, Idea.state == PUBLISHED, Idea.merged_into.is_(None))
    counts = count_by_status(access.space.id)
    order = (Idea.top.desc(), Idea.up.desc(), Idea.id) if open_tallies else (Idea.published_at.desc(), Idea.id.desc())
    first = select(*COLUMNS).where(*here).order_by(*order).limit(most)
    rows = [
        session().execute(first.where(Idea.status_id.in_(sorted(group)))).all() if any(map(counts.get, group)) else []
        for group in groups
    ]
    facts = iter(full_facts(access, [row for found in rows for row in found], open_tallies))
    return [
        Standing(sum(counts.get(status, 0) for status in group), tuple(next(facts) for _row in found))
        for group, found in zip(groups, rows, strict=True)
    ]


@reading
def count_for_team(space_id: str, period: tuple[datetime, datetime], promised: datetime | None) -> tuple[int, int, int]:
    """How many ideas were published in *period*; how many wait now for a moderator, and for an answer from before *promised*."""
    here = (Idea.space_id == space_id, Idea.merged_into.is_(None))
    public = (*here, Idea.state == PUBLISHED)

    def count(*conditions: Any) -> int:
        return session().scalar(select(func.count()).select_from(Idea).where(*conditions)) or 0

    fresh = count(*public, Idea.published_at >= period[0], Idea.published_at < period[1])
    held = count(*here, Idea.state == HELD)
    if promised is None:
        return fresh, held, 0
    waiting = [status.id for status in list_statuses(space_id) if status.kind in WAITING_KINDS]
    late = (Idea.status_id.in_(waiting), Idea.answer_at.is_(None), Idea.published_at < promised)
    return fresh, held, count(*public, *late)


@dataclass(frozen=True)
class Outline:
    """A public idea as numbers need it."""

    id: str
    published_at: datetime
    status_id: str | None
    answer_at: datetime | None


@reading
def outlines(space_id: str) -> list[Outline]:
    """All public ideas of a space, merged ones left out, the oldest first."""
    moment = func.coalesce(Idea.published_at, Idea.created_at).label("moment")
    query = select(Idea.id, moment, Idea.status_id, Idea.answer_at).where(Idea.space_id == space_id)
    rows = session().execute(query.where(Idea.state == PUBLISHED, Idea.merged_into.is_(None)).order_by(Idea.id))
    return [Outline(*row) for row in rows]
