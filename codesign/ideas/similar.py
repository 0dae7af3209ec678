"""Look-alikes as core finds them: ideas that share uncommon words with a text, compared by letters of their titles.

In a space of some thousand ideas all texts are looked through, in a larger one titles by how their words begin.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, case, literal, select

from codesign.ideas.counts import count_ideas
from codesign.ideas.facts import Lookalike
from codesign.ideas.models import Idea
from codesign.ideas.reading import COLUMNS, full_facts
from codesign.ideas.texts import comparable
from codesign.ideas.titles import likely
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session
from codesign.kernel.finding import place_of
from codesign.spaces.facts import Access

MOST_STEMS = 6
CANDIDATES = 40
#: So many ideas are looked through, text by text.
MOST_READ = 5_000
LEAST_LIKENESS = 0.2
LONGEST = 300

_STOP_WORDS = frozenset(  # English and German; other languages lose little without
    """
    a about all also am an and any are as at be been but by can could do does for from get had has have how i if
    in into is it its just like make me more my no not of on one or our out please should so some than that the
    their them then there these they this to too up us use want was we what when where which who why will with
    would you your aber als am an auch auf aus bei bin bitte das dass dem den der des die doch ein eine einem
    einen einer eines er es für fuer hat ich im in ist kann man mehr mein mich mir mit nach nicht noch nur oder
    sein sich sie sind so soll um und uns von vor war was wenn wie wir wird zu zum zur
    """.split()  # noqa: SIM905 - words read better than a list of strings
)


def _uncommon(text: str) -> list[str]:
    """The uncommon words of a text, in their order."""
    words = dict.fromkeys(re.findall(r"\w{3,}", comparable(text[:LONGEST])))
    return [word for word in words if word not in _STOP_WORDS]


def stems(text: str) -> list[str]:
    """The uncommon words of a text without their endings, the longest first; at most a few."""
    cut = dict.fromkeys(word[: max(4, math.ceil(len(word) * 0.75))] for word in _uncommon(text))
    return sorted(cut, key=lambda stem: (-len(stem), stem))[:MOST_STEMS]


def _trigrams(text: str) -> set[str]:
    padded = f"  {text} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


def _likeness(mine: set[str], title: str, wanted: Sequence[str], body: str) -> float:
    """How much a text, by its letters and its stems, resembles a title (and a little: its body), from 0 to 1."""
    in_title, in_body = comparable(title), comparable(body)
    theirs = _trigrams(in_title)
    letters = len(mine & theirs) / len(mine | theirs)
    words = sum(1.0 if stem in in_title else 0.4 if stem in in_body else 0.0 for stem in wanted) / max(1, len(wanted))
    return max(letters, 0.5 * letters + 0.5 * words)


def _candidates(space_id: str, text: str, wanted: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Selects the ideas that are likely to look like a text."""
    if count_ideas(space_id) > MOST_READ:
        return select(*COLUMNS).where(Idea.id.in_(likely(space_id, _uncommon(text), CANDIDATES)))
    return select(*COLUMNS).where(Idea.id.in_(_holding(space_id, wanted).scalar_subquery()))


def _holding(space_id: str, wanted: Sequence[str]) -> Select[str]:
    """Selects the ids of the ideas that hold the most of these words, which are counted once for each idea."""
    hits = sum((case((place_of(Idea.search_text, stem) > 0, 1), else_=0) for stem in wanted), literal(0))
    counted = select(Idea.id, hits.label("hits")).where(
        Idea.space_id == space_id, Idea.state == PUBLISHED, Idea.merged_into.is_(None)
    )
    each = counted.limit(2 * MOST_READ).subquery("counted")  # the limit keeps databases from counting twice
    return select(each.c.id).where(each.c.hits > 0).order_by(each.c.hits.desc(), each.c.id.desc()).limit(CANDIDATES)


@reading
def find_similar(access: Access, text: str, limit: int = 5, skip: str | None = None) -> list[Lookalike]:
    """Published ideas of a space that resemble *text*, most alike first; *skip* leaves one out (the one in hand)."""
    wanted = stems(text)
    if not wanted:
        return []
    rows = [
        row
        for row in session().execute(_candidates(access.space.id, text, wanted))
        if row.space_id == access.space.id and row.state == PUBLISHED and row.merged_into is None and row.id != skip
    ]
    mine = _trigrams(comparable(text))
    alike = [(_likeness(mine, row.title, wanted, row.body), row) for row in rows]
    alike = sorted((pair for pair in alike if pair[0] >= LEAST_LIKENESS), key=lambda pair: (-pair[0], pair[1].id))
    best = alike[:limit]
    facts = full_facts(access, [row for _value, row in best])
    return [Lookalike(fact, value) for fact, (value, _row) in zip(facts, best, strict=True)]
