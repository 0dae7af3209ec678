"""Changing comments: add, edit, remove, hide, hold, publish; and moving them with a merge."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from codesign.comments.events import (
    CommentAdded,
    CommentEdited,
    CommentHeld,
    CommentHidden,
    CommentModerated,
    CommentPublished,
    CommentRemoved,
    CommentRevised,
    NoteAdded,
    NoteEdited,
    NoteRemoved,
)
from codesign.comments.facts import CommentFact
from codesign.comments.models import Comment
from codesign.comments.queries import MISSING, comment_access, find_comment, get_comments, wrote_before
from codesign.events.log import record
from codesign.ideas import queries as ideas
from codesign.ideas.facts import IdeaFact
from codesign.ideas.people import settle_mentions
from codesign.ideas.rows import kept_verdict, last_act, noted
from codesign.ideas.rows import lock as lock_idea
from codesign.ideas.service import add_comments, follow_quietly, require_writer, review
from codesign.ideas.team import require_team
from codesign.ideas.texts import clean_reason, clean_text
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, HIDDEN, HOLD, PUBLISHED, REMOVED, Signs, TextDraft, Verdict
from codesign.kernel.db import read, session, verb
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.kernel.versions import require_version
from codesign.pictures.service import note_uses
from codesign.spaces.access import require
from codesign.spaces.facts import Access

MOST_COMMENT = 5_000


def add_comment(
    actor: Actor,
    idea_id: str,
    body: str,
    parent_id: str | None = None,
    internal: bool = False,
    *,
    external_id: str | None = None,
    signs: Signs | None = None,
) -> CommentFact:
    """Say something about an idea, or answer a comment of the first level; *internal* notes are for the team alone.

    *external_id* is a name by which a program of ours finds it again, *signs* tell how it came through a form.
    Reviewers are asked before it is written. Raises NotFound, Forbidden, Closed, Invalid, Conflict (merged idea).
    """
    with read():
        found, idea = _gate(actor, idea_id, internal)
        newcomer = not (wrote_before(found.space.id, actor.person_id) or _proposed(found, actor))
    text = settle_mentions(found, clean_text(body, most=MOST_COMMENT, required=True))
    draft = TextDraft("comment", idea.title, text, facts={"idea_id": idea_id, "parent_id": parent_id}, signs=signs)
    verdict = Verdict() if internal else review(found, actor, draft, newcomer)
    return _store_comment(actor, idea_id, text, parent_id, internal, verdict, external_id)


def _proposed(found: Access, actor: Actor) -> bool:
    return ideas.wrote_before(found.space.id, actor.person_id)


def _gate(actor: Actor, idea_id: str, internal: bool) -> tuple[Access, IdeaFact]:
    if internal:
        found, idea = ideas.find_idea(actor, idea_id)
        require_team(actor, found)
    else:
        found, idea = ideas.idea_access(actor, idea_id, "comment")
        if idea.state != PUBLISHED:
            raise Conflict(_("Only internal notes can be added before this idea is published."))
    if actor.person_id is None and actor.kind == "person":
        raise Unauthenticated(_("Sign in to comment."))
    if idea.merged_into is not None:
        raise Conflict(_("This idea is now part of another one. Comment there."), merged_into=idea.merged_into)
    return found, idea


@verb
def _store_comment(
    actor: Actor,
    idea_id: str,
    body: str,
    parent_id: str | None,
    internal: bool,
    verdict: Verdict,
    external_id: str | None,
) -> CommentFact:
    work = session()
    _gate(actor, idea_id, internal)
    lock_idea(idea_id)
    found, idea = _gate(actor, idea_id, internal)  # once more: a merge or a hiding may have come first
    _check_parent(idea_id, parent_id, internal)
    held = verdict.decision == HOLD
    row = Comment(
        id=new_id(),
        space_id=idea.space_id,
        idea_id=idea_id,
        parent_id=parent_id,
        internal=internal,
        external_id=external_id,
        body=body,
        author_id=actor.person_id,
        state=HELD if held else PUBLISHED,
        verdict=kept_verdict(verdict),
        version=1,
        created_at=clock.now(),
    )
    work.add(row)
    work.flush()
    _show_pictures(actor, row, "")
    if actor.person_id is not None and not internal:
        follow_quietly(work, idea_id, actor.person_id)
    _announce_new(actor, row)
    return _fact(found, row.id)


def _show_pictures(actor: Actor, row: Comment, before: str) -> None:
    note_uses(actor, row.space_id, "comment", row.id, before, row.body, author_id=row.author_id)


def _announce_new(actor: Actor, row: Comment) -> None:
    if row.internal:
        record(NoteAdded(row.space_id, row.id, row.idea_id, row.parent_id, row.author_id), actor)
    elif row.state == HELD:
        record(CommentHeld(row.space_id, row.id, row.idea_id, row.author_id), actor)
    else:
        row.published_at = row.created_at
        add_comments(session(), row.idea_id, 1)
        record(CommentAdded(row.space_id, row.id, row.idea_id, row.parent_id, row.author_id), actor)


def _check_parent(idea_id: str, parent_id: str | None, internal: bool) -> None:
    if parent_id is None:
        return
    parent = session().get(Comment, parent_id)
    if parent is None or parent.idea_id != idea_id or parent.state != PUBLISHED or parent.internal != internal:
        raise Invalid.field("parent_id", _("There is no comment here that can be answered."), "unknown")
    if parent.parent_id is not None:
        raise Invalid.field("parent_id", _("Answers go to a comment of the first level."), "too_deep")


def _fact(found: Access, comment_id: str) -> CommentFact:
    return get_comments(found, [comment_id])[comment_id]


def _lock(comment_id: str) -> Comment:
    """The row of a comment, and its idea's, in the order every verb takes them: the idea first."""
    work = session()
    idea_id = work.scalar(select(Comment.idea_id).where(Comment.id == comment_id))
    if idea_id is None:
        raise NotFound(MISSING)
    lock_idea(idea_id)
    row = work.get(Comment, comment_id, with_for_update=True, populate_existing=True)
    if row is None or row.state == REMOVED:
        raise NotFound(MISSING)
    return row


