"""Searching: what was typed, in spaces the asker may see, becomes documents, counts and suggestions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from codesign import sdk
from codesign.sdk import Actor, SpaceFact

from . import queries, vocabulary
from .engines import engine
from .engines.base import Limit, Match, Wish
from .engines.bm25 import rarity
from .index import IDEA
from .limits import resolve
from .meaning import Meaning, Reader

MOST = 100
#: Fewer documents with all words than this are followed by those with some.
FEW = 3


@dataclass(frozen=True)
class Result:
    """What a search found: ``matches`` best first, ideas counted in ``counts`` (field → value → ideas)."""

    query: queries.Query
    matches: list[Match]
    counts: Mapping[str, Mapping[str, int]]
    meaning: Meaning
    notes: tuple[str, ...] = ()
    wider: bool = field(default=False)

    @property
    def total(self) -> int:
        """How many ideas were found, themselves or by a comment."""
        return self.counts.get("all", {}).get("", 0)


def search(
    spaces: Sequence[SpaceFact],
    actor: Actor,
    typed: str,
    language: str = "en",
    *,
    typing: bool = False,
    most: int = MOST,
) -> Result | None:
    """What *actor* finds in *spaces*, all of which they may look at; None while an index is still being made.

    ``typing`` takes the last word as a beginning, and counts ideas in all only: nobody narrows a word they still write.
    """
    ids = tuple(space.id for space in spaces)
    with sdk.read():
        if not ids or not vocabulary.indexed(ids).complete:
            return None
        query = queries.parse(typed, typing)
        narrowed = resolve(query, spaces, actor)
        meaning = Reader(ids, language).read(query)
        wish = Wish(ids, meaning.node, narrowed.limits, narrowed.since, narrowed.until, most, meaning.typed)
        if query.words is not None and meaning.node is None:
            return Result(query, [], {}, meaning, narrowed.notes)
        matches, wider = _find(wish, meaning)
        counted = wish.but(node=meaning.loose) if wider else wish
        counts = {"all": {"": _total(counted, matches)}} if typing else engine().count(counted)
        return Result(query, matches, counts, meaning, narrowed.notes, wider)


def _total(wish: Wish, matches: Sequence[Match]) -> int:
    """How many ideas were found; only where there is more than was taken must the engine be asked again."""
    if len(matches) < wish.most:
        return len({match.idea_id for match in matches})
    return engine().total(wish)


def _find(wish: Wish, meaning: Meaning) -> tuple[list[Match], bool]:
    """Documents with all words; where few have them, those with some after them. And whether it had to be widened."""
    found = engine().find(wish)
    if len(found) >= FEW or meaning.loose is None:
        return found, False
    known = {match.id for match in found}
    more = [match for match in engine().find(wish.but(node=meaning.loose)) if match.id not in known]
    return [*found, *more][: wish.most], bool(more)


def look_alikes(space: SpaceFact, text: str, language: str = "en", most: int = 8) -> list[Match] | None:
    """Ideas that resemble *text*, most alike first, with weights from 0 to 1; None while the index is being made."""
    with sdk.read():
        if not vocabulary.indexed((space.id,)).complete:
            return None
        meaning = Reader((space.id,), language).read_text(text)
        if meaning.node is None:
            return []
        wish = Wish((space.id,), meaning.node, (Limit("kind", (IDEA,)),), most=most, typed=meaning.typed)
        found = engine().find(wish)
        best = _same_words(space.id, meaning)
    return [replace(match, weight=min(1.0, match.weight / best)) for match in found]


def _same_words(space_id: str, meaning: Meaning) -> float:
    """The weight of an idea whose title is the text itself: what weights of look-alikes are measured by."""
    parts: Sequence[Any] = getattr(meaning.node, "parts", (meaning.node,))
    counted = vocabulary.frequencies((space_id,), meaning.stems)
    documents = vocabulary.indexed((space_id,)).documents
    known = (sum(counted.get(stem, 0) for stem in getattr(part, "stems", ())) for part in parts)
    return max(0.1, sum(rarity(documents, count) * 1.8 for count in known))
