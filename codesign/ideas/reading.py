"""Rows of ideas become facts: the gate by id, and everything around a row in a fixed number of queries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import aliased

from codesign.ideas.facts import IdeaFact, Tally
from codesign.ideas.models import Follow, Idea, IdeaTag
from codesign.ideas.people import UNNAMED, authors, named_in
from codesign.ideas.ports import ports
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, HIDDEN, PUBLISHED, REMOVED
from codesign.kernel.db import look_up, reading, session
from codesign.kernel.errors import NotFound
from codesign.kernel.mentions import mentioned
from codesign.kernel.text import _
from codesign.spaces.access import require, standing
from codesign.spaces.facts import Access
from codesign.spaces.queries import list_statuses

MISSING = _("There is no such idea, or you may not see it.")
LONGEST_CHAIN = 50

_ID = re.compile(r"[0-9A-Z]{26}")
_PLAIN = (
    "id", "space_id", "slug", "external_id", "title", "body", "state", "verdict", "status_id", "configuration_id",
    "merged_into", "version", "comment_count", "created_at", "published_at", "edited_at", "answer_body", "answer_by",
    "answer_at", "for_product_id", "for_group",
)  # fmt: skip
_TALLY = ("up", "down", "passed", "imported_up", "imported_down", "tally_seq")
_COLUMN: Any = Idea.__table__.c
COLUMNS = [_COLUMN["pass" if name == "passed" else name].label(name) for name in (*_PLAIN, "author_id", *_TALLY)]
# Built once: the gate passes here, and every list.
_ONE = select(*COLUMNS).where(_COLUMN.id == bindparam("idea"))
_SOME: Any = bindparam("ideas", expanding=True)
_SEVERAL = select(*COLUMNS).where(_COLUMN.id.in_(_SOME))
_TAGS = (
    select(IdeaTag.idea_id, IdeaTag.tag)
    .where(IdeaTag.idea_id.in_(_SOME))
    .order_by(IdeaTag.idea_id, IdeaTag.position, IdeaTag.tag)
)
_FOLLOWED = select(Follow.idea_id).where(
    Follow.idea_id.in_(_SOME), Follow.person_id == bindparam("person"), Follow.active.is_(True)
)


def sees(access: Access, state: str, author_id: str | None) -> bool:
    """Whether somebody who may see the space may see a text in *state* by *author_id*."""
    if state == PUBLISHED or access.may("moderate"):
        return True
    return state in {HELD, HIDDEN} and author_id is not None and author_id == access.person_id


def plain_fact(row: Row[Any], access: Access) -> IdeaFact:
    """The fact of a row by itself: no names, tags, tallies or votes."""
    return IdeaFact(**_plain(row, access), author_id=row.author_id, author_name=None)


def _plain(row: Row[Any], access: Access) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _PLAIN}
    own = access.person_id is not None and row.author_id == access.person_id
    if not (own or access.may("moderate")):
        values["verdict"] = None
    values["space_slug"] = access.space.slug
    return values


@reading
def plain_ideas(access: Access, idea_ids: Iterable[str]) -> dict[str, IdeaFact]:
    """Ideas of one space by id, by themselves, in one query; what the viewer may not see is left out."""
    if not (wanted := sorted(set(idea_ids))):
        return {}
    rows = session().execute(select(*COLUMNS).where(Idea.id.in_(wanted)))
    return {
        row.id: plain_fact(row, access)
        for row in rows
        if row.space_id == access.space.id and sees(access, row.state, row.author_id)
    }


@reading
def sees_idea(access: Access, idea_id: str) -> bool:
    """Whether an id is that of an idea of this space which the viewer may see."""
    row = find_row(idea_id)
    return row is not None and row.space_id == access.space.id and sees(access, row.state, row.author_id)


def rows_of(idea_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """The rows of ideas, whoever asks; unknown ids are left out."""
    found = look_up(_SEVERAL, ideas=list(idea_ids))
    return {row.id: row for row in found}


def find_row(idea_id: str) -> Row[Any] | None:
    """The row of an idea, whoever asks."""
    return session().connection().execute(_ONE, {"idea": idea_id}).first() if _ID.fullmatch(idea_id) else None


@reading
def idea_access(actor: Actor, idea_id: str, right: str = "view") -> tuple[Access, IdeaFact]:
    """Let *actor* through to an idea for *right*; what they may not see is not found, whatever the reason.

    The fact is the row by itself (no names, tags, tallies, votes): ``get_idea`` has all of it.
    """
    access, fact = find_idea(actor, idea_id)
    require(actor, access, right)
    return access, fact


@reading
def find_idea(actor: Actor, idea_id: str) -> tuple[Access, IdeaFact]:
    """An idea that *actor* may see, for verbs that ask for their right themselves. Raises NotFound."""
    row = find_row(idea_id)
    if row is None:
        raise NotFound(MISSING)
    try:
        access = standing(actor, row.space_id)
    except NotFound:
        raise NotFound(MISSING) from None
    if not sees(access, row.state, row.author_id):
        raise NotFound(MISSING)
    return access, plain_fact(row, access)


def full_facts(access: Access, rows: Sequence[Row[Any]], open_tallies: bool | None = None) -> list[IdeaFact]:
    """The facts of rows of one space for one viewer, in the same order."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    if open_tallies is None:
        open_tallies = ports.may_see_tallies(access)
    named = authors(access, (each for row in rows for each in (row.author_id, *_mentioned(row))))
    tags = _tags(ids)
    statuses = {status.id: status for status in list_statuses(access.space.id, True)}
    mine = ports.votes_of(access.space.ballot.id, access.person_id, ids)
    followed = _followed(access.person_id, ids)
    facts = []
    for row in rows:  # one fact each, made at once: a page has a hundred
        values, author = _plain(row, access), named.get(row.author_id, UNNAMED)
        values["body"] = named_in(row.body, named)
        if row.answer_body:
            values["answer_body"] = named_in(row.answer_body, named)
        facts.append(
            IdeaFact(
                **values,
                author_name=author.name,
                author_id=author.id,
                author_guest=author.guest,
                tags=tags.get(row.id, ()),
                tally=Tally(*(getattr(row, name) for name in _TALLY)) if open_tallies else None,
                my_vote=mine.get(row.id),
                following=row.id in followed,
                status=statuses.get(row.status_id),
            )
        )
    return facts


def _mentioned(row: Row[Any]) -> tuple[str, ...]:
    return mentioned(row.body) + mentioned(row.answer_body)


def _tags(ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in look_up(_TAGS, ideas=ids):
        found[row.idea_id].append(row.tag)
    return {idea_id: tuple(tags) for idea_id, tags in found.items()}


def _followed(person_id: str | None, ids: Sequence[str]) -> set[str]:
    if person_id is None:
        return set()
    return set(look_up(_FOLLOWED, ideas=ids, person=person_id).scalars())


def survivor_of(idea_id: str) -> str:
    """Where the chain of merges that begins at an idea ends."""
    start = select(Idea.id, Idea.merged_into).where(Idea.id == idea_id).cte("chain", recursive=True)
    further = aliased(Idea)
    chain = start.union(select(further.id, further.merged_into).join(start, further.id == start.c.merged_into))
    query: Select[Any] = select(chain.c.id).where(chain.c.merged_into.is_(None)).limit(1)
    return session().scalar(query) or idea_id


__all__ = [
    "COLUMNS",
    "REMOVED",
    "find_idea",
    "find_row",
    "full_facts",
    "idea_access",
    "plain_fact",
    "rows_of",
    "sees",
    "sees_idea",
    "survivor_of",
]
