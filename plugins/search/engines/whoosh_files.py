"""An index in files, by Whoosh: for a SQLite without full-text search, up to about 20,000 texts.

The documents in the database are its outbox: before it answers, the index takes in what it lacks and drops what is gone.
So nothing is ever lost, whoever is killed when; and it is repaired by throwing the folder away.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from whoosh import query as ask
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import EmptyIndexError, LockError, create_in, open_dir

from codesign import sdk

from ..models import Document
from ..queries import TITLE, All, Not, Some
from .base import MATCHED, TITLE_WEIGHT, Match, Row, Term, Wish, conditions, idea_counts, match_of, split, tags_of

#: How long to wait for another process that is writing, in seconds; then what is there answers.
_PATIENCE = 2.0


class WhooshFiles:
    """Whoosh's own index and BM25F, titles weighing four times as much."""

    name = "whoosh"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._searcher: Any = None
        self._known: set[int] = set()

    def store(self, words: Mapping[str, tuple[str, str]]) -> None:
        """The index takes in new documents before it answers next."""

    def drop(self, numbers: Sequence[int]) -> None:
        """The index drops what is gone before it answers next."""

    def find(self, wish: Wish) -> list[Match]:
        """The best documents; see ``Engine.find``."""
        weights, rows = self._matching(wish)
        if weights is None:
            rows = sorted(rows, key=lambda row: (row.published_at, row.id), reverse=True)
            found = [match_of(row, 1.0 / (place + 1)) for place, row in enumerate(rows)]
        else:
            found = sorted(
                (match_of(row, weights[row.number]) for row in rows), key=lambda each: (-each.weight, each.id)
            )
        return found[: wish.most]

    def count(self, wish: Wish) -> dict[str, dict[str, int]]:
        """Counts to narrow by; see ``Engine.count``."""
        _weights, rows = self._matching(wish)
        return idea_counts(rows, tags_of({row.idea_id for row in rows}, wish.spaces))

    def total(self, wish: Wish) -> int:
        """How many ideas were found; see ``Engine.total``."""
        return len({row.idea_id for row in self._matching(wish)[1]})

    def _matching(self, wish: Wish) -> tuple[dict[int, float] | None, list[Any]]:
        """The documents found, with their weights (None: no words were asked for)."""
        wanted, unwanted = split(wish.node)
        columns = (*MATCHED, Document.status_id, Document.author_id, Document.published_at)
        rows = sdk.session().execute(select(*columns).where(*conditions(wish))).all()
        weights = self._weights(wish.node) if wanted else None
        hidden = self._weights(Some(tuple(unwanted))) if unwanted and not wanted else {}
        return weights, [row for row in rows if row.number not in hidden and (weights is None or row.number in weights)]

    def _weights(self, node: Any) -> dict[int, float]:
        with self._lock:
            searcher = self._caught_up()
            found = searcher.search(compiled(node), limit=None)
            return {int(hit["number"]): hit.score for hit in found}

    def _caught_up(self) -> Any:
        """A searcher over all documents of the database, or over those that were there a moment ago."""
        numbers = set(sdk.session().scalars(select(Document.number)))
        searcher = self._refreshed()
        if numbers == self._known:
            return searcher
        try:
            writer = self._index().writer(timeout=_PATIENCE, delay=0.02)
        except LockError:
            return searcher
        with writer:  # commits in the end; after an error the index stays as it was
            self._refreshed()  # another process may have done the work while this one waited
            for number in self._known - numbers:
                writer.delete_by_term("number", str(number))
            missing = sorted(numbers - self._known)
            for start in range(0, len(missing), 500):
                query = select(Document.number, Document.title_words, Document.body_words)
                for row in sdk.session().execute(query.where(Document.number.in_(missing[start : start + 500]))):
                    writer.add_document(number=str(row.number), title=row.title_words, body=row.body_words)
        return self._refreshed()

    def _index(self) -> Any:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            return open_dir(str(self.folder))
        except EmptyIndexError:
            words = SpaceSeparatedTokenizer()
            schema = Schema(
                number=ID(stored=True, unique=True),
                title=TEXT(analyzer=words, field_boost=TITLE_WEIGHT),
                body=TEXT(analyzer=words),
            )
            return create_in(str(self.folder), schema)

    def _refreshed(self) -> Any:
        before = self._searcher
        self._searcher = before.refresh() if before is not None else self._index().searcher()
        if self._searcher is not before:
            self._known = {int(fields["number"]) for fields in self._searcher.reader().all_stored_fields()}
        return self._searcher


def compiled(node: Any) -> Any:
    """A tree in Whoosh's words."""
    if isinstance(node, Term):
        return ask.Or([ask.Term(field, stem) for stem in node.stems for field in _fields(node.where)])
    if isinstance(node, Row):
        return ask.Or(
            [ask.Phrase(field, list(spelling)) for spelling in node.spellings for field in _fields(node.where)]
        )
    if isinstance(node, Some):
        return ask.Or([compiled(part) for part in node.parts if not isinstance(part, Not)])
    assert isinstance(node, All), node
    wanted, unwanted = split(node)
    found = ask.And([compiled(part) for part in wanted])
    return ask.AndNot(found, compiled(Some(tuple(unwanted)))) if unwanted else found


def _fields(where: str) -> tuple[str, ...]:
    return ("title",) if where == TITLE else ("title", "body")
