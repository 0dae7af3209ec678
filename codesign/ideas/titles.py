"""How the words of titles begin, kept beside the ideas: so what may look like a text is found without reading all texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, union_all

from codesign.ideas.models import TitleWord
from codesign.ideas.texts import comparable
from codesign.kernel.db import look_up, session

#: So many letters of a word: “light”, “lights” and “lighting” begin alike.
LETTERS = 4
#: A text is asked for by so many of its rarest words, each in so many of the newest titles.
RAREST, NEWEST = 6, 2_000
#: So many words of a text are looked at.
MOST_WORDS = 24
_WORD = re.compile(r"\w{3,}")


def beginnings(words: Iterable[str]) -> list[str]:
    """How words begin, each once, in their order."""
    return list(dict.fromkeys(word[:LETTERS] for word in words))


def keep_title(space_id: str, idea_id: str, title: str, before: str | None = None) -> None:
    """Keep how the words of a title begin, in place of those of the title *before*. Needs a verb around it."""
    drop_titles(space_id, idea_id, before)
    keep_titles([(space_id, idea_id, title)])


def drop_titles(space_id: str, idea_id: str, title: str | None) -> None:
    """Forget the words of a title an idea had."""
    words = _words(title or "")
    if words:
        gone = delete(TitleWord).where(TitleWord.space_id == space_id, TitleWord.word.in_(words))
        session().connection().execute(gone.where(TitleWord.idea_id == idea_id))


def keep_titles(titles: Iterable[tuple[str, str, str]]) -> None:
    """Keep the words of new titles: the space, the idea, what it is called. Needs a verb around it."""
    rows = [
        {"space_id": space_id, "idea_id": idea_id, "word": word}
        for space_id, idea_id, title in titles
        for word in _words(title)
    ]
    if rows:  # not by the session: ideas that wait to be written stay together
        session().connection().execute(insert(TitleWord), rows)


def _words(title: str) -> list[str]:
    return beginnings(_WORD.findall(comparable(title)))


def likely(space_id: str, words: Iterable[str], most: int) -> list[str]:
    """The ids of ideas whose titles share the most of the rarest of *words*, the newest of those that share as many.

    However large the space, only so many rows are looked at.
    """
    wanted = beginnings(words)[:MOST_WORDS]
    counts = _counts(space_id, wanted)
    rarest = sorted(counts, key=lambda word: (counts[word], wanted.index(word)))[:RAREST]
    if not rarest:
        return []
    return list(look_up(_sharing(len(rarest)), space=space_id, most=most, **_named(rarest)).scalars())


def _counts(space_id: str, words: list[str]) -> dict[str, int]:
    """How many titles hold each word, counted up to ``NEWEST``; words that none holds are left out."""
    if not words:
        return {}
    return {row[0]: row[1] for row in look_up(_counting(len(words)), space=space_id, **_named(words))}


# Built once for each number of words: building takes longer than running.


@lru_cache
def _sharing(count: int) -> Select[str]:
    found = _titles_with(TitleWord.idea_id, count)
    return select(found).group_by(found).order_by(func.count().desc(), found.desc()).limit(bindparam("most"))


@lru_cache
def _counting(count: int) -> Select[str, int]:
    each = _titles_with(TitleWord.word, count)
    return select(each, func.count()).group_by(each)


def _titles_with(column: Any, count: int) -> Any:
    """A column of the newest titles that hold each of so many words."""
    some = select(column).where(TitleWord.space_id == bindparam("space")).order_by(TitleWord.idea_id.desc())
    held = (some.where(TitleWord.word == bindparam(f"word_{n}")).limit(NEWEST).subquery() for n in range(count))
    return union_all(*map(select, held)).subquery().c[0]


def _named(words: list[str]) -> dict[str, str]:
    return {f"word_{n}": word for n, word in enumerate(words)}
