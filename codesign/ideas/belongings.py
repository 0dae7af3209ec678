"""What becomes of a person's ideas and follows when they are joined with an account, are forgotten, or take them out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, or_, select, update

from codesign.events.log import record
from codesign.ideas.events import IdeaEdited, IdeaRevised
from codesign.ideas.models import Follow, Idea, IdeaTag
from codesign.ideas.rows import lock, show_pictures, shown_in, write_tags, write_text
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.contribution import PUBLISHED, REMOVED
from codesign.kernel.db import reading, session, verb
from codesign.kernel.finding import place_of
from codesign.kernel.mentions import mentioned, without
from codesign.kernel.text import _

REMOVED_TITLE = _("Removed by its author")


@reading
def author_of(idea_id: str) -> str | None:
    """Who wrote an idea."""
    return session().scalar(select(Idea.author_id).where(Idea.id == idea_id))


@reading
def mentioned_in_idea(idea_id: str) -> tuple[str, ...]:
    """The ids of the people the text of an idea mentions, as long as everybody can read it."""
    body = select(Idea.body).where(Idea.id == idea_id, Idea.state == PUBLISHED)
    return mentioned(session().scalar(body))


@reading
def mentioned_in_answer(idea_id: str) -> tuple[str, ...]:
    """The ids of the people the official answer to an idea mentions, as long as everybody can read it."""
    body = select(Idea.answer_body).where(Idea.id == idea_id, Idea.state == PUBLISHED)
    return mentioned(session().scalar(body))


@reading
def declined_by(idea_id: str) -> set[str]:
    """Everybody who said that they do not want to hear of an idea."""
    return set(session().scalars(select(Follow.person_id).where(Follow.idea_id == idea_id, Follow.active.is_(False))))


@verb
def join(guest_id: str, person_id: str) -> None:
    """Make a guest's ideas and follows the person's; what the person said about following themselves stands."""
    for row in _written_by(guest_id):
        row.author_id = person_id
        _announce(row, Actor(person_id=person_id))
    own = select(Follow.idea_id).where(Follow.person_id == person_id).scalar_subquery()
    theirs = Follow.person_id == guest_id
    plainly = {"synchronize_session": False}
    session().execute(delete(Follow).where(theirs, Follow.idea_id.in_(own)), execution_options=plainly)
    session().execute(update(Follow).where(theirs).values(person_id=person_id), execution_options=plainly)


@verb
def erase(person_id: str, remove_texts: bool) -> None:
    """Drop a person's follows; empty their ideas if asked. An idea others saw stays as an empty one: votes lie on it.

    Texts of others that mention the person lose the name.
    """
    session().execute(delete(Follow).where(Follow.person_id == person_id))
    for row in _written_by(person_id) if remove_texts else []:
        before = shown_in(row)
        write_text(row, str(REMOVED_TITLE), "")
        show_pictures(SYSTEM, row, before)
        write_tags(session(), row, ())
        row.external_id, row.verdict, row.edited_at = None, None, clock.now()
        if row.state != PUBLISHED:
            row.state = REMOVED
        _announce(row, Actor(person_id=person_id))
    for row in _naming(person_id):
        write_text(row, row.title, without(row.body, person_id))
        row.answer_body = row.answer_body and without(row.answer_body, person_id)
        _announce(row, SYSTEM)


def _naming(person_id: str) -> list[Idea]:
    mark = f"](person:{person_id})"
    found = or_(place_of(Idea.body, mark) > 0, place_of(func.coalesce(Idea.answer_body, ""), mark) > 0)
    return [lock(idea_id) for idea_id in list(session().scalars(select(Idea.id).where(found).order_by(Idea.id)))]


def _written_by(author_id: str) -> list[Idea]:
    ids = session().scalars(select(Idea.id).where(Idea.author_id == author_id).order_by(Idea.id))
    return [lock(idea_id) for idea_id in list(ids)]


def _announce(row: Idea, actor: Actor) -> None:
    row.version += 1
    fact = IdeaEdited if row.state == PUBLISHED else IdeaRevised
    record(fact(row.space_id, row.id, row.version), actor=actor)
    session().flush()


@reading
def data_of(person_id: str) -> dict[str, list[dict[str, Any]]]:
    """What this room keeps of a person, for their own download."""
    tags: dict[str, list[str]] = {}
    mine = (
        select(IdeaTag.idea_id, IdeaTag.tag).join(Idea, Idea.id == IdeaTag.idea_id).where(Idea.author_id == person_id)
    )
    for row in session().execute(mine.order_by(IdeaTag.idea_id, IdeaTag.position)):
        tags.setdefault(row.idea_id, []).append(row.tag)
    ideas = session().scalars(select(Idea).where(Idea.author_id == person_id).order_by(Idea.id))
    follows = session().scalars(select(Follow).where(Follow.person_id == person_id).order_by(Follow.idea_id))
    return {
        "ideas": [
            {
                "id": idea.id, "space_id": idea.space_id, "title": idea.title, "body": idea.body, "state": idea.state,
                "tags": tags.get(idea.id, []), "created_at": clock.rfc3339(idea.created_at),
            }
            for idea in ideas
        ],
        "follows": [
            {"idea_id": row.idea_id, "active": row.active, "since": clock.rfc3339(row.created_at)} for row in follows
        ],
    }  # fmt: skip


@reading
def spaces_written_in(person_id: str) -> set[str]:
    """The spaces in which somebody has proposed an idea."""
    return set(session().scalars(select(Idea.space_id).where(Idea.author_id == person_id).distinct()))
