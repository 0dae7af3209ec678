"""PostgreSQL's text search. It finds; what it found first is ranked anew, because its own ranking does not know how
rare a word is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import cast, column, func, literal_column, not_, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.elements import ColumnElement

from codesign import sdk

from ..models import Document
from ..queries import TITLE, All, Not, Some
from .base import Match, Row, SqlEngine, Term, Wish, conditions, split
from .bm25 import RANKED, READ, ranked_anew

_VECTORS = table("search_vector", column("number"), column("words"))
_STORE = text(
    "INSERT INTO search_vector (number, words) SELECT document.number, CAST(given.words AS tsvector)"
    " FROM unnest(CAST(:ids AS text[]), CAST(:words AS text[])) AS given (id, words)"
    " JOIN search_document AS document ON document.id = given.id"
)
_WEIGHTS: Any = literal_column("'{0.25, 0.25, 0.25, 1.0}'::float4[]")
#: Places behind this one are all the same to PostgreSQL.
_LAST_PLACE = 16_383
#: Between title and text, so that no phrase reaches from one into the other.
_GAP = 10


class Postgres(SqlEngine):
    """tsvector made of our stems, GIN index, BM25 over the first 200."""

    name = "postgresql"

    def store(self, words: Mapping[str, tuple[str, str]]) -> None:
        """Put the words of new documents beside them."""
        vectors = [vector(title, body) for title, body in words.values()]
        sdk.session().execute(_STORE, {"ids": list(words), "words": vectors})

    def _having(self, node: Any) -> Any:
        has = _has(node) & (Document.number == _VECTORS.c.number)
        return _VECTORS.join(Document, has)

    def _lacking(self, unwanted: Sequence[Any]) -> list[ColumnElement[bool]]:
        if not unwanted:
            return []
        return [not_(Document.number.in_(select(_VECTORS.c.number).where(_has(Some(tuple(unwanted))))))]

    def _ranked(self, wish: Wish, columns: Sequence[Any]) -> list[Match]:
        rank = func.ts_rank(_WEIGHTS, _VECTORS.c.words, cast(expression(wish.node), TSQUERY)).label("rank")
        query = select(*columns, *READ).select_from(self._having(wish.node))
        query = query.where(*conditions(wish)).order_by(rank.desc(), Document.id)
        rows = sdk.session().execute(query.limit(max(RANKED, wish.most))).all()
        return ranked_anew(wish, rows)


def _has(node: Any) -> ColumnElement[bool]:
    return _VECTORS.c.words.bool_op("@@")(cast(expression(node), TSQUERY))


def vector(title: str, body: str) -> str:
    """The words of a document as PostgreSQL writes them: each with its places, those of the title marked A."""
    places: dict[str, list[str]] = {}
    head = title.split()
    for place, stem in enumerate(head, start=1):
        places.setdefault(stem, []).append(f"{min(place, _LAST_PLACE)}A")
    for place, stem in enumerate(body.split(), start=len(head) + _GAP):
        places.setdefault(stem, []).append(str(min(place, _LAST_PLACE)))
    return " ".join(f"'{stem}':{','.join(found[:255])}" for stem, found in places.items())


def expression(node: Any) -> str:
    """A tree in PostgreSQL's words. Stems are letters and digits only, and stand in quotes."""
    if isinstance(node, Term):
        return "(" + " | ".join(_stem(stem, node.where) for stem in node.stems) + ")"
    if isinstance(node, Row):
        rows = (" <-> ".join(_stem(stem, node.where) for stem in spelling) for spelling in node.spellings)
        return "(" + " | ".join(f"({row})" for row in rows) + ")"
    if isinstance(node, Some):
        return "(" + " | ".join(expression(part) for part in node.parts if not isinstance(part, Not)) + ")"
    assert isinstance(node, All), node
    wanted, unwanted = split(node)
    return "(" + " & ".join([*map(expression, wanted), *(f"!{expression(part)}" for part in unwanted)]) + ")"


def _stem(stem: str, where: str) -> str:
    return f"'{stem}':A" if where == TITLE else f"'{stem}'"