# --- Editing and removing ---------------------------------------------------------------------------------------------


def edit_comment(
    actor: Actor, comment_id: str, version: int | None = None, *, body: str, signs: Signs | None = None
) -> CommentFact:
    """Change a comment's text: its author while the space takes comments, the team always.

    Raises NotFound, Forbidden, Closed, Invalid, Conflict (stale version).
    """
    text = clean_text(body, most=MOST_COMMENT, required=True)
    with read():
        found, idea, comment = find_comment(actor, comment_id)
        _require_editor(actor, found, comment)
        text = settle_mentions(found, text, comment.body)
        newcomer = not wrote_before(found.space.id, actor.person_id)
    about = {"idea_id": idea.id, "parent_id": comment.parent_id}
    draft = TextDraft("comment", idea.title, text, facts=about, replaces=comment_id, signs=signs)
    verdict = Verdict() if comment.internal else review(found, actor, draft, newcomer)
    return _store_edit(actor, comment_id, version, text, verdict)


def _require_editor(actor: Actor, found: Access, comment: CommentFact) -> None:
    if comment.author_id is None or comment.author_id != actor.person_id:
        require(actor, found, "moderate")
    else:
        require_writer(actor, found, "comment")


@verb
def _store_edit(actor: Actor, comment_id: str, version: int | None, body: str, verdict: Verdict) -> CommentFact:
    found, _idea, comment = find_comment(actor, comment_id)
    _require_editor(actor, found, comment)
    row = _lock(comment_id)
    require_version(row.version, version)
    if row.body != body:
        before = row.body
        row.body, row.edited_at, row.version = body, clock.now(), row.version + 1
        _show_pictures(actor, row, before)
        _announce_edit(actor, row, verdict)
        session().flush()
    return _fact(found, comment_id)


def _announce_edit(actor: Actor, row: Comment, verdict: Verdict) -> None:
    place = (row.space_id, row.id, row.idea_id)
    if row.internal:
        record(NoteEdited(*place), actor)
    elif row.state == HIDDEN and last_act(row.verdict) == "change" and actor.person_id == row.author_id:
        row.state, row.verdict = HELD, noted(row.verdict, "edit", actor)
        record(CommentHeld(*place, row.author_id), actor)
    elif row.state != PUBLISHED:
        record(CommentRevised(*place), actor)
    elif verdict.decision == HOLD:
        row.verdict = noted(row.verdict, "hold", actor, **(kept_verdict(verdict) or {}))
        _put(actor, row, HELD)
    else:
        record(CommentEdited(*place), actor)


