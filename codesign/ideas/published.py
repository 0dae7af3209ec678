"""The texts of ideas that everybody who may see the space can read, for those who index them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from codesign.ideas.models import Idea, IdeaTag
from codesign.ideas.people import public_texts
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session


@dataclass(frozen=True)
class IdeaText:
    """What everybody may read of a published idea, whoever asks."""

    id: str
    title: str
    body: str
    tags: tuple[str, ...]
    status_id: str | None
    author_id: str | None
    published_at: datetime
    answered: bool = False


@reading
def idea_texts(space_id: str, ids: Iterable[str] | None = None, *, after: str = "", limit: int = 500) -> list[IdeaText]:
    """Published ideas of a space, merged ones left out, by id: those of *ids*, or the next *limit* behind *after*."""
    query = select(
        Idea.id, Idea.title, Idea.body, Idea.status_id, Idea.author_id, Idea.published_at, Idea.created_at, Idea.answer_at,
        Idea.space_id, Idea.state, Idea.merged_into,
    )  # fmt: skip
    if ids is None:
        # The index has all that chooses and sorts them; their texts are looked up afterwards.
        shown = select(Idea.id).where(Idea.space_id == space_id, Idea.state == PUBLISHED, Idea.merged_into.is_(None))
        query = query.where(Idea.id.in_(shown.where(Idea.id > after).order_by(Idea.id).limit(limit)))
    else:
        # Asked for anything else as well, SQLite goes through all ideas instead of looking up the few.
        query = query.where(Idea.id.in_(sorted(set(ids))))
    found = session().execute(query.order_by(Idea.id)).all()
    rows = [row for row in found if row.space_id == space_id and row.state == PUBLISHED and row.merged_into is None]
    rows = [row for row in rows if row.id > after][:limit]
    tags: dict[str, list[str]] = {}
    tagged = select(IdeaTag.idea_id, IdeaTag.tag).where(IdeaTag.idea_id.in_([row.id for row in rows]))
    for tag in session().execute(tagged.order_by(IdeaTag.idea_id, IdeaTag.position)):
        tags.setdefault(tag.idea_id, []).append(tag.tag)
    return [
        IdeaText(
            row.id, row.title, body, tuple(tags.get(row.id, ())), row.status_id, row.author_id,
            row.published_at or row.created_at, row.answer_at is not None,
        )
        for row, body in zip(rows, public_texts(row.body for row in rows), strict=True)
    ]  # fmt: skip


@reading
def wrote_ideas(space_id: str, person_ids: Iterable[str]) -> set[str]:
    """Those of some people who have a published idea in a space."""
    wanted = sorted(set(person_ids))
    if not wanted:  # asked in SQL, "none of them" reads every idea of the space
        return set()
    query = select(Idea.author_id).where(Idea.space_id == space_id, Idea.author_id.in_(wanted))
    return {found for found in session().scalars(query.where(Idea.state == PUBLISHED).distinct()) if found}


@reading
def ideas_by(space_id: str, person_ids: Iterable[str]) -> dict[str, list[str]]:
    """The published ideas of people in a space, merged ones left out: ids by person, the oldest first."""
    query = select(Idea.author_id, Idea.id).where(Idea.space_id == space_id, Idea.merged_into.is_(None))
    query = query.where(Idea.state == PUBLISHED, Idea.author_id.in_(sorted(set(person_ids)))).order_by(Idea.id)
    found: dict[str, list[str]] = {}
    for row in session().execute(query):
        found.setdefault(str(row.author_id), []).append(row.id)
    return found
