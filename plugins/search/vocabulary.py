"""The words people use in a space: what a beginning can become, and what a misspelt word may have meant.

Only words of what is published there are known, so no suggestion tells of anything one could not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement

from codesign import sdk

from .models import IndexState, Vocabulary

#: A beginning stands for so many words, the most used ones.
MOST_WORDS = 48
#: Words of fewer letters are not corrected; longer ones may differ by one change, from eight letters on by two.
LEAST_LETTERS, LONG = 4, 8
_MOST_LIKE = 3
_CANDIDATES = 20_000


@dataclass(frozen=True)
class Indexed:
    """What the indexes of some spaces hold: whether all have caught up once, how many texts of how many words, and the
    languages these are written in, the most used first, at most six."""

    complete: bool
    documents: int
    length: int
    languages: tuple[str, ...]


def indexed(spaces: Sequence[str]) -> Indexed:
    """What the indexes of some spaces hold; inside a read block, and asked once in it."""
    memo: dict[tuple[str, ...], Indexed] = sdk.session().info.setdefault("search.indexed", {})
    key = tuple(spaces)
    if key not in memo:
        columns = (IndexState.complete, IndexState.documents, IndexState.length, IndexState.languages)
        rows = sdk.session().execute(select(*columns).where(IndexState.space_id.in_(spaces))).all()
        counted: Counter[str] = Counter()
        for row in rows:
            counted.update(row.languages)
        spoken = sorted(counted, key=lambda language: (-counted[language], language))[:6]
        whole = len(rows) == len(set(spaces)) and all(row.complete for row in rows)
        sums = (sum(row.documents for row in rows), sum(row.length for row in rows))
        memo[key] = Indexed(whole, *sums, tuple(spoken))
    return memo[key]


def frequencies(spaces: Sequence[str], stems: Iterable[str]) -> dict[str, int]:
    """In how many documents each stem stands, nearly (a text with two forms of a word counts twice)."""
    query = select(Vocabulary.stem, func.sum(Vocabulary.documents)).group_by(Vocabulary.stem)
    query = query.where(Vocabulary.space_id.in_(spaces), Vocabulary.stem.in_(sorted(set(stems))))
    return {stem: int(count) for stem, count in sdk.session().execute(query)}


def beginning(spaces: Sequence[str], start: str, without: Iterable[str] = ()) -> list[str]:
    """The stems of words that begin so, the most used words first; those *without* are left out."""
    query = select(Vocabulary.stem).where(Vocabulary.space_id.in_(spaces), *_begins(start))
    if left_out := sorted(word for word in without if word.startswith(start)):
        query = query.where(Vocabulary.word.not_in(left_out))
    used = func.sum(Vocabulary.documents)
    query = query.group_by(Vocabulary.word, Vocabulary.stem).order_by(used.desc(), Vocabulary.word).limit(MOST_WORDS)
    return list(dict.fromkeys(sdk.session().scalars(query)))


def alike(spaces: Sequence[str], word: str, least: int = 1) -> list[tuple[str, list[str]]]:
    """Words that stand in *least* texts and differ from *word* by a slip or two, likeliest first, each with its stems.

    Only the nearest: where one slip explains a word, two are not looked for.
    """
    if len(word) < LEAST_LETTERS or not word.isalpha():
        return []
    most = 2 if len(word) >= LONG else 1
    near = func.length(Vocabulary.word).between(len(word) - most, len(word) + most)
    used = func.sum(Vocabulary.documents)
    query = select(Vocabulary.word, Vocabulary.stem, used.label("used")).where(Vocabulary.space_id.in_(spaces), near)
    query = query.where(*_begins(word[0])).group_by(Vocabulary.word, Vocabulary.stem)
    query = query.having(used >= least).limit(_CANDIDATES)
    stems: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for row in sdk.session().execute(query):
        stems.setdefault(row.word, []).append(row.stem)
        counts[row.word] = counts.get(row.word, 0) + int(row.used)
    found = extract(word, counts.keys(), scorer=OSA.distance, score_cutoff=most, limit=None)
    ranked = sorted(((distance, -counts[near_word], near_word) for near_word, distance, _place in found))
    least = next((distance for distance, _count, _word in ranked if distance), 0)
    return [(near_word, stems[near_word]) for distance, _count, near_word in ranked if distance == least][:_MOST_LIKE]


def _begins(start: str) -> tuple[ColumnElement[bool], ...]:
    """Words from *start* up to the last that begins so; the index on words finds them."""
    return Vocabulary.word >= start, Vocabulary.word < start + "\U0010fffd"
