"""Reading comments: the gate by id, those of an idea, what waits for a moderator."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select

from codesign.comments.facts import CommentFact
from codesign.comments.models import Comment
from codesign.events.log import head
from codesign.ideas.facts import IdeaFact
from codesign.ideas.people import UNNAMED, Author, authors, named_in
from codesign.ideas.queries import find_idea
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, HIDDEN, PUBLISHED, REMOVED
from codesign.kernel.db import reading, session
from codesign.kernel.errors import NotFound
from codesign.kernel.mentions import mentioned
from codesign.kernel.paging import Page, make_cursor, read_cursor
from codesign.kernel.text import _
from codesign.spaces.access import require
from codesign.spaces.facts import Access

MISSING = _("There is no such comment, or you may not see it.")
MOST = 100

_ID = re.compile(r"[0-9A-Z]{26}")
#: Selects how many comments of the space ``:space`` wait for a moderator, to be put into another query.
HELD_HERE = (
    select(func.count()).select_from(Comment).where(Comment.space_id == bindparam("space"), Comment.state == HELD)
)


def reads(access: Access, comment: Comment | CommentFact) -> bool:
    """Whether a viewer of the idea may read a comment's text."""
    if comment.internal and not access.is_team:
        return False
    if comment.state == PUBLISHED or access.may("moderate"):
        return True
    own = comment.author_id is not None and comment.author_id == access.person_id
    return comment.state in {HELD, HIDDEN} and own


@reading
def comment_access(actor: Actor, comment_id: str, right: str = "view") -> tuple[Access, IdeaFact, CommentFact]:
    """Let *actor* through to a comment for *right*; what they may not read is not found."""
    access, idea, comment = find_comment(actor, comment_id)
    require(actor, access, right)
    return access, idea, comment


@reading
def find_comment(actor: Actor, comment_id: str) -> tuple[Access, IdeaFact, CommentFact]:
    """A comment that *actor* may read, for verbs that ask for their right themselves. Raises NotFound."""
    row = session().get(Comment, comment_id) if _ID.fullmatch(comment_id) else None
    if row is None:
        raise NotFound(MISSING)
    try:
        access, idea = find_idea(actor, row.idea_id)
    except NotFound:
        raise NotFound(MISSING) from None
    if not reads(access, row) or row.state == REMOVED:
        raise NotFound(MISSING)
    return access, idea, _facts(access, [row])[0]


def _facts(access: Access, rows: Sequence[Comment]) -> list[CommentFact]:
    named = authors(access, (each for row in rows for each in (row.author_id, *mentioned(row.body))))
    return [_fact(access, row, named.get(row.author_id, UNNAMED), named_in(row.body, named)) for row in rows]


def _fact(access: Access, row: Comment, author: Author, body: str) -> CommentFact:
    gone = row.state == REMOVED or not reads(access, row)
    own = access.person_id is not None and row.author_id == access.person_id
    return CommentFact(
        id=row.id,
        space_id=row.space_id,
        idea_id=row.idea_id,
        parent_id=row.parent_id,
        body="" if gone else body,
        state=row.state,
        internal=row.internal,
        author_id=None if gone else author.id,
        author_name=None if gone else author.name,
        author_guest=not gone and author.guest,
        verdict=row.verdict if own or access.may("moderate") else None,
        version=row.version,
        created_at=row.created_at,
        edited_at=None if gone else row.edited_at,
        external_id=row.external_id,
    )


@reading
def list_comments(access: Access, idea_id: str, *, limit: int = MOST, cursor: str | None = None) -> Page[CommentFact]:
    """One page of the comments of an idea in the order they were made (a comment always before the answers to it).

    The caller has passed the gate of the idea. What others saw before it was removed or hidden stays as a line without text
    or author, so that answers keep their place; what is held is for its author and moderators; internal notes are for the team.
    """
    query = select(Comment).where(Comment.idea_id == idea_id, Comment.space_id == access.space.id)
    if not access.is_team:
        query = query.where(Comment.internal.is_(False))
    if not access.may("moderate"):
        mine = Comment.author_id == (access.person_id or "")
        lines = Comment.state.in_((HIDDEN, REMOVED)) & Comment.published_at.is_not(None)
        query = query.where(or_(Comment.state == PUBLISHED, lines, mine))
    if cursor is not None:
        query = query.where(Comment.id > read_cursor(cursor, "comments", str)[0])
    seq = head(access.space.id)
    rows = list(session().scalars(query.order_by(Comment.id).limit(limit + 1)))
    following = make_cursor("comments", [rows[limit - 1].id]) if len(rows) > limit else None
    return Page(tuple(_facts(access, rows[:limit])), following, seq)


@reading
def notes_of(access: Access, idea_id: str, limit: int = 20) -> list[CommentFact]:
    """The newest internal notes on an idea, oldest first. The caller has passed the gate for the team."""
    query = select(Comment).where(Comment.idea_id == idea_id, Comment.space_id == access.space.id)
    query = query.where(Comment.internal.is_(True), Comment.state != REMOVED)
    rows = session().scalars(query.order_by(Comment.id.desc()).limit(limit))
    return _facts(access, list(rows)[::-1])


