"""The team's lists of ideas: more filters and orders than everybody's board, and the same few queries for 10 ideas or 100,000.

What other rooms know of ideas comes in as selects of their ids (``within``, ``outside``) or of ids with a value to order by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, and_, func, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from codesign.events.log import head
from codesign.ideas.counts import count_by_status
from codesign.ideas.facts import IdeaFact
from codesign.ideas.models import Idea, IdeaScore, IdeaTag
from codesign.ideas.reading import full_facts, rows_of, sees
from codesign.ideas.stages import Standing
from codesign.ideas.texts import search_words
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session
from codesign.kernel.finding import place_of
from codesign.kernel.paging import Page, make_cursor, read_cursor
from codesign.spaces.facts import Access

NEW, OLD, TOP, TALKED, SCORE = "new", "old", "top", "talked", "score:"
#: Where ideas without a value stand in an order of values: behind all others.
_NOTHING = -1e299


@dataclass(frozen=True)
class Sieve:
    """Which published ideas of a space. None of ``statuses`` means any; ``before`` is about their publication."""

    statuses: tuple[str, ...] | None = None
    tag: str = ""
    q: str = ""
    answered: bool | None = None
    before: datetime | None = None
    within: tuple[Select[Any], ...] = ()
    outside: tuple[Select[Any], ...] = ()


@dataclass(frozen=True)
class Order:
    """An order by name; ``values`` selects ids with the number they are ordered by, where core has no column for it.

    ``ranking`` is ids with their numbers, the largest first, read before: no others are listed.
    """

    name: str = NEW
    values: Any = None
    ranking: Sequence[tuple[str, int]] | None = None


@reading
def sift_ideas(
    access: Access, sieve: Sieve, order: Order, *, limit: int = 50, cursor: str | None = None
) -> Page[IdeaFact]:
    """One page of the ideas that pass the sieve, for the team. Raises Invalid for a cursor of another list."""
    return sift_beside(access, sieve, order, "", limit=limit, cursor=cursor)[0]


@reading
def sift_beside(
    access: Access, sieve: Sieve, order: Order, idea_id: str, *, limit: int = 50, cursor: str | None = None
) -> tuple[Page[IdeaFact], IdeaFact | None]:
    """The same, and by the same queries one idea of the space more, whatever the sieve says of it: None where it is none."""
    key = read_cursor(cursor, order.name, float, str) if cursor is not None else None
    found = _found(access, sieve, order, key, limit + 1)
    shown = found[:limit]
    following = make_cursor(order.name, [shown[-1].value, shown[-1].id]) if len(found) > limit else None
    ids = [row.id for row in shown]
    rows = rows_of(list(dict.fromkeys([*ids, idea_id] if idea_id else ids)))
    seen = [row for row in rows.values() if row.space_id == access.space.id and sees(access, row.state, row.author_id)]
    facts = {fact.id: fact for fact in full_facts(access, seen)}
    page = Page(tuple(facts[each] for each in ids if each in facts), following, head(access.space.id), order.name)
    return page, facts.get(idea_id)


@reading
def sift_by_status(access: Access, sieve: Sieve, status_ids: Sequence[str], most: int) -> dict[str, Standing]:
    """For each of some statuses: how many ideas pass the sieve, and the *most* wanted of them."""
    kept = _conditions(access, sieve)
    counts = _counts(access, sieve, kept)
    shown = [status for status in status_ids if counts.get(status)]
    if not shown:
        return {}
    first = select(Idea.status_id, Idea.id).where(*kept)
    first = first.order_by(Idea.top.desc(), Idea.up.desc(), Idea.id).limit(most)
    best = [first.where(Idea.status_id == status).subquery().select() for status in shown]
    ids: dict[str, list[str]] = {status: [] for status in shown}
    for row in session().execute(union_all(*best)):
        ids[row[0]].append(row[1])
    rows = rows_of([idea_id for found in ids.values() for idea_id in found])
    facts = {fact.id: fact for fact in full_facts(access, [*rows.values()])}
    return {
        status: Standing(counts[status], tuple(facts[idea_id] for idea_id in found if idea_id in facts))
        for status, found in ids.items()
    }


def _counts(access: Access, sieve: Sieve, kept: Sequence[ColumnElement[bool]]) -> Mapping[str, int]:
    """How many ideas of each status pass; all ideas of a space are counted once, until there are others."""
    if sieve == Sieve():
        return count_by_status(access.space.id)
    query = select(Idea.status_id, func.count()).where(*kept).group_by(Idea.status_id)
    return {row[0]: row[1] for row in session().execute(query) if row[0]}


@reading
def sifted_ids(access: Access, sieve: Sieve, limit: int) -> list[str]:
    """The ids of at most *limit* ideas that pass the sieve, the oldest first."""
    query = select(Idea.id).where(*_conditions(access, sieve)).order_by(Idea.id).limit(limit)
    return list(session().scalars(query))


@reading
def count_sifted(access: Access, sieve: Sieve, most: int) -> int:
    """How many ideas pass the sieve; counting ends at *most*."""
    some = select(Idea.id).where(*_conditions(access, sieve)).limit(most).subquery()
    return session().scalar(select(func.count()).select_from(some)) or 0


@reading
def rank(access: Access, values: Select[str, int], most: int) -> list[tuple[str, int]]:
    """The ideas among those that *values* selects with a number, the largest first: at most so many."""
    known = values.subquery("known")
    query = select(Idea.id, known.c[1]).join(known, known.c[0] == Idea.id).where(*_conditions(access, Sieve()))
    rows = session().execute(query.order_by(known.c[1].desc(), Idea.id.desc()).limit(most))
    return [(row[0], row[1]) for row in rows]


def _conditions(access: Access, sieve: Sieve) -> Sequence[ColumnElement[bool]]:
    kept = [Idea.space_id == access.space.id, Idea.state == PUBLISHED, Idea.merged_into.is_(None)]
    if sieve.statuses is not None:
        kept.append(Idea.status_id.in_(sieve.statuses))
    if sieve.tag:
        tagged = select(IdeaTag.idea_id).where(IdeaTag.space_id == access.space.id, IdeaTag.tag == sieve.tag.lower())
        kept.append(Idea.id.in_(tagged))
    if sieve.answered is not None:
        # The time rather than the words: it stands in the index that inboxes are read from.
        kept.append(Idea.answer_at.is_not(None) if sieve.answered else Idea.answer_at.is_(None))
    if sieve.before is not None:
        kept.append(Idea.published_at < sieve.before)
    kept += [Idea.id == chosen.distinct().subquery().c[0] for chosen in sieve.within]
    # One look-up for each idea that is shown, where NOT IN would gather all of these first.
    kept += [~left.where(left.selected_columns[0] == Idea.id).correlate(Idea).exists() for left in sieve.outside]
    return [*kept, *(place_of(Idea.search_text, word) > 0 for word in search_words(sieve.q))]


@dataclass(frozen=True)
class _Place:
    """An idea of a list and the number it is ordered by."""

    id: str
    value: float


def _found(access: Access, sieve: Sieve, order: Order, key: Sequence[Any] | None, most: int) -> list[Any]:
    """The next ideas of a list, with the number they are ordered by."""
    if order.ranking is not None:
        return _known(access, sieve, order.ranking, key, most)
    values = _values(access, order)
    if values is None:
        return _ordered(access, sieve, order, key, most)
    return _ranked(access, sieve, replace(order, values=values), key, most)


def _known(
    access: Access, sieve: Sieve, ranking: Sequence[tuple[str, int]], key: Sequence[Any] | None, most: int
) -> list[_Place]:
    """The next ideas of a ranking that pass the sieve: looked up in its order, more each time, until there are enough."""
    behind = [each for each in ranking if key is None or (each[1], each[0]) < (key[0], key[1])]
    found, place, size, few = list[_Place](), 0, most, aliased(Idea)
    while place < len(behind) and len(found) < most:
        some = behind[place : place + size]
        # As ids to be joined: asked for them beside the space, SQLite reads all of it instead of looking up the few.
        these = select(few.id).where(few.id.in_([idea_id for idea_id, _value in some]))
        kept = _conditions(access, replace(sieve, within=(*sieve.within, these)))
        passed = set(session().scalars(select(Idea.id).where(*kept)))
        found += [_Place(idea_id, value) for idea_id, value in some if idea_id in passed]
        place, size = place + size, 4 * size
    return found[:most]


def _values(access: Access, order: Order) -> Select[*tuple[Any, ...]] | None:
    """The select of ids with the number they are ordered by, where that is no column of ideas."""
    if not order.name.startswith(SCORE):
        values: Select[*tuple[Any, ...]] | None = order.values
        return values
    rule = order.name.removeprefix(SCORE)
    scores = select(IdeaScore.idea_id, IdeaScore.value)
    return scores.where(IdeaScore.space_id == access.space.id, IdeaScore.rule == rule)


def _ordered(access: Access, sieve: Sieve, order: Order, key: Sequence[Any] | None, most: int) -> list[Row[Any]]:
    """The next ideas in the order of a column."""
    columns = {TOP: Idea.top, TALKED: Idea.comment_count}
    value: Any = columns.get(order.name, type_coerce(Idea.published_at, BigInteger))
    falls = order.name != OLD
    query = select(Idea.id, value.label("value")).where(*_conditions(access, sieve))
    if key is not None:
        query = query.where(_behind(key, value, falls))
    turned = (value.desc(), Idea.id.desc()) if falls else (value, Idea.id)
    return list(session().execute(query.order_by(*turned).limit(most)))


def _ranked(access: Access, sieve: Sieve, order: Order, key: Sequence[Any] | None, most: int) -> list[Row[Any]]:
    """The next ideas in the order of values, then those without one: a value is looked up for the ideas shown alone."""
    kept = _conditions(access, sieve)
    rows: list[Row[Any]] = []
    known = order.values.subquery("known")
    value: Any = known.c[1]
    if key is None or key[0] > _NOTHING:
        query = select(Idea.id, value.label("value")).join(known, known.c[0] == Idea.id)
        query = query.where(*kept, value.is_not(None))
        if key is not None:
            query = query.where(_behind(key, value, True))
        rows += session().execute(query.order_by(value.desc(), Idea.id.desc()).limit(most))
    if len(rows) < most:
        without = select(Idea.id, literal(_NOTHING).label("value")).where(*kept)
        without = without.where(Idea.id.not_in(select(known.c[0]).where(value.is_not(None))))
        if key is not None and key[0] <= _NOTHING:
            without = without.where(Idea.id < key[1])
        rows += session().execute(without.order_by(Idea.id.desc()).limit(most - len(rows)))
    return rows


def _behind(key: Sequence[Any], value: Any, falls: bool) -> ColumnElement[bool]:
    """Rows behind *key*; the first part lets an index find the place."""
    here, idea_id = key
    if falls:
        return and_(value <= here, or_(value < here, Idea.id < idea_id))
    return and_(value >= here, or_(value > here, Idea.id > idea_id))


def standing_ideas(space_id: str) -> Select[str]:
    """The ids of published ideas that are part of no other one, to be put into another query."""
    return select(Idea.id).where(Idea.space_id == space_id, Idea.state == PUBLISHED, Idea.merged_into.is_(None))


@reading
def among_space(space_id: str, idea_ids: Iterable[str]) -> set[str]:
    """Those of some ids that are ideas of a space."""
    query = select(Idea.id, Idea.space_id).where(Idea.id.in_(sorted(set(idea_ids))))
    return {row.id for row in session().execute(query) if row.space_id == space_id}
