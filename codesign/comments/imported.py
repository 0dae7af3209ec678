"""Storing comments that come from elsewhere with their own times, without asking reviewers and without telling anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from codesign.comments.events import CommentAdded
from codesign.comments.models import Comment
from codesign.comments.queries import ids_of_externals
from codesign.events.log import record
from codesign.ideas.rows import add_comments, lock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import session, verb
from codesign.kernel.ids import new_id


@dataclass(frozen=True)
class ForeignComment:
    """One comment of another system, clean."""

    external_id: str
    idea_id: str
    body: str
    author_id: str
    created_at: datetime


@verb
def store_imported_comments(actor: Actor, space_id: str, source: str, comments: Sequence[ForeignComment]) -> int:
    """Keep *comments* on published ideas of a space; those that are here already stay. The caller has passed a gate.

    Returns how many are new.
    """
    work = session()
    known = ids_of_externals(space_id, [comment.external_id for comment in comments])
    new = {each.external_id: each for each in comments if each.external_id not in known}.values()
    for idea_id in sorted({comment.idea_id for comment in new}):
        lock(idea_id)
    for each in new:
        row = Comment(
            id=new_id(), space_id=space_id, idea_id=each.idea_id, parent_id=None, internal=False,
            external_id=each.external_id, body=each.body, author_id=each.author_id, state=PUBLISHED, version=1,
            created_at=each.created_at, published_at=each.created_at,
        )  # fmt: skip
        work.add(row)
        work.flush()
        record(CommentAdded(space_id, row.id, each.idea_id, None, each.author_id, source), actor)
    for idea_id, count in Counter(each.idea_id for each in new).items():
        add_comments(work, idea_id, count)
    return len(new)
