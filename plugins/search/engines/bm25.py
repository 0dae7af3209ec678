"""The order of what was found: BM25 over the words of the spaces that are searched.

S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with k1 = 1.2, b = 0.75; a word
in a title counts four times. What one word may stand for (its forms, what it may become, what it was meant to be) counts
as one word. A text that has the very words that were typed comes before one that has other forms of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from .. import vocabulary
from ..models import Document
from ..queries import TITLE, Some
from .base import TITLE_WEIGHT, Match, Row, Term, Wish, match_of, stems_in

#: So many documents are ranked anew, by these columns.
RANKED = 200
READ = (Document.title_words, Document.body_words, Document.vocabulary)

K1, B = 1.2, 0.75
#: How much the very word tells beside a form of it (see the README for how it was chosen).
VERY_WORD = 0.3

#: One or several ways to write what is looked for, each word by word.
Spellings = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Corpus:
    """What is known of all documents: how many, how long on average, in how many each stem stands."""

    documents: int
    average: float
    frequencies: Mapping[str, int]

    def rarity(self, spellings: Spellings) -> float:
        """How much it tells that one of these stands in a document: of a phrase its rarest word counts."""
        return rarity(
            self.documents,
            sum(min(self.frequencies.get(stem, 0) for stem in spelling) for spelling in spellings if spelling),
        )


@dataclass(frozen=True)
class Asked:
    """One thing that is looked for, in each of its spellings, and how much it tells."""

    spellings: Spellings
    where: str
    rarity: float


def rarity(documents: int, known: int) -> float:
    """How much a word tells that stands in *known* of all *documents*; never below nothing (as Lucene has it)."""
    known = min(known, documents)
    return log(1 + (documents - known + 0.5) / (known + 0.5))


def ranked_anew(wish: Wish, rows: Sequence[Any]) -> list[Match]:
    """The best of *rows*: the fields of a ``Match``, then those of ``READ``."""
    texts = [(row.title_words.split(), row.body_words.split()) for row in rows]
    counted: Mapping[str, int] | None = None
    if len(rows) < max(RANKED, wish.most) and isinstance(wish.node, Some | Term):
        # these are all there are: no need to take the vocabulary's word for it
        counted = Counter(stem for title, body in texts for stem in {*title, *body})
    corpus = corpus_of(wish, counted)
    asked = [Asked(spellings, where, corpus.rarity(spellings)) for spellings, where in _asked(wish.node)]
    forms = (weigh(asked, title, body, corpus.average) for title, body in texts)
    weights = [form + VERY_WORD * very for form, very in zip(forms, _very_words(wish.typed, rows), strict=True)]
    best = sorted(zip(rows, weights, strict=True), key=lambda pair: (-pair[1], pair[0].id))
    return [match_of(row, weight) for row, weight in best[: wish.most]]


def _very_words(typed: frozenset[str], rows: Sequence[Any]) -> list[float]:
    """How much the very words tell that each row has: the rarer among *rows*, the more."""
    present = [sorted(typed.intersection(row.vocabulary.split())) for row in rows]
    counted = Counter(word for found in present for word in found)
    telling = {word: rarity(len(rows), count) for word, count in counted.items()}
    return [sum(telling[word] for word in found) for found in present]


def corpus_of(wish: Wish, counted: Mapping[str, int] | None = None) -> Corpus:
    """What is known of all documents of the spaces that are searched; *counted*: in how many each stem stands."""
    index = vocabulary.indexed(wish.spaces)
    if counted is None:
        counted = vocabulary.frequencies(wish.spaces, stems_in(wish.node))
    return Corpus(index.documents, index.length / max(1, index.documents), counted)


def weigh(asked: Sequence[Asked], title: Sequence[str], body: Sequence[str], average: float) -> float:
    """The weight of one document; *average* is the length of documents in words."""
    words = [*title, *body]
    norm = K1 * (1 - B + B * len(words) / max(1.0, average))
    weight = 0.0
    for each in asked:
        count = sum(TITLE_WEIGHT if place < len(title) else 1.0 for place in _places(each, words, len(title)))
        weight += each.rarity * count * (K1 + 1) / (count + norm)
    return weight


def _asked(node: Any) -> list[tuple[Spellings, str]]:
    """What is looked for, each once, in the order of the query."""
    if isinstance(node, Row):
        return [(node.spellings, node.where)]
    if isinstance(node, Term):
        return [(tuple((stem,) for stem in node.stems), node.where)]
    return list(dict.fromkeys(pair for part in getattr(node, "parts", ()) for pair in _asked(part)))


def _places(asked: Asked, words: Sequence[str], titles: int) -> list[int]:
    """Where it stands in a document whose first *titles* words are its title."""
    searched = words[:titles] if asked.where == TITLE else words
    firsts = {spelling[0] for spelling in asked.spellings if spelling}
    if firsts.isdisjoint(searched):
        return []
    places = [place for place, word in enumerate(searched) if word in firsts]
    longer = [spelling for spelling in asked.spellings if len(spelling) > 1]
    if not longer:
        return places
    return [
        place for place in places if any(tuple(searched[place : place + len(each)]) == each for each in asked.spellings)
    ]
