"""What an engine is asked and what it answers. Engines know stems, not languages: all words are understood before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import and_, false, func, not_, select
from sqlalchemy.sql.elements import ColumnElement

from codesign import sdk

from ..models import Document, DocumentTag
from ..queries import ANY, All, Not, Some

#: A word in a title says four times as much as one in the text below it.
TITLE_WEIGHT = 4.0
MOST_FACETS = 30
#: More ideas than this are not named one by one when their topics are read.
MOST_IDS = 500


@dataclass(frozen=True)
class Term:
    """A document with one of these stems."""

    stems: tuple[str, ...]
    where: str = ANY


@dataclass(frozen=True)
class Row:
    """Stems that follow one another, in one of several spellings."""

    spellings: tuple[tuple[str, ...], ...]
    where: str = ANY


@dataclass(frozen=True)
class Limit:
    """What narrows: *field* is one of *values* (``negated``: none of them). Fields: status, tag, author, kind,
    answered."""

    field: str
    values: tuple[Any, ...]
    negated: bool = False


@dataclass(frozen=True)
class Wish:
    """What is looked for, and where: only documents of *spaces* are ever answered, so those are the asker's rights."""

    spaces: tuple[str, ...]
    node: Any = None
    limits: tuple[Limit, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    most: int = 50
    #: The words as they were typed: where several texts have a form of them, those with the very words come first.
    typed: frozenset[str] = frozenset()

    def but(self, **changes: Any) -> Wish:
        """The same with *changes*."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Match:
    """A document that was found; the larger the weight the better."""

    number: int
    id: str
    kind: str
    space_id: str
    idea_id: str
    weight: float
    language: str


#: The columns a match is made of.
MATCHED = (
    Document.number, Document.id, Document.kind, Document.space_id, Document.idea_id, Document.language,
)  # fmt: skip


def match_of(row: Any, weight: float) -> Match:
    """The match of a row that has its columns."""
    return Match(row.number, row.id, row.kind, row.space_id, row.idea_id, weight, row.language)


class Engine(Protocol):
    """Keeps words and finds documents by them. ``store`` and ``drop`` are called inside the change of the documents."""

    name: str

    def store(self, words: Mapping[str, tuple[str, str]]) -> None:
        """Take in new documents: the words of title and text by id."""

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget the documents with these numbers, which are about to go."""

    def find(self, wish: Wish) -> list[Match]:
        """The best ``wish.most`` documents, best first; without words the newest first."""

    def count(self, wish: Wish) -> dict[str, dict[str, int]]:
        """How many ideas were found (themselves or by a comment) by ``status``, ``tag`` and ``author``; and in all."""

    def total(self, wish: Wish) -> int:
        """How many ideas were found, for somebody who is still typing."""


def split(node: Any) -> tuple[list[Any], list[Any]]:
    """What must be there and what must not, at the top of a tree."""
    parts = node.parts if isinstance(node, All) else () if node is None else (node,)
    return [part for part in parts if not isinstance(part, Not)], [p.part for p in parts if isinstance(p, Not)]


def stems_in(node: Any) -> list[str]:
    """All stems that are looked for, each once."""
    if isinstance(node, Term):
        return list(dict.fromkeys(node.stems))
    if isinstance(node, Row):
        return list(dict.fromkeys(stem for spelling in node.spellings for stem in spelling))
    if isinstance(node, All | Some):
        return list(dict.fromkeys(stem for part in node.parts for stem in stems_in(part)))
    return []


def conditions(wish: Wish) -> list[ColumnElement[bool]]:
    """What narrows, as conditions on ``search_document``."""
    found: list[ColumnElement[bool]] = [Document.space_id.in_(wish.spaces)]
    if wish.since is not None:
        found.append(Document.published_at >= wish.since)
    if wish.until is not None:
        found.append(Document.published_at < wish.until)
    for limit in wish.limits:
        one = _one_of(limit.field, limit.values, wish.spaces)
        found.append(not_(one) if limit.negated else one)
    return found


def _one_of(field: str, values: Collection[Any], spaces: Sequence[str]) -> ColumnElement[bool]:
    if not values:
        return false()
    if field == "tag":
        tagged = select(DocumentTag.idea_id).where(DocumentTag.space_id.in_(spaces), DocumentTag.tag.in_(values))
        return Document.idea_id.in_(tagged)
    column: Any = {
        "status": Document.status_id, "author": Document.author_id, "kind": Document.kind, "answered": Document.answered,
    }[field]  # fmt: skip
    return and_(column.is_not(None), column.in_(values))


class SqlEngine:
    """What engines inside the application's database share: one statement finds, narrows and counts."""

    name = "sql"

    def store(self, words: Mapping[str, tuple[str, str]]) -> None:
        """The database does it by itself."""

    def drop(self, numbers: Sequence[int]) -> None:
        """The database does it by itself."""

    def find(self, wish: Wish) -> list[Match]:
        """The best documents; see ``Engine.find``."""
        wanted, unwanted = split(wish.node)
        columns = MATCHED
        if not wanted:
            query = select(*columns).where(*conditions(wish), *self._lacking(unwanted))
            query = query.order_by(Document.published_at.desc(), Document.id.desc()).limit(wish.most)
            rows = sdk.session().execute(query).all()
            return [match_of(row, 1.0 / (place + 1)) for place, row in enumerate(rows)]
        return self._ranked(wish, columns)

    def count(self, wish: Wish) -> dict[str, dict[str, int]]:
        """Counts to narrow by; see ``Engine.count``. The words are looked up once, and counted here."""
        columns = (Document.idea_id, Document.status_id, Document.author_id)
        rows = sdk.session().execute(self._matching(select(*columns), wish)).all()
        return idea_counts(rows, tags_of({row.idea_id for row in rows}, wish.spaces))

    def total(self, wish: Wish) -> int:
        """How many ideas were found; see ``Engine.total``."""
        query = select(func.count(Document.idea_id.distinct()))
        return sdk.session().scalar(self._matching(query, wish)) or 0

    def _matching(self, query: Any, wish: Wish) -> Any:
        """*query* over the documents that are found."""
        wanted, unwanted = split(wish.node)
        if not wanted:
            return query.select_from(Document).where(*conditions(wish), *self._lacking(unwanted))
        return query.select_from(self._having(wish.node)).where(*conditions(wish))

    def _having(self, node: Any) -> Any:
        """The documents that have *node*, which asks for at least one word, to select from."""
        raise NotImplementedError

    def _lacking(self, unwanted: Sequence[Any]) -> list[ColumnElement[bool]]:
        """The documents that have none of these."""
        raise NotImplementedError

    def _ranked(self, wish: Wish, columns: Sequence[Any]) -> list[Match]:
        """The best documents that have the words of *wish*."""
        raise NotImplementedError


def tags_of(idea_ids: Collection[str], spaces: Sequence[str]) -> dict[str, list[str]]:
    """The topics of these ideas of some spaces, by idea."""
    query = select(DocumentTag.idea_id, DocumentTag.tag).where(DocumentTag.space_id.in_(spaces))
    if len(idea_ids) <= MOST_IDS:
        query = query.where(DocumentTag.idea_id.in_(sorted(idea_ids)))
    found: dict[str, list[str]] = {}
    for row in sdk.session().execute(query):
        found.setdefault(row.idea_id, []).append(row.tag)
    return found


def idea_counts(rows: Sequence[Any], tags: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    """``Engine.count`` over rows of documents with ``idea_id``, ``status_id`` and ``author_id``."""
    places: dict[str, dict[str, set[str]]] = {"all": {"": set()}, "status": {}, "author": {}, "tag": {}}
    for row in rows:
        places["all"][""].add(row.idea_id)
        if row.status_id:
            places["status"].setdefault(row.status_id, set()).add(row.idea_id)
        if row.author_id:
            places["author"].setdefault(row.author_id, set()).add(row.idea_id)
        for tag in tags.get(row.idea_id, ()):
            places["tag"].setdefault(tag, set()).add(row.idea_id)
    counted = {name: {value: len(ideas) for value, ideas in found.items()} for name, found in places.items()}
    best = {name: sorted(found.items(), key=lambda pair: (-pair[1], pair[0])) for name, found in counted.items()}
    return {name: dict(pairs[:MOST_FACETS]) for name, pairs in best.items()}
