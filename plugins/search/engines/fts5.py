"""SQLite's own full-text search, inside the application's database: same transaction, no second store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, column, literal_column, not_, select, table, text
from sqlalchemy.sql.elements import ColumnElement

from codesign import sdk

from ..models import Document
from .base import TITLE, TITLE_WEIGHT, All, Match, Not, Row, Some, SqlEngine, Term, Wish, conditions, split

_WORDS = table("search_words", column("rowid"))
_RANK: Any = literal_column(f"bm25(search_words, {TITLE_WEIGHT}, 1.0)")


class Fts5(SqlEngine):
    """BM25 as FTS5 computes it (k1 = 1.2, b = 0.75), titles weighing four times as much."""

    name = "fts5"

    def _source(self) -> Any:
        return _WORDS.join(Document, Document.number == _WORDS.c.rowid)

    def _having(self, node: Any) -> ColumnElement[bool]:
        return text("search_words MATCH :match").bindparams(bindparam("match", expression(node)))  # type: ignore[return-value]

    def _lacking(self, unwanted: Sequence[Any]) -> list[ColumnElement[bool]]:
        if not unwanted:
            return []
        matching = text("search_words MATCH :lacking").bindparams(
            bindparam("lacking", expression(Some(tuple(unwanted))))
        )
        return [not_(Document.number.in_(select(_WORDS.c.rowid).where(matching)))]

    def _ranked(self, wish: Wish, columns: Sequence[Any]) -> list[Match]:
        query = select(*columns, _RANK.label("rank")).select_from(self._source())
        query = query.where(self._having(wish.node), *conditions(wish)).order_by(text("rank"), Document.id)
        rows = sdk.session().execute(query.limit(wish.most)).all()
        return [Match(*row[:5], -row.rank) for row in rows]


def expression(node: Any) -> str:
    """A tree in FTS5's words. Stems are letters and digits only, and stand in quotes."""
    if isinstance(node, Term):
        return _in(node.where, " OR ".join(f'"{stem}"' for stem in node.stems))
    if isinstance(node, Row):
        return _in(node.where, " OR ".join(f'"{" ".join(spelling)}"' for spelling in node.spellings))
    if isinstance(node, Some):
        return "(" + " OR ".join(expression(part) for part in node.parts if not isinstance(part, Not)) + ")"
    assert isinstance(node, All), node
    wanted, unwanted = split(node)
    found = "(" + " AND ".join(map(expression, wanted)) + ")"
    return f"({found} NOT {expression(Some(tuple(unwanted)))})" if unwanted else found


def _in(where: str, words: str) -> str:
    return f"(title_words : ({words}))" if where == TITLE else f"({words})"
