"""BM25 as FTS5 computes it, for engines whose own ranking does not know how rare a word is.

S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with k1 = 1.2, b = 0.75; a word
in a title counts four times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Any

from sqlalchemy import func, select

from codesign import sdk

from .. import vocabulary
from ..models import IndexState
from .base import TITLE, TITLE_WEIGHT, Match, Row, Wish, match_of, stems_in

#: So many documents are ranked anew.
RANKED = 200

K1, B = 1.2, 0.75


@dataclass(frozen=True)
class Corpus:
    """What is known of all documents: how many, how long on average, in how many each stem stands."""

    documents: int
    average: float
    frequencies: Mapping[str, int]

    def rarity(self, stems: Sequence[str]) -> float:
        """How much it tells that these stems stand in a document: the rarest one counts."""
        known = min((self.frequencies.get(stem, 0) for stem in stems), default=0)
        known = min(known, self.documents)
        return max(1e-6, log((self.documents - known + 0.5) / (known + 0.5)))


def ranked_anew(wish: Wish, rows: Sequence[Any]) -> list[Match]:
    """The best of *rows*: the fields of a ``Match`` but its weight, then ``title_words`` and ``body_words``."""
    corpus = corpus_of(wish)
    texts = [(row.title_words.split(), row.body_words.split()) for row in rows]
    if len(rows) < max(RANKED, wish.most):  # these are all there are: no need to take the vocabulary's word for it
        counted = Counter(stem for title, body in texts for stem in {*title, *body})
        corpus = replace(corpus, frequencies=counted)
    weights = (weigh(wish.node, title, body, corpus) for title, body in texts)
    found = [match_of(row, weight) for row, weight in zip(rows, weights, strict=True)]
    return sorted(found, key=lambda match: (-match.weight, match.id))[: wish.most]


def corpus_of(wish: Wish) -> Corpus:
    """What is known of all documents of the spaces that are searched."""
    sums = select(func.sum(IndexState.documents), func.sum(IndexState.length))
    documents, length = sdk.session().execute(sums.where(IndexState.space_id.in_(wish.spaces))).one()
    known = vocabulary.frequencies(wish.spaces, stems_in(wish.node))
    return Corpus(int(documents or 0), (length or 0) / max(1, documents or 0), known)


def weigh(node: Any, title: Sequence[str], body: Sequence[str], corpus: Corpus) -> float:
    """The weight of one document for the words of *node*."""
    length = len(title) + len(body)
    norm = K1 * (1 - B + B * length / max(1.0, corpus.average))
    weight = 0.0
    for stems, where in _asked(node):
        count = TITLE_WEIGHT * _count(title, stems) + (0 if where == TITLE else _count(body, stems))
        if count:
            weight += corpus.rarity(stems) * count * (K1 + 1) / (count + norm)
    return weight


def _asked(node: Any) -> list[tuple[tuple[str, ...], str]]:
    if isinstance(node, Row):
        return [(spelling, node.where) for spelling in node.spellings]
    if hasattr(node, "parts"):
        return list(dict.fromkeys(pair for part in node.parts for pair in _asked(part)))
    return [((stem,), node.where) for stem in stems_in(node)] if hasattr(node, "where") else []


def _count(words: Sequence[str], stems: Sequence[str]) -> int:
    if len(stems) == 1:
        return words.count(stems[0])
    places = range(len(words) - len(stems) + 1)
    return sum(
        words[place] == stems[0] and tuple(words[place : place + len(stems)]) == tuple(stems) for place in places
    )