@verb
def remove_comment(actor: Actor, comment_id: str) -> None:
    """Take a comment away: its text is gone, its line and the answers to it stay. Its author, or a moderator."""
    found, _idea, comment = find_comment(actor, comment_id)
    if comment.author_id is None or comment.author_id != actor.person_id:
        require(actor, found, "moderate")
    elif not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    row = _lock(comment_id)
    _put(actor, row, REMOVED)
    before, row.body, row.edited_at, row.version = row.body, "", None, row.version + 1
    _show_pictures(actor, row, before)
    row.verdict = noted(None, "remove", actor)


# --- Moderation -------------------------------------------------------------------------------------------------------


@verb
def hide_comment(actor: Actor, comment_id: str, reason: str, act: str = "hide") -> CommentFact:
    """Let only the author and the team read a comment, with a reason. Reversible; *act* as for ideas."""
    return _moderate(actor, comment_id, HIDDEN, act, clean_reason(reason))


@verb
def hold_comment(actor: Actor, comment_id: str, reason: str) -> CommentFact:
    """Put a comment back into the queue of moderators."""
    return _moderate(actor, comment_id, HELD, "hold", clean_reason(reason))


@verb
def publish_comment(actor: Actor, comment_id: str, reason: str = "") -> CommentFact:
    """Let everybody read a comment that was held or hidden."""
    return _moderate(actor, comment_id, PUBLISHED, "publish", clean_reason(reason, required=False))


def _moderate(actor: Actor, comment_id: str, state: str, act: str, reason: str) -> CommentFact:
    found, _idea, comment = comment_access(actor, comment_id, "moderate")
    if comment.internal:
        raise Conflict(_("Internal notes are for the team anyway. Remove the note if it is wrong."))
    row = _lock(comment_id)
    if row.state != state or (state == HIDDEN and last_act(row.verdict) != act):
        row.verdict = noted(row.verdict, act, actor, reason)
        record(CommentModerated(row.space_id, row.id, row.idea_id, row.author_id, act), actor)
        _put(actor, row, state)
        session().flush()
    return _fact(found, comment_id)


def _put(actor: Actor, row: Comment, state: str) -> None:
    """Move a locked comment to another state: the idea's number of comments and the log follow."""
    old, row.state = row.state, state
    place = (row.space_id, row.id, row.idea_id)
    if row.internal:
        record(NoteRemoved(*place), actor)
        return
    add_comments(session(), row.idea_id, (state == PUBLISHED) - (old == PUBLISHED))
    if state == PUBLISHED:
        row.published_at = row.published_at or clock.now()
        record(CommentPublished(*place, row.parent_id, row.author_id), actor)
    elif row.published_at is None:  # what nobody else ever saw goes without everybody being told
        record(CommentRevised(*place), actor)
    elif state == REMOVED:
        record(CommentRemoved(*place), actor)
    elif old == PUBLISHED or state == HIDDEN:
        record(CommentHidden(*place), actor)
    if state == HELD:
        record(CommentHeld(*place, row.author_id), actor)


# --- Merging ----------------------------------------------------------------------------------------------------------


def move_comments(work: Session, from_id: str, to_id: str, only: Sequence[str] | None = None) -> list[str]:
    """Take comments of one idea (those of *only* and the answers to them, or all) to another; returns their ids.

    Part of a verb that has locked both ideas.
    """
    query = select(Comment.id, Comment.state, Comment.internal).where(Comment.idea_id == from_id)
    if only is not None:
        wanted = sorted(set(only))
        query = query.where(or_(Comment.id.in_(wanted), Comment.parent_id.in_(wanted)))
    rows = work.execute(query.order_by(Comment.id)).all()
    visible = sum(row.state == PUBLISHED and not row.internal for row in rows)
    moved = [row.id for row in rows]
    work.execute(update(Comment).where(Comment.id.in_(moved)).values(idea_id=to_id))
    add_comments(work, from_id, -visible)
    add_comments(work, to_id, visible)
    return moved
