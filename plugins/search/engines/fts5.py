"""SQLite's own full-text search, inside the application's database: same transaction, no second store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, column, literal_column, select, table, text
from sqlalchemy.sql.elements import ColumnElement

from codesign import sdk

from ..models import Document
from ..queries import TITLE, All, Not, Some
from .base import TITLE_WEIGHT, Match, Row, SqlEngine, Term, Wish, conditions, split
from .bm25 import RANKED, READ, ranked_anew

_WORDS = table("search_words", column("rowid"))
_RANK: Any = literal_column(f"bm25(search_words, {TITLE_WEIGHT}, 1.0)")


class Fts5(SqlEngine):
    """FTS5's BM25 chooses the first 200, ours orders them: FTS5 counts words over all spaces, so what is rare in one would
    not be, and the order would tell of spaces one may not see."""

    name = "fts5"

    def _having(self, node: Any) -> Any:
        found = _found(node)
        return found.join(Document, Document.number == found.c.number)

    def _lacking(self, unwanted: Sequence[Any]) -> list[ColumnElement[bool]]:
        return [Document.number.not_in(select(_found(Some(tuple(unwanted))).c.number))] if unwanted else []

    def _ranked(self, wish: Wish, columns: Sequence[Any]) -> list[Match]:
        found = _found(wish.node, _RANK.label("rank"))
        best = select(Document.number, found.c.rank, Document.id)
        best = best.select_from(found.join(Document, Document.number == found.c.number)).where(*conditions(wish))
        # Their words are looked up afterwards: SQLite would carry those of all documents through its sorting.
        few = best.order_by(found.c.rank, Document.id).limit(max(RANKED, wish.most)).subquery()
        query = select(*columns, *READ).select_from(few.join(Document, Document.number == few.c.number))
        return ranked_anew(wish, sdk.session().execute(query).all())


def _found(node: Any, *more: Any) -> Any:
    """The numbers of documents that have *node*. The limit keeps SQLite from asking for one document after the other."""
    matching = text("search_words MATCH :match").bindparams(bindparam("match", expression(node), unique=True))
    return select(_WORDS.c.rowid.label("number"), *more).where(matching).limit(-1).subquery()


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
