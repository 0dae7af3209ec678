"""Reading ideas: the gate by id, one idea, lists, look-alikes, tags, followers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import bindparam, func, select, union_all

from codesign.ideas.facts import IdeaFact, TagFact, Tally
from codesign.ideas.lists import effective_sort, list_ideas
from codesign.ideas.models import Follow, Idea, IdeaTag
from codesign.ideas.reading import (
    COLUMNS,
    find_idea,
    find_row,
    full_facts,
    idea_access,
    rows_of,
    sees,
    sees_idea,
    survivor_of,
)
from codesign.ideas.scores import scores_of, statistics
from codesign.ideas.similar import find_similar
from codesign.ideas.tallies import read_tallies
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, PUBLISHED, STATES
from codesign.kernel.db import reading, session
from codesign.kernel.errors import NotFound
from codesign.spaces.facts import Access

__all__ = [
    "HELD_HERE", "carriers", "effective_sort", "find_idea", "find_similar", "followers_of", "get_idea", "get_ideas",
    "held_ideas", "idea_access", "ideas_by", "list_ideas", "list_tags", "scores_of", "seen_idea", "sees_idea",
    "statistics", "tallies_of", "wrote_before",
]  # fmt: skip

#: Selects how many ideas of the space ``:space`` wait for a moderator, to be put into another query.
HELD_HERE = select(func.count()).select_from(Idea).where(Idea.space_id == bindparam("space"), Idea.state == HELD)


@reading
def get_idea(actor: Actor, idea_id: str) -> IdeaFact:
    """One idea as *actor* may see it; for a merged one, where its chain of merges ends. Raises NotFound, Forbidden."""
    idea_access(actor, idea_id)
    return seen_idea(actor, idea_id)


@reading
def seen_idea(actor: Actor, idea_id: str) -> IdeaFact:
    """As ``get_idea``, for the answer to a change: a token that may only write gets to see what it wrote."""
    access, _plain = find_idea(actor, idea_id)
    row = find_row(idea_id)
    if row is None:
        raise NotFound()
    fact = full_facts(access, [row])[0]
    return replace(fact, survivor_id=survivor_of(idea_id)) if fact.merged_into else fact


@reading
def get_ideas(access: Access, idea_ids: Iterable[str]) -> dict[str, IdeaFact]:
    """Ideas of one space by id, as its viewer may see them; what they may not see is left out."""
    # Asked for the space as well, SQLite reads all of it instead of looking up the few.
    if not (wanted := sorted(set(idea_ids))):
        return {}
    rows = [
        row
        for row in rows_of(wanted).values()
        if row.space_id == access.space.id and sees(access, row.state, row.author_id)
    ]
    return {fact.id: fact for fact in full_facts(access, rows)}


@reading
def carriers(access: Access, configuration_ids: Iterable[str]) -> dict[str, IdeaFact]:
    """The ideas that carry configurations of a space, by configuration, as their viewer may see them."""
    wanted = Idea.configuration_id.in_(sorted(set(configuration_ids)))
    query = select(*COLUMNS).where(Idea.space_id == access.space.id, wanted).order_by(Idea.id.desc())
    rows = [row for row in session().execute(query) if sees(access, row.state, row.author_id)]
    return {fact.configuration_id: fact for fact in full_facts(access, rows) if fact.configuration_id}


@reading
def tallies_of(space_id: str, idea_ids: Iterable[str]) -> dict[str, Tally]:
    """Today's tallies of ideas of a space, whoever asks: the caller knows who may see them."""
    query = select(Idea.id, Idea.space_id).where(Idea.id.in_(sorted(set(idea_ids))))
    return read_tallies(session(), [row.id for row in session().execute(query) if row.space_id == space_id])


@reading
def list_tags(space_id: str, limit: int = 100) -> list[TagFact]:
    """The topics of a space's published ideas, the most used first."""
    every = select(IdeaTag.tag, func.count()).where(IdeaTag.space_id == space_id).group_by(IdeaTag.tag)
    # Few ideas are not shown: to count those and take them off spares a look at each of the others.
    here = select(Idea.id).where(Idea.space_id == space_id)
    unseen = union_all(
        here.where(Idea.state.in_([state for state in STATES if state != PUBLISHED])),
        here.where(Idea.state == PUBLISHED, Idea.merged_into.is_not(None)),
    )
    counts = {row[0]: row[1] for row in session().execute(every)}
    for row in session().execute(every.where(IdeaTag.idea_id.in_(unseen))):
        counts[row[0]] -= row[1]
    found = sorted((-count, tag) for tag, count in counts.items() if count > 0)
    return [TagFact(tag, -count) for count, tag in found[:limit]]


@reading
def followers_of(idea_id: str) -> list[str]:
    """The ids of everybody who wants to hear of an idea."""
    query = select(Follow.person_id).where(Follow.idea_id == idea_id, Follow.active.is_(True))
    return list(session().scalars(query.order_by(Follow.person_id)))


@reading
def held_ideas(access: Access, limit: int = 50, after: str = "") -> list[IdeaFact]:
    """Ideas that wait for a moderator, oldest first, with ids behind *after*."""
    query = select(*COLUMNS).where(Idea.space_id == access.space.id, Idea.state == HELD, Idea.id > after)
    return full_facts(access, session().execute(query.order_by(Idea.id).limit(limit)).all())


@reading
def ideas_by(access: Access, person_id: str, limit: int = 50) -> list[IdeaFact]:
    """The last ideas of somebody in a space, newest first, as far as the viewer may see them."""
    query = select(*COLUMNS).where(Idea.space_id == access.space.id, Idea.author_id == person_id)
    rows = session().execute(query.order_by(Idea.id.desc()).limit(limit))
    return full_facts(access, [row for row in rows if sees(access, row.state, row.author_id)])


@reading
def wrote_before(space_id: str, person_id: str | None) -> bool:
    """Whether a person has a published idea in a space: who has not is a newcomer to reviewers."""
    query = select(Idea.id).where(Idea.space_id == space_id, Idea.author_id == person_id, Idea.state == PUBLISHED)
    return person_id is not None and session().scalar(query.limit(1)) is not None
