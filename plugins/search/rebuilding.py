"""Making the index of a space anew, in small steps while others search and write.

A step is one transaction: SQLite has one writer, and nobody who votes should wait for a step longer than a moment. How many
texts are in it is found while going on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from codesign import sdk

from . import index, words
from .index import Entry
from .models import Document, IndexState, Vocabulary

#: How many texts are read at once: each time the database sorts the ids of the whole space to find where it was.
READ = 8_000
#: How much work the writing of a step should be, in seconds of the processor (how long it takes tells as much of what else
#: goes on), and how many texts it has at least and at most.
AIM, LEAST, MOST = 0.02, 40, 400
#: How many words are counted in one step.
_WORDS = 500


@dataclass
class Pace:
    """How many texts the next step takes."""

    size: int = LEAST

    def hear(self, texts: int, used: float) -> None:
        """To write so many *texts* so many seconds were used."""
        self.size = round(max(LEAST, min(MOST, 2 * self.size, texts * AIM / max(used, 0.001))))


def rebuild(space_id: str, otherwise: str, advance: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Read everything again; returns how many texts there are. ``advance(done, total)`` hears of each step; both count
    ideas."""
    with sdk.read():
        total = sdk.count_ideas(space_id)
    pace, seen, done = Pace(), set[str](), 0
    for ideas in _portions(lambda after, size: sdk.idea_texts(space_id, after=after, limit=size), pace):
        _bring_in(space_id, ideas, [index.entry_of_idea(idea, otherwise) for idea in ideas], sdk.idea_texts, pace)
        seen.update(idea.id for idea in ideas)
        done += len(ideas)
        advance(min(done, total), total)
    for said in _portions(lambda after, size: sdk.comment_texts(space_id, after=after, limit=size), pace):
        with sdk.read():
            on = {idea.id: idea for idea in sdk.idea_texts(space_id, [comment.idea_id for comment in said])}
        told = [comment for comment in said if comment.idea_id in on]
        entries = [index.entry_of_comment(comment, on[comment.idea_id], otherwise) for comment in told]
        _bring_in(space_id, told, entries, sdk.comment_texts, pace)
        seen.update(comment.id for comment in told)
    _sweep(space_id, seen)
    _recount(space_id)
    sdk.verb(index.trust)(space_id)
    return len(seen)


def _portions(read: Callable[[str, int], Sequence[Any]], pace: Pace) -> Iterator[Sequence[Any]]:
    after = ""
    while True:
        with sdk.read():
            found = read(after, READ)
        if not found:
            return
        start = 0
        while start < len(found):
            portion = found[start : start + pace.size]
            start += len(portion)
            yield portion
        after = found[-1].id


def _bring_in(
    space_id: str, texts: Sequence[Any], entries: Sequence[Entry], read: Callable[..., Sequence[Any]], pace: Pace
) -> None:
    """Write entries of texts that were read a moment ago; those that changed since come by the log. In halves, where
    all of them together would keep others waiting."""
    try:
        pace.hear(len(texts), _write_unchanged(space_id, texts, entries, read))
    except sdk.Unavailable:
        if len(entries) < 2:
            raise
        middle = len(entries) // 2
        _bring_in(space_id, texts[:middle], entries[:middle], read, pace)
        _bring_in(space_id, texts[middle:], entries[middle:], read, pace)


@sdk.verb
def _write_unchanged(
    space_id: str, texts: Sequence[Any], entries: Sequence[Entry], read: Callable[..., Sequence[Any]]
) -> float:
    """Write what is still as it was read; returns how much work that was."""
    index.lock(space_id)
    now = {text.id: text for text in read(space_id, [text.id for text in texts])}
    started = time.thread_time()
    index.write(space_id, [entry for entry, text in zip(entries, texts, strict=True) if now.get(text.id) == text], [])
    return time.thread_time() - started


def _sweep(space_id: str, seen: set[str]) -> None:
    """Take out what is not published any more: whatever was not *seen* is looked at once more."""
    with sdk.read() as session:
        query = select(Document.id, Document.kind).where(Document.space_id == space_id)
        unseen = [row for row in session.execute(query) if row.id not in seen]
    for kind, renew in ((index.IDEA, index.renew_ideas), (index.COMMENT, index.renew_comments)):
        ids = [row.id for row in unseen if row.kind == kind]
        for start in range(0, len(ids), index.MANY):
            sdk.verb(renew)(space_id, ids[start : start + index.MANY], "en")


def _recount(space_id: str) -> None:
    """Set right what was counted wrongly. What is missing is added, so counting may go on meanwhile."""
    with sdk.read() as session:
        spoken: dict[str, Counter[str]] = {}
        columns = select(Document.language, Document.vocabulary).where(Document.space_id == space_id)
        for row in session.execute(columns.execution_options(yield_per=500)):
            spoken.setdefault(row.language, Counter()).update(row.vocabulary.split())
        counted: Counter[tuple[str, str]] = Counter()
        for language, found in spoken.items():
            for word, documents in found.items():
                counted[word, words.stem(word, language)] += documents
        kept = select(Vocabulary.word, Vocabulary.stem, Vocabulary.documents).where(Vocabulary.space_id == space_id)
        counted.subtract({(row.word, row.stem): row.documents for row in session.execute(kept)})
        sums = select(func.count(), func.coalesce(func.sum(Document.length), 0)).where(Document.space_id == space_id)
        documents, length = session.execute(sums).one()
        state = session.get(IndexState, space_id)
        off = (documents - state.documents, length - state.length) if state else (0, 0)
    wrong = [(pair, count) for pair, count in counted.items() if count]
    for start in range(0, len(wrong), _WORDS):
        sdk.verb(index.count_words)(space_id, Counter(dict(wrong[start : start + _WORDS])))
    if any(off):
        _add_up(space_id, *off)


@sdk.verb
def _add_up(space_id: str, documents: int, length: int) -> None:
    state = index.lock(space_id)
    state.documents += documents
    state.length += length
