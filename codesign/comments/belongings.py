"""What becomes of a person's comments when they are joined with an account, are forgotten, or take them out."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy import select, update

from codesign.comments.events import CommentEdited, CommentRevised, NoteEdited
from codesign.comments.models import Comment
from codesign.comments.service import remove_comment
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.contribution import PUBLISHED, REMOVED
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import NotFound
from codesign.kernel.finding import place_of
from codesign.kernel.mentions import mentioned, without


@reading
def writer_of(comment_id: str) -> str | None:
    """Who wrote a comment."""
    return session().scalar(select(Comment.author_id).where(Comment.id == comment_id))


@reading
def mentioned_in_comment(comment_id: str) -> tuple[str, ...]:
    """The ids of the people a comment or note mentions, as long as it can be read."""
    body = select(Comment.body).where(Comment.id == comment_id, Comment.state == PUBLISHED)
    return mentioned(session().scalar(body))


@verb
def join(guest_id: str, person_id: str) -> None:
    """Make a guest's comments the person's."""
    theirs = select(Comment).where(Comment.author_id == guest_id).order_by(Comment.idea_id, Comment.id)
    for row in session().scalars(theirs.with_for_update()).all():
        row.author_id = person_id
        if row.state == PUBLISHED and not row.internal:
            record(CommentEdited(row.space_id, row.id, row.idea_id), Actor(person_id=person_id))
    session().flush()


@verb
def erase(person_id: str, remove_texts: bool) -> None:
    """Remove a person's comments if asked; each leaves its line, so that answers to it keep their place.

    Comments of others that mention the person lose the name.
    """
    mine = select(Comment.id).where(Comment.author_id == person_id, Comment.state != REMOVED)
    ids = list(session().scalars(mine.order_by(Comment.idea_id, Comment.id))) if remove_texts else []
    for comment_id in ids:
        with suppress(NotFound):  # its space is being deleted
            remove_comment(SYSTEM, comment_id)
    unnamed = Comment.author_id == person_id
    session().execute(update(Comment).where(unnamed).values(external_id=None))
    naming = select(Comment).where(place_of(Comment.body, f"](person:{person_id})") > 0)
    for row in session().scalars(naming.order_by(Comment.idea_id, Comment.id).with_for_update()).all():
        row.body, row.version = without(row.body, person_id), row.version + 1
        fact = NoteEdited if row.internal else CommentEdited if row.state == PUBLISHED else CommentRevised
        record(fact(row.space_id, row.id, row.idea_id), SYSTEM)
    session().flush()


@reading
def data_of(person_id: str) -> list[dict[str, Any]]:
    """What this room keeps of a person, for their own download."""
    rows = session().scalars(select(Comment).where(Comment.author_id == person_id).order_by(Comment.id))
    return [
        {
            "id": row.id, "idea_id": row.idea_id, "space_id": row.space_id, "body": row.body, "state": row.state,
            "internal": row.internal, "created_at": clock.rfc3339(row.created_at),
        }
        for row in rows
    ]  # fmt: skip
