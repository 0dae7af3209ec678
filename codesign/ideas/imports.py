"""Storing ideas that come from elsewhere with their own times, without asking reviewers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from codesign.events.log import record
from codesign.ideas.events import IdeaAnswered, IdeaEdited, IdeaHeld, IdeaPublished, StatusChanged, VotesImported
from codesign.ideas.models import Idea, IdeaTag, ImportedVotes
from codesign.ideas.rows import lock, shuffle_key, tag_rows, write_tags, write_text
from codesign.ideas.tallies import set_tally_seq
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.contribution import HELD, PUBLISHED
from codesign.kernel.db import reading, session, verb
from codesign.kernel.ids import new_id


@dataclass(frozen=True)
class ForeignIdea:
    """One idea of another system, clean.

    ``up`` and ``down`` are counts without voters, under the name ``source``; what is ``held`` waits for a moderator.
    """

    external_id: str
    title: str
    body: str
    author_id: str | None
    created_at: datetime
    status_id: str | None = None
    tags: tuple[str, ...] = ()
    source: str = ""
    up: int = 0
    down: int = 0
    answer: str = ""
    answered_at: datetime | None = None
    held: bool = False


@dataclass(frozen=True)
class Known:
    """Where an external id leads: the idea, or the one it is part of by now."""

    id: str
    merged: bool
    published: bool


@verb
def store_imported(space_id: str, ideas: Iterable[ForeignIdea], status_id: str | None = None) -> dict[str, str]:
    """Keep *ideas* in a space; those whose external id is there already stay as they are.

    *status_id* is for those that bring none. Returns the ids of the new ones by external id. The caller has passed a gate.
    """
    ideas = list(ideas)
    known = ids_of_externals(space_id, [idea.external_id for idea in ideas])
    made: dict[str, str] = {}
    for idea in ideas:
        if idea.external_id not in known and idea.external_id not in made:
            made[idea.external_id] = _store(space_id, idea, status_id)
    return made


def _store(space_id: str, idea: ForeignIdea, status_id: str | None) -> str:
    work, counted, idea_id = session(), idea.up > 0 or idea.down > 0, new_id()
    row = Idea(
        id=idea_id, space_id=space_id, external_id=idea.external_id, state=HELD if idea.held else PUBLISHED,
        status_id=idea.status_id or status_id, author_id=idea.author_id, created_at=idea.created_at,
        published_at=None if idea.held else idea.created_at, imported_up=idea.up, imported_down=idea.down,
        answer_body=idea.answer or None, answer_at=(idea.answered_at or idea.created_at) if idea.answer else None,
        shuffle_key=shuffle_key(), version=1,
    )  # fmt: skip
    write_text(row, idea.title, idea.body)
    work.add(row)
    record((IdeaHeld if idea.held else IdeaPublished)(space_id, idea_id, idea.author_id), SYSTEM)
    if not (idea.tags or counted):
        return idea_id
    work.flush()
    if idea.tags:
        work.execute(insert(IdeaTag), tag_rows(idea_id, space_id, idea.tags))
    if counted:
        work.execute(insert(ImportedVotes).values(idea_id=idea_id, source=idea.source, up=idea.up, down=idea.down))
        fact = VotesImported(space_id, idea_id, idea.source, idea.up, idea.down)
        record(fact, SYSTEM, number=lambda seq: set_tally_seq(work, {idea_id: seq}))
    return idea_id


@dataclass(frozen=True)
class Words:
    """What an idea says now, what it is filed under, and what the team says of it."""

    id: str
    title: str
    body: str
    status_id: str | None
    tags: tuple[str, ...]
    answer: str


@reading
def words_of(idea_ids: Iterable[str]) -> dict[str, Words]:
    """What ideas say now, by id, in two queries."""
    wanted, tags = sorted(set(idea_ids)), defaultdict[str, list[str]](list)
    tagged = select(IdeaTag.idea_id, IdeaTag.tag).where(IdeaTag.idea_id.in_(wanted))
    for row in session().execute(tagged.order_by(IdeaTag.idea_id, IdeaTag.position)):
        tags[row.idea_id].append(row.tag)
    query = select(Idea.id, Idea.title, Idea.body, Idea.status_id, Idea.answer_body).where(Idea.id.in_(wanted))
    return {
        row.id: Words(row.id, row.title, row.body or "", row.status_id, tuple(tags[row.id]), row.answer_body or "")
        for row in session().execute(query)
    }


@dataclass(frozen=True)
class News:
    """What a newer file changes of an idea: nothing of what is None."""

    words: tuple[str, str] | None = None
    status_id: str | None = None
    tags: tuple[str, ...] | None = None
    answer: str | None = None
    answered_at: datetime | None = None


@verb
def renew_imported(actor: Actor, idea_id: str, source: str, news: News) -> None:
    """Give an idea what the system it came from says newly. The caller has passed a gate. Nobody is told."""
    row = lock(idea_id)
    row.version += 1
    if news.words is not None:
        write_text(row, *news.words)
    if news.tags is not None:
        write_tags(session(), row, news.tags)
    if news.words is not None or news.tags is not None:
        record(IdeaEdited(row.space_id, row.id, row.version), actor)
    if news.status_id is not None and news.status_id != row.status_id:
        record(StatusChanged(row.space_id, row.id, row.status_id, news.status_id, source), actor)
        row.status_id = news.status_id
    if news.answer is not None:
        row.answer_body, row.answer_by, row.answer_at = news.answer, None, news.answered_at or clock.now()
        record(IdeaAnswered(row.space_id, row.id, source=source), actor)
    session().flush()


@reading
def ids_of_externals(space_id: str, external_ids: Iterable[str]) -> dict[str, str]:
    """The ids of ideas of a space by external id; unknown ones are left out."""
    query = select(Idea.external_id, Idea.id).where(Idea.space_id == space_id, Idea.external_id.in_(set(external_ids)))
    return {row[0]: row[1] for row in session().execute(query) if row[0] is not None}


@reading
def find_externals(space_id: str, external_ids: Iterable[str]) -> dict[str, Known]:
    """As ``ids_of_externals``, with what stands in the way of a vote on them."""
    query = select(
        Idea.external_id, func.coalesce(Idea.merged_into, Idea.id), Idea.merged_into, Idea.state
    ).where(Idea.space_id == space_id, Idea.external_id.in_(set(external_ids)))  # fmt: skip
    rows = session().execute(query)
    return {row[0]: Known(row[1], row[2] is not None, row[3] == PUBLISHED) for row in rows if row[0] is not None}
