"""Making the index of a space anew, in small steps while others search and write.

A step is one transaction: SQLite has one writer, and nobody who votes should wait for a step longer than a moment. How many
texts are in it is found while going on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import func, select

from codesign import sdk

from . import index, words
from .bulk import on_postgresql
from .index import Entry
from .models import Document, IndexState

#: How many texts are read at once: each time the database sorts the ids of the whole space to find where it was.
READ = 8_000
#: How much work the writing of a step should be, in seconds of the processor (how long it takes tells as much of what else
#: goes on), and how many texts it has at least and at most.
AIM, LEAST, MOST = 0.015, 40, 400
#: How many words are counted, and how many texts looked at once more, in one step.
_WORDS, _SWEPT = 500, 400
#: How often words are counted where others count at the same time.
_TRIES = 3


@dataclass
class Pace:
    """How many texts the next step takes, and when it may begin."""

    size: int = LEAST
    #: Whether a step keeps all others from writing; then they have the next moments, as many as it took.
    alone: bool = False
    _next: float = 0.0

    def hear(self, texts: int, used: float) -> None:
        """To write so many *texts* so many seconds were used."""
        self.size = round(max(LEAST, min(MOST, 2 * self.size, texts * AIM / max(used, 0.001))))

    def wait(self) -> None:
        """Let those write who wait: on SQLite they look for the lock from time to time, and would find it taken mostly."""
        time.sleep(max(0.0, self._next - time.monotonic()))

    def wrote(self, since: float) -> None:
        """A step kept others waiting *since* that moment."""
        now = time.monotonic()
        self._next = 2 * now - since if self.alone else now


def rebuild(space_id: str, otherwise: str, advance: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Read everything again; returns how many texts there are. ``advance(done, total)`` hears of each step; both count
    ideas."""
    with sdk.read():
        total, alone = sdk.count_ideas(space_id), not on_postgresql()
    pace, seen, done = Pace(alone=alone), set[str](), 0
    for portion in _portions(_Ideas(space_id, otherwise), pace):
        _bring_in(portion, pace)
        seen.update(entry.id for entry in portion.entries)
        done += len(portion.texts)
        advance(min(done, total), total)
    for portion in _portions(_Comments(space_id, otherwise), pace):
        _bring_in(portion, pace)
        seen.update(entry.id for entry in portion.entries)
    _sweep(space_id, seen, otherwise)
    any(_recount(space_id) for _try in range(_TRIES))
    sdk.verb(index.trust)(space_id)
    return len(seen)


@dataclass(frozen=True)
class _Ideas:
    """The ideas of a space, and how they are indexed."""

    space_id: str
    otherwise: str

    def read(self, ids: Iterable[str] | None = None, **portion: Any) -> list[Any]:
        """Some of them, or the next ones."""
        return sdk.idea_texts(self.space_id, ids, **portion)

    def entries(self, texts: Iterable[Any]) -> list[Entry]:
        """Ready to be written."""
        return [index.entry_of_idea(idea, self.otherwise) for idea in texts]


@dataclass(frozen=True)
class _Comments:
    """The comments of a space, each with the idea it is on (None: nobody sees that)."""

    space_id: str
    otherwise: str

    def read(self, ids: Iterable[str] | None = None, **portion: Any) -> list[Any]:
        """Some of them, or the next ones."""
        said = sdk.comment_texts(self.space_id, ids, **portion)
        ideas = {idea.id: idea for idea in sdk.idea_texts(self.space_id, {comment.idea_id for comment in said})}
        return [_Said(comment.id, comment, ideas.get(comment.idea_id)) for comment in said]

    def entries(self, texts: Iterable[Any]) -> list[Entry]:
        """Ready to be written."""
        seen = (said for said in texts if said.idea is not None)
        return [index.entry_of_comment(said.comment, said.idea, self.otherwise) for said in seen]


@dataclass(frozen=True)
class _Said:
    id: str
    comment: sdk.CommentText
    idea: sdk.IdeaText | None


@dataclass(frozen=True)
class _Portion:
    """Texts as they were when the log had this mark."""

    source: _Ideas | _Comments
    mark: str
    texts: Sequence[Any]

    @cached_property
    def entries(self) -> list[Entry]:
        """What becomes of them."""
        return self.source.entries(self.texts)

    def now(self) -> list[Entry]:
        """What becomes of them as they are now; nearly all are still the same."""
        known, made = {text.id: text for text in self.texts}, {entry.id: entry for entry in self.entries}
        texts = self.source.read(list(known))
        same = [made[text.id] for text in texts if text.id in made and known[text.id] == text]
        return same + self.source.entries(text for text in texts if known[text.id] != text)


