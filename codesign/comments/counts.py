"""How much people have said, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from codesign.comments.models import Comment
from codesign.kernel.db import reading, session


@reading
def states_by_author(space_id: str, author_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many comments of each state people have written in a space."""
    query = select(Comment.author_id, Comment.state, func.count()).group_by(Comment.author_id, Comment.state)
    query = query.where(Comment.space_id == space_id, Comment.author_id.in_(sorted(set(author_ids))))
    found: dict[str, dict[str, int]] = {}
    for author_id, state, count in session().execute(query):
        found.setdefault(str(author_id), {})[state] = count
    return found
