"""Rows of ideas under lock, for the verbs of this room."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from codesign.configurations.service import hold_for_idea, keep_with_idea
from codesign.events.log import actor_name
from codesign.ideas.models import Idea, IdeaTag
from codesign.ideas.reading import MISSING
from codesign.ideas.texts import search_text, slug_of
from codesign.ideas.titles import keep_title
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import ALLOW, Verdict
from codesign.kernel.db import session
from codesign.kernel.errors import Conflict, FieldError, NotFound
from codesign.kernel.text import _
from codesign.pictures.service import note_uses

_MOST_KEY = 2**31 - 1


def lock(idea_id: str) -> Idea:
    """The row of an idea as it is now; nobody else changes it until this transaction ends."""
    row = session().get(Idea, idea_id, with_for_update={"key_share": True}, populate_existing=True)
    if row is None:
        raise NotFound(MISSING)
    return row


def lock_all(idea_ids: Iterable[str]) -> dict[str, Idea]:
    """The rows of ideas as they are now, locked in one order; unknown ids are left out."""
    query = select(Idea).where(Idea.id.in_(sorted(set(idea_ids)))).order_by(Idea.id).with_for_update(key_share=True)
    return {row.id: row for row in session().scalars(query.execution_options(populate_existing=True))}


def require_alone(row: Idea) -> None:
    """Raise Conflict where an idea is part of another one."""
    if row.merged_into is not None:
        raise Conflict(_("This idea is now part of another one."), merged_into=row.merged_into)


def shuffle_key() -> int:
    """A random number below the prime that shuffled lists count by."""
    return secrets.randbelow(_MOST_KEY)


def take_up(row: Idea) -> None:
    """Let an idea carry a configuration; it is carried by one idea alone, or two would decide who sees it.

    Raises Conflict where another idea carries it already, or it is gone.
    """
    if row.configuration_id is None:
        return
    hold_for_idea(row.configuration_id)
    others = select(Idea.id).where(Idea.space_id == row.space_id, Idea.configuration_id == row.configuration_id)
    carrier = session().scalar(others.where(Idea.id != row.id).limit(1))
    if carrier is not None:
        said = _("Another idea carries this configuration already. Make a copy yours first.")
        raise Conflict(said, errors=[FieldError("configuration_id", "taken", said)], idea_id=carrier)


def carry(actor: Actor, row: Idea) -> None:
    """Show the configuration of an idea to whom the idea is shown, under the idea's title."""
    if row.configuration_id is not None:
        keep_with_idea(actor, row.configuration_id, row.state, row.title)


def write_text(row: Idea, title: str, body: str) -> None:
    """Give a row its words and what is made of them."""
    if title != row.title:
        keep_title(row.space_id, row.id, title, row.title)
    row.title, row.body = title, body
    row.slug, row.search_text = slug_of(title), search_text(title, body)


def shown_in(row: Idea) -> str:
    """All of an idea that may name pictures: its text and the official answer."""
    return f"{row.body or ''}\n{row.answer_body or ''}"


def show_pictures(actor: Actor, row: Idea, before: str = "", author_id: str | None = None) -> None:
    """Let the pictures an idea names be seen where it is; *before* is what was ``shown_in`` it.

    *author_id* is whose words *actor* changed: the official answer is not the author's.
    """
    note_uses(actor, row.space_id, "idea", row.id, before, shown_in(row), author_id=author_id)


def write_tags(work: Session, row: Idea, tags: Sequence[str]) -> None:
    """Replace the tags of an idea."""
    write_all_tags(work, row.space_id, {row.id: tags})


def write_all_tags(work: Session, space_id: str, tags: Mapping[str, Sequence[str]]) -> None:
    """Replace the tags of ideas of a space, in two statements."""
    if not tags:
        return
    work.flush()
    work.execute(delete(IdeaTag).where(IdeaTag.idea_id.in_(sorted(tags))))
    if rows := [row for idea_id, given in tags.items() for row in tag_rows(idea_id, space_id, given)]:
        work.execute(insert(IdeaTag), rows)


def tag_rows(idea_id: str, space_id: str, tags: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of an idea's tags."""
    return [{"idea_id": idea_id, "tag": tag, "space_id": space_id, "position": n} for n, tag in enumerate(tags)]


def refuse_twin(work: Session, space_id: str, external_id: str | None) -> None:
    """Raise Conflict where another idea of the space has this external id."""
    if external_id is None:
        return
    query = select(Idea.id).where(Idea.space_id == space_id, Idea.external_id == external_id)
    known = work.scalar(query)
    if known is not None:
        raise twin(known)


def twin(known: str) -> Conflict:
    """The refusal of a second idea with one external id."""
    said = _("The idea %(idea_id)s of this space has this external id already.", idea_id=known)
    return Conflict(said, errors=[FieldError("external_id", "taken", said)], idea_id=known)


def add_row(work: Session, row: Idea) -> None:
    """Insert an idea; a twin that was faster is a Conflict."""
    space_id, external_id = row.space_id, row.external_id
    refuse_twin(work, space_id, external_id)
    try:
        with work.begin_nested():
            work.add(row)
    except IntegrityError:
        refuse_twin(work, space_id, external_id)
        raise


def noted(verdict: dict[str, Any] | None, act: str, actor: Actor, reason: str = "", **more: Any) -> dict[str, Any]:
    """A verdict with one more line in its history: who did what to the text, when and why."""
    known = verdict or {}
    line = {"act": act, "by": actor_name(actor), "at": clock.rfc3339(clock.now()), "reason": reason}
    return {**known, **more, "history": [*known.get("history", []), line]}


def last_act(verdict: dict[str, Any] | None) -> str:
    """What was done to a text last: ``hide``, ``hold``, ``publish``, ``refuse``, ``change`` …"""
    history = (verdict or {}).get("history") or [{}]
    return str(history[-1].get("act", ""))


def kept_verdict(verdict: Verdict) -> dict[str, Any] | None:
    """What is kept of a verdict: nothing where nobody had anything to say."""
    if verdict.decision == ALLOW and not verdict.reasons:
        return None
    return {"decision": verdict.decision, "reasons": [str(reason) for reason in verdict.reasons]}


def add_comments(work: Session, idea_id: str, count: int) -> None:
    """Raise the number of an idea's visible comments."""
    if count:
        work.execute(update(Idea).where(Idea.id == idea_id).values(comment_count=Idea.comment_count + count))


def set_merged_into(work: Session, idea_id: str, target_id: str | None) -> None:
    """Put up or take down the signpost of an idea."""
    work.execute(update(Idea).where(Idea.id == idea_id).values(merged_into=target_id))
