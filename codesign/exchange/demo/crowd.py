"""Who votes for what, and when: a few ideas nearly everybody wants, a long tail, people who change their mind."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from codesign.exchange.demo.content import IdeaText, PersonText, SpaceText

_RISING_FOR = timedelta(hours=60)
# How likely people are to be on the page at each hour of the day: breakfast, lunch, a long evening, few at night.
_HOURS = (1, 0, 0, 0, 0, 2, 6, 12, 10, 8, 8, 9, 13, 11, 8, 8, 9, 12, 14, 17, 19, 16, 9, 4)
_CHANGES_MIND = {"upvote": 0.015, "updown": 0.03}


@dataclass(frozen=True)
class Cast:
    """One vote at a moment; None takes it back."""

    at: datetime
    idea: str
    person: str
    value: int | None


def cast_votes(
    space: SpaceText,
    ideas: Sequence[IdeaText],
    voters: Sequence[PersonText],
    now: datetime,
    chance: random.Random,
) -> Iterator[Cast]:
    """Every vote of the demo in *space*, in no particular order."""
    open_ideas = [idea for idea in ideas if not idea.held and idea.weight > 0]
    for person in voters:
        tastes = _tastes(person, space, chance)
        wanted = _appetite(space, len(open_ideas), chance)
        chosen = {idea.key: idea for idea in _choose(open_ideas, wanted, tastes, chance)}
        chosen |= {idea.key: idea for idea in open_ideas if idea.author == person.key and chance.random() < 0.9}
        for idea in chosen.values():
            yield from _vote(space, idea, person, now, chance)


def value_for(idea: IdeaText, kind: str, chance: random.Random) -> int:
    """What somebody thinks of *idea*: agree, disagree or pass in the shares its author of content gave it."""
    if kind == "upvote":
        return 1
    luck = chance.random()
    if luck < idea.agree:
        return 1
    return 0 if luck < idea.agree + idea.passing else -1


def _tastes(person: PersonText, space: SpaceText, chance: random.Random) -> set[str]:
    tastes = set(chance.sample(space.tags, k=min(3, len(space.tags))))
    return tastes | ({"repair", "partners"} if person.stakeholder_type == "partner" else set())


def _appetite(space: SpaceText, ideas: int, chance: random.Random) -> int:
    """How many ideas somebody votes on: most a handful, a few nearly all. The mean is what the space asks for."""
    spread = 0.8
    drawn = chance.lognormvariate(math.log(space.votes_per_person) - spread**2 / 2, spread)
    return max(1, min(round(drawn), round(ideas * 0.8)))


def _choose(ideas: Sequence[IdeaText], count: int, tastes: set[str], chance: random.Random) -> list[IdeaText]:
    """*count* of the ideas, the wanted ones more often, each at most once (Efraimidis and Spirakis, 2006)."""
    keys = {idea.key: math.log(1 - chance.random()) / _pull(idea, tastes) for idea in ideas}
    return sorted(ideas, key=lambda idea: keys[idea.key], reverse=True)[:count]


def _pull(idea: IdeaText, tastes: set[str]) -> float:
    """How strongly an idea draws somebody: how wanted it is, how long it was there to be seen, whose taste it meets."""
    seen = 1.0 if idea.rising else 0.15 + 0.85 * (1 - math.exp(-(idea.days - (idea.merged_days or 0)) / 12))
    return idea.weight**1.9 * seen * (2.2 if tastes & set(idea.tags) else 1.0)


def _vote(space: SpaceText, idea: IdeaText, person: PersonText, now: datetime, chance: random.Random) -> Iterator[Cast]:
    born = now - timedelta(days=idea.days)
    end = now - timedelta(days=idea.merged_days) if idea.merged_days is not None else now
    if idea.author == person.key:
        at = to_millisecond(born + min((end - born) / 2, timedelta(seconds=chance.uniform(4, 90))))
    else:
        at = _moment(born, end, idea.rising, chance)
    value = value_for(idea, space.kind, chance)
    yield Cast(at, idea.key, person.key, value)
    if chance.random() < _CHANGES_MIND[space.kind]:
        later = at + (end - at) * chance.uniform(0.01, 0.5)
        other = None if space.kind == "upvote" else chance.choice([one for one in (-1, 0, 1) if one != value])
        yield Cast(to_millisecond(later), idea.key, person.key, other)


def _moment(born: datetime, end: datetime, rising: bool, chance: random.Random) -> datetime:
    """A moment between the two, likely soon after the birth, at an hour when people are awake."""
    start = max(born, end - _RISING_FOR) if rising else born
    share = chance.random() if rising or chance.random() < 0.2 else chance.random() ** 2.3
    at = start + (end - start) * share
    hour = chance.choices(range(24), weights=_HOURS)[0]
    awake = at.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60))
    fits = born + timedelta(minutes=2) < awake < end
    return to_millisecond(awake if fits else born + (end - born) * (0.01 + 0.98 * share))


def to_millisecond(moment: datetime) -> datetime:
    """*moment* cut to what the log keeps."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
