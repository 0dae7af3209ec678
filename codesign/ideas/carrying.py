"""Which ideas carry which configurations, and how they stand: for counting, whoever asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from codesign.ideas.models import Idea
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session


@dataclass(frozen=True)
class Carrying:
    """A published idea, its counts (imported ones included), and the configuration it carries."""

    idea_id: str
    configuration_id: str
    up: int
    down: int


@reading
def ideas_carrying(space_id: str, configuration_ids: Iterable[str]) -> list[Carrying]:
    """The published ideas of a space that carry one of these, merged ones left out, by id."""
    query = select(
        Idea.id, Idea.configuration_id, Idea.up + Idea.imported_up, Idea.down + Idea.imported_down
    ).where(Idea.space_id == space_id, Idea.state == PUBLISHED, Idea.merged_into.is_(None))  # fmt: skip
    wanted = set(configuration_ids)
    rows = session().execute(query.where(Idea.configuration_id.is_not(None)).order_by(Idea.id))
    return [Carrying(row[0], row[1], row[2], row[3]) for row in rows if row[1] in wanted]