def _portions(source: _Ideas | _Comments, pace: Pace) -> Iterator[_Portion]:
    after = ""
    while True:
        with sdk.read():
            mark = sdk.log_mark(source.space_id, index.CHANGES)
            found = source.read(after=after, limit=READ)
        if not found:
            return
        start = 0
        while start < len(found):
            texts = found[start : start + pace.size]
            start += len(texts)
            yield _Portion(source, mark, texts)
        after = found[-1].id


def _bring_in(portion: _Portion, pace: Pace) -> None:
    """Write a portion that was read a moment ago. In halves, where all of it together would keep others waiting."""
    try:
        portion.entries  # noqa: B018 - worked out before others have to wait
        pace.wait()
        used, since = _write(portion)
        pace.hear(len(portion.texts), used)
        pace.wrote(since)
    except sdk.Unavailable:
        if len(portion.texts) < 2:
            raise
        middle = len(portion.texts) // 2
        for half in (portion.texts[:middle], portion.texts[middle:]):
            _bring_in(replace(portion, texts=half), pace)


@sdk.verb
def _write(portion: _Portion) -> tuple[float, float]:
    """Write what the texts are now: what they were, if nothing was said of any since. Returns how much work that was, and
    the moment from which others had to wait."""
    space_id, entries = portion.source.space_id, portion.entries
    started = time.thread_time()
    index.lock(space_id)
    since = time.monotonic()
    if sdk.log_mark(space_id, index.CHANGES) != portion.mark:
        entries = portion.now()
    index.write(space_id, entries, [text.id for text in portion.texts])
    return time.thread_time() - started, since


def _sweep(space_id: str, seen: set[str], otherwise: str) -> None:
    """Take out what is not published any more: whatever was not *seen* is looked at once more."""
    with sdk.read() as session:
        query = select(Document.id, Document.kind).where(Document.space_id == space_id)
        unseen = [row for row in session.execute(query) if row.id not in seen]
    for kind, renew in ((index.IDEA, index.renew_ideas), (index.COMMENT, index.renew_comments)):
        ids = [row.id for row in unseen if row.kind == kind]
        for start in range(0, len(ids), _SWEPT):
            sdk.verb(renew)(space_id, ids[start : start + _SWEPT], otherwise)


def _recount(space_id: str) -> bool:
    """Set right what was counted wrongly; whether all of it is right now. Counting may go on meanwhile: what is missing is
    added, but where somebody else has counted since (another rebuild, with the same in mind) that is left as it is."""
    with sdk.read() as session:
        spoken: dict[str, Counter[str]] = {}
        columns = select(Document.language, Document.vocabulary).where(Document.space_id == space_id)
        for row in session.execute(columns.execution_options(yield_per=500)):
            spoken.setdefault(row.language, Counter()).update(row.vocabulary.split())
        counted: Counter[tuple[str, str]] = Counter()
        for language, found in spoken.items():
            for word, documents in found.items():
                counted[word, words.stem(word, language)] += documents
        kept = {(row.word, row.stem): row.documents for row in session.execute(index.counts(space_id))}
        sums = select(func.count(), func.coalesce(func.sum(Document.length), 0)).where(Document.space_id == space_id)
        documents, length = session.execute(sums).one()
        state = session.get(IndexState, space_id)
        was = (state.documents, state.length) if state else (0, 0)
    counted.subtract(kept)
    wrong = [(pair, count, kept.get(pair, 0)) for pair, count in counted.items() if count]
    parts = [wrong[start : start + _WORDS] for start in range(0, len(wrong), _WORDS)]
    right = [_add_words(space_id, part) for part in parts]
    return all(right) and (was == (documents, length) or _add_up(space_id, was, (documents, length)))


@sdk.verb
def _add_words(space_id: str, wrong: Sequence[tuple[tuple[str, str], int, int]]) -> bool:
    index.lock(space_id)
    query = index.counts(space_id, [word for (word, _stem), _count, _was in wrong])
    now = {(row.word, row.stem): row.documents for row in sdk.session().execute(query)}
    missing = {pair: count for pair, count, was in wrong if now.get(pair, 0) == was}
    index.count_words(space_id, Counter(missing))
    return len(missing) == len(wrong)


@sdk.verb
def _add_up(space_id: str, was: tuple[int, int], documents_and_length: tuple[int, int]) -> bool:
    state = index.lock(space_id)
    if (state.documents, state.length) != was:
        return False
    state.documents, state.length = documents_and_length
    return True
