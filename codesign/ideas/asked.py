"""What plugins answer to a search and to a text being typed, as far as the viewer may see it; else core's own answer.

Plugins are asked before anything is read, never inside a snapshot: whoever is slow there would hold it open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select

from codesign.events.log import about
from codesign.hooks.facts import Facet, Found, Hit
from codesign.ideas.facts import Lookalike
from codesign.ideas.models import Idea
from codesign.ideas.ports import ports
from codesign.ideas.queries import get_ideas
from codesign.ideas.reading import sees
from codesign.ideas.similar import find_similar
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import offload, reading, session
from codesign.spaces.access import look
from codesign.spaces.facts import Access

#: How long a plugin may still find what went out of sight: its index follows the log, a moment behind.
GRACE = timedelta(minutes=5)
_GONE = ("idea.hidden", "idea.withdrawn", "comment.hidden", "comment.removed", "note.removed")
LONGEST_SNIPPET, MOST_MARKS = 300, 50

#: The plugin that answered a search, and what it found.
Answered = tuple[str, Found]


@dataclass(frozen=True)
class Matches:
    """What a plugin found in one space for one viewer: ``ideas`` are ids, best first, each with the hits on it."""

    plugin: str
    ideas: Mapping[str, tuple[Hit, ...]]
    did_you_mean: str = ""
    facets: tuple[Facet, ...] = ()


def ask_search(actor: Actor, reference: str, words: str | None) -> Answered | None:
    """Let plugins of a space search for *words*; None leaves it to core. Raises NotFound, Forbidden as the gate does."""
    if not words or not words.strip():
        return None
    return ports.search(look(actor, reference).space, actor, words)


@reading
def read_matches(access: Access, answer: Answered | None) -> Matches | None:
    """The part of an answer that the viewer may see, by idea; a plugin that told more is blamed."""
    if answer is None:
        return None
    plugin, found = answer
    ideas, dropped = _sort_out(access, found.hits)
    ports.blame(plugin, "search_contributions", _unexcused(access, dropped))
    if dropped:
        return Matches(plugin, ideas)
    return Matches(plugin, ideas, found.did_you_mean, found.facets)


def look_alike(actor: Actor, access: Access, text: str, limit: int = 5, skip: str | None = None) -> list[Lookalike]:
    """Ideas that resemble *text*, most alike first: as plugins say, else as core finds them. *skip* leaves one out."""
    answer = ports.lookalikes(access.space, actor, text)
    if answer is None:
        return offload(find_similar, access, text, limit, skip)
    return _seen_lookalikes(access, answer, limit, skip)


@reading
def _seen_lookalikes(access: Access, answer: list[tuple[str, Hit]], limit: int, skip: str | None) -> list[Lookalike]:
    plugins = {hit.id: plugin for plugin, hit in answer}
    ideas, dropped = _sort_out(access, [hit for _plugin, hit in answer if hit.kind == "idea"])
    told = [plugins[gone] for gone in dropped - _just_gone(access, dropped)]
    for plugin in sorted(set(told)):
        ports.blame(plugin, "find_similar", told.count(plugin))
    facts = get_ideas(access, ideas)
    shown = [facts[idea] for idea in ideas if idea in facts and idea != skip]
    best = [idea for idea in shown if idea.state == PUBLISHED and idea.merged_into is None][:limit]
    return [Lookalike(idea, max(0.0, min(1.0, ideas[idea.id][0].weight))) for idea in best]


def _sort_out(access: Access, hits: Iterable[Hit]) -> tuple[dict[str, tuple[Hit, ...]], set[str]]:
    """The hits the viewer may see, by idea, and the ids of what is there and not for them."""
    hits = [hit for hit in hits if hit.kind in {"idea", "comment"} and hit.space_id == access.space.id]
    comments = [hit.id for hit in hits if hit.kind == "comment"]
    on = ports.comments_read(access, comments) if comments else {}
    places = [(hit, hit.id if hit.kind == "idea" else on.get(hit.id)) for hit in hits]
    states = _states({place for _hit, place in places if place}, access)
    kept: dict[str, tuple[Hit, ...]] = {}
    dropped = {comment for comment, place in on.items() if place is None}
    for hit, place in places:
        if place is not None and states.get(place):
            kept[place] = (*kept.get(place, ()), _tidy(hit))
        elif place in states:
            dropped.add(hit.id)
    return kept, dropped


def _states(idea_ids: Iterable[str], access: Access) -> dict[str, bool]:
    """Which of these ideas are in the space, and whether the viewer may see each."""
    query = select(Idea.id, Idea.state, Idea.author_id).where(Idea.id.in_(sorted(idea_ids)))
    rows = session().execute(query.where(Idea.space_id == access.space.id))
    return {row.id: sees(access, row.state, row.author_id) for row in rows}


def _tidy(hit: Hit) -> Hit:
    """A hit whose snippet and marks are what they should be."""
    snippet = hit.snippet[:LONGEST_SNIPPET]
    marks, end = [], 0
    for mark in sorted(mark for mark in hit.marks if _is_mark(mark))[:MOST_MARKS]:
        if end <= mark[0] < mark[1] <= len(snippet):
            marks.append((mark[0], mark[1]))
            end = mark[1]
    return replace(hit, snippet=snippet, marks=tuple(marks))


def _is_mark(mark: object) -> bool:
    return isinstance(mark, list | tuple) and len(mark) == 2 and all(type(place) is int for place in mark)


def _unexcused(access: Access, dropped: set[str]) -> int:
    return len(dropped - _just_gone(access, dropped))


def _just_gone(access: Access, ids: set[str]) -> set[str]:
    """Which of these went out of sight only now."""
    if not ids:
        return set()
    gone = about(access.space.id, _GONE, after=clock.now() - GRACE)
    return ids & {value for fact in gone for value in fact.payload.values() if isinstance(value, str)}
