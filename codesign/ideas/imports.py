"""Storing ideas that come from elsewhere with their own times, without asking reviewers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from codesign.events.log import record
from codesign.ideas.events import IdeaPublished
from codesign.ideas.models import Idea
from codesign.ideas.rows import shuffle_key
from codesign.ideas.texts import search_text, slug_of
from codesign.kernel.actor import SYSTEM
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session, verb
from codesign.kernel.ids import new_id


@dataclass(frozen=True)
class ForeignIdea:
    """One idea of another system."""

    external_id: str
    title: str
    body: str
    author_id: str | None
    created_at: datetime


@verb
def store_imported(space_id: str, ideas: Iterable[ForeignIdea], status_id: str | None = None) -> None:
    """Publish *ideas* in a space that is being filled; those whose external id is there already stay as they are."""
    ideas = list(ideas)
    known = ids_of_externals(space_id, [idea.external_id for idea in ideas])
    for idea in ideas:
        if idea.external_id in known:
            continue
        row = Idea(
            id=new_id(), space_id=space_id, external_id=idea.external_id, title=idea.title, slug=slug_of(idea.title),
            body=idea.body, search_text=search_text(idea.title, idea.body), state=PUBLISHED, status_id=status_id,
            author_id=idea.author_id, created_at=idea.created_at, published_at=idea.created_at,
            shuffle_key=shuffle_key(), version=1,
        )  # fmt: skip
        session().add(row)
        record(IdeaPublished(space_id, row.id, idea.author_id), SYSTEM)


@reading
def ids_of_externals(space_id: str, external_ids: Iterable[str]) -> dict[str, str]:
    """The ids of ideas of a space by external id; unknown ones are left out."""
    query = select(Idea.external_id, Idea.id).where(Idea.space_id == space_id, Idea.external_id.in_(set(external_ids)))
    return {row[0]: row[1] for row in session().execute(query) if row[0] is not None}
