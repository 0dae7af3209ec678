"""The texts of comments that everybody who may see the space can read, for those who index them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from codesign.comments.models import Comment
from codesign.ideas.people import public_texts
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session


@dataclass(frozen=True)
class CommentText:
    """What everybody may read of a published comment, whoever asks."""

    id: str
    idea_id: str
    body: str
    author_id: str | None
    published_at: datetime


@reading
def comment_texts(
    space_id: str,
    ids: Iterable[str] | None = None,
    *,
    idea_ids: Iterable[str] | None = None,
    after: str = "",
    limit: int = 500,
) -> list[CommentText]:
    """Published comments of a space without internal notes, by id: those of *ids*, those on *idea_ids*, or the next
    *limit* behind *after*. Whether the idea itself can be seen is not asked here."""
    query = select(
        Comment.id, Comment.idea_id, Comment.body, Comment.author_id, Comment.published_at, Comment.created_at,
        Comment.space_id, Comment.state, Comment.internal,
    )  # fmt: skip
    if ids is None and idea_ids is None:
        # They are sorted without their texts, which are looked up afterwards.
        shown = select(Comment.id).where(Comment.space_id == space_id, Comment.state == PUBLISHED)
        shown = shown.where(Comment.internal.is_(False), Comment.id > after)
        query = query.where(Comment.id.in_(shown.order_by(Comment.id).limit(limit)))
    # Asked for anything else as well, SQLite goes through all comments of the space instead of looking up the few.
    if ids is not None:
        query = query.where(Comment.id.in_(sorted(set(ids))))
    if idea_ids is not None:
        query = query.where(Comment.idea_id.in_(sorted(set(idea_ids))))
    found = session().execute(query.order_by(Comment.id)).all()
    rows = [row for row in found if row.space_id == space_id and row.state == PUBLISHED and not row.internal]
    rows = [row for row in rows if row.id > after][:limit]
    return [
        CommentText(row.id, row.idea_id, body, row.author_id, row.published_at or row.created_at)
        for row, body in zip(rows, public_texts(row.body for row in rows), strict=True)
    ]


@reading
def wrote_comments(space_id: str, person_ids: Iterable[str]) -> set[str]:
    """Those of some people who have a published comment in a space."""
    wanted = sorted(set(person_ids))
    if not wanted:  # asked in SQL, "none of them" reads every comment of the space
        return set()
    query = select(Comment.author_id).where(Comment.space_id == space_id, Comment.author_id.in_(wanted))
    query = query.where(Comment.state == PUBLISHED, Comment.internal.is_(False))
    return {found for found in session().scalars(query.distinct()) if found}


@reading
def comments_by(space_id: str, person_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many published comments people have on which idea of a space: numbers by idea by person."""
    query = select(Comment.author_id, Comment.idea_id, func.count().label("comments"))
    query = query.where(Comment.space_id == space_id, Comment.author_id.in_(sorted(set(person_ids))))
    query = query.where(Comment.state == PUBLISHED, Comment.internal.is_(False))
    found: dict[str, dict[str, int]] = {}
    for row in session().execute(query.group_by(Comment.author_id, Comment.idea_id).order_by(Comment.idea_id)):
        found.setdefault(str(row.author_id), {})[row.idea_id] = row.comments
    return found


@dataclass(frozen=True)
class Said:
    """That somebody commented on an idea, and when; without the words."""

    idea_id: str
    author_id: str | None
    at: datetime


@reading
def comments_of(space_id: str) -> list[Said]:
    """All comments of a space that everybody may read, the oldest first."""
    moment = func.coalesce(Comment.published_at, Comment.created_at)
    query = select(Comment.idea_id, Comment.author_id, moment).where(Comment.space_id == space_id)
    rows = session().execute(query.where(Comment.state == PUBLISHED, Comment.internal.is_(False)).order_by(Comment.id))
    return [Said(*row) for row in rows]