@reading
def first_comments(access: Access, idea_id: str, limit: int = 200) -> list[tuple[CommentFact, int]]:
    """The comments of an idea that answer none, oldest first, each with the number of its answers."""
    query = select(Comment).where(Comment.idea_id == idea_id, Comment.space_id == access.space.id)
    query = query.where(Comment.parent_id.is_(None), Comment.state != REMOVED).order_by(Comment.id).limit(limit)
    rows = [row for row in session().scalars(query) if reads(access, row)]
    answers = select(Comment.parent_id, func.count()).where(Comment.parent_id.in_([row.id for row in rows]))
    counts = {row[0]: row[1] for row in session().execute(answers.group_by(Comment.parent_id))}
    return [(fact, counts.get(fact.id, 0)) for fact in _facts(access, rows)]


@reading
def among_first(idea_id: str, comment_ids: Iterable[str]) -> set[str]:
    """Those of some ids that are comments of an idea which answer none."""
    query = select(Comment.id).where(Comment.id.in_(sorted(set(comment_ids))), Comment.idea_id == idea_id)
    return set(session().scalars(query.where(Comment.parent_id.is_(None))))


@reading
def space_of(comment_id: str) -> str | None:
    """The id of the space a comment is in, whoever asks."""
    return session().scalar(select(Comment.space_id).where(Comment.id == comment_id))


@reading
def get_comments(access: Access, comment_ids: Iterable[str]) -> dict[str, CommentFact]:
    """Comments of one space by id, as its viewer may read them; what they may not read is left out."""
    query = select(Comment).where(Comment.id.in_(sorted(set(comment_ids))), Comment.space_id == access.space.id)
    rows = [row for row in session().scalars(query) if reads(access, row)]
    return {fact.id: fact for fact in _facts(access, rows)}


@reading
def ideas_of_comments(access: Access, comment_ids: Iterable[str]) -> dict[str, str | None]:
    """The idea each of these comments of a space is on; None for those the viewer may not read."""
    query = select(Comment).where(Comment.id.in_(sorted(set(comment_ids))), Comment.space_id == access.space.id)
    rows = session().scalars(query)
    return {row.id: row.idea_id if reads(access, row) and row.state != REMOVED else None for row in rows}


@reading
def held_comments(access: Access, limit: int = 50, after: str = "") -> list[CommentFact]:
    """Comments that wait for a moderator, oldest first, with ids behind *after*."""
    query = select(Comment).where(Comment.space_id == access.space.id, Comment.state == HELD, Comment.id > after)
    return _facts(access, list(session().scalars(query.order_by(Comment.id).limit(limit))))


@reading
def comments_by(access: Access, person_id: str, limit: int = 50) -> list[CommentFact]:
    """The last comments of somebody in a space, newest first, as far as the viewer may read them; no notes."""
    query = select(Comment).where(Comment.space_id == access.space.id, Comment.author_id == person_id)
    query = query.where(Comment.internal.is_(False), Comment.state != REMOVED)
    rows = session().scalars(query.order_by(Comment.id.desc()).limit(limit))
    return _facts(access, [row for row in rows if reads(access, row)])


@reading
def count_visible(idea_id: str) -> int:
    """How many comments of an idea everybody can read: what ``comment_count`` keeps."""
    query = select(func.count()).where(Comment.idea_id == idea_id, Comment.state == PUBLISHED)
    return session().scalar(query.where(Comment.internal.is_(False))) or 0


@reading
def others_commented(idea_id: str, person_id: str | None) -> bool:
    """Whether anybody but that person has said something about an idea, seen or not yet."""
    query = select(Comment.id).where(Comment.idea_id == idea_id, Comment.internal.is_(False), Comment.state != REMOVED)
    query = query.where(or_(Comment.author_id.is_(None), Comment.author_id != person_id))
    return session().scalar(query.limit(1)) is not None


@reading
def wrote_before(space_id: str, person_id: str | None) -> bool:
    """Whether a person has a published comment in a space."""
    query = select(Comment.id).where(Comment.space_id == space_id, Comment.author_id == person_id)
    return person_id is not None and session().scalar(query.where(Comment.state == PUBLISHED).limit(1)) is not None


@reading
def commenters_of(idea_id: str) -> list[str]:
    """The ids of everybody who wrote a comment that can be read on an idea."""
    query = select(Comment.author_id).where(Comment.idea_id == idea_id, Comment.state == PUBLISHED)
    found = session().scalars(query.where(Comment.internal.is_(False), Comment.author_id.is_not(None)).distinct())
    return sorted(person_id for person_id in found if person_id)


@reading
def ids_of_externals(space_id: str, external_ids: Iterable[str]) -> dict[str, str]:
    """The ids of comments of a space by external id; unknown ones are left out."""
    wanted = sorted(set(external_ids))
    query = select(Comment.external_id, Comment.id).where(Comment.space_id == space_id, Comment.external_id.in_(wanted))
    return {row[0]: row[1] for row in session().execute(query) if row[0] is not None}


@reading
def count_comments_between(space_id: str, begin: datetime, end: datetime) -> int:
    """How many comments everybody may read came to a space from *begin* until just before *end*."""
    query = select(func.count()).select_from(Comment).where(Comment.space_id == space_id, Comment.state == PUBLISHED)
    period = Comment.published_at >= begin, Comment.published_at < end
    return session().scalar(query.where(Comment.internal.is_(False), *period)) or 0
