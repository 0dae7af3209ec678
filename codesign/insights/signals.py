"""From what people did to situations in which they chose: pure, without database, web or solver.

Each thing people do says that they would rather have one thing than another. A card says it outright. Whoever publishes a
configuration preferred it to what else could be composed, of which a few random ones stand in; the same, more weakly, for
who votes for it (they may have seen nothing else). A fork was preferred to what it came from, a wish to going without, a
repair to what was given up for it. (McFadden's sampling of alternatives: "Modelling the choice of residential location",
1978; configuration.md §4 of the design measured what it is good for.)
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign.insights.choice_model import Choices, Fit, NotIdentified, fit
from codesign.kernel.few import LEAST_PEOPLE
from codesign.products.engine import Model

CARD, PUBLICATION, FORK, WISH, REPAIR, VOTE = "cards", "publications", "forks", "wishes", "repairs", "votes"
#: How much one of each weighs beside an answer to a card, which weighs 1.
WEIGHTS: Mapping[str, float] = {CARD: 1.0, PUBLICATION: 1.0, FORK: 0.5, WISH: 0.5, REPAIR: 0.5, VOTE: 0.25}
#: Random configurations that stand in for what else somebody could have composed.
OTHERS = 5
#: Votes on one configuration are spread over so many draws of others.
MOST_DRAWS = 10
#: Options are told from each other by at most so many numbers, the most seen ones, in a table of at most so many cells.
MOST_OPTIONS = 400
MOST_CELLS = 4_000_000
RIDGE, RIDGE_OF_NONE = 1.0, 0.01
#: An estimate is shown from so many views on, of at least ``LEAST_PEOPLE`` people.
LEAST_VIEWS = 30


@dataclass(frozen=True)
class Thing:
    """A configuration: the options it ``has``, and those it leaves ``open`` (a choice that has to be made, and was not)."""

    has: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()


NOTHING = Thing()


@dataclass(frozen=True)
class Situation:
    """Somebody took ``things[taken]``. ``none`` says that the last thing is "none of these".

    ``seen`` are the options this tells something of, ``people`` whoever it comes from, ``times`` how often it happened.
    """

    kind: str
    things: tuple[Thing, ...]
    taken: int
    people: frozenset[str]
    seen: frozenset[str]
    weight: float
    times: int = 1
    none: bool = False


def from_card(shown: Sequence[Thing], chosen: int | None, person: str) -> Situation:
    """An answer to a card: the number of the thing chosen, None for none of them."""
    taken = len(shown) if chosen is None else chosen
    return Situation(
        CARD, (*shown, NOTHING), taken, frozenset([person]), differing(shown), WEIGHTS[CARD], none=True
    )  # fmt: skip


def from_publication(key: str, own: Thing, person: str, pool: Sequence[Thing]) -> Situation:
    """A published configuration, against some others; *key* settles which."""
    things = (own, *_others(key, own, pool))
    return Situation(PUBLICATION, things, 0, frozenset([person]), differing(things), WEIGHTS[PUBLICATION])


def from_fork(parent: Thing, child: Thing, person: str) -> Situation:
    """A published fork, against what it was made from."""
    things = (child, parent)
    return Situation(FORK, things, 0, frozenset([person]), differing(things), WEIGHTS[FORK])


def from_wish(option: str, person: str) -> Situation:
    """An option somebody keeps as a wish."""
    having = Thing(frozenset([option]))
    return Situation(WISH, (having, NOTHING), 0, frozenset([person]), having.has, WEIGHTS[WISH])


def from_repair(option: str, gave_up: Iterable[str], person: str) -> Situation:
    """An option somebody gave up others for."""
    having, before = Thing(frozenset([option])), Thing(frozenset(gave_up))
    return Situation(REPAIR, (having, before), 0, frozenset([person]), having.has | before.has, WEIGHTS[REPAIR])


def from_votes(
    key: str, own: Thing, people: Sequence[str], pool: Sequence[Thing], *, against: bool
) -> Iterator[Situation]:
    """The votes for (or *against*) one configuration: against others, and only what it has was seen."""
    draws = min(len(people), MOST_DRAWS)
    for number in range(draws):
        others = _others(f"{key} {number}", own, pool)[: 1 if against else OTHERS]
        weight = WEIGHTS[VOTE] * len(people) / draws
        some = people[number::draws]
        yield Situation(
            VOTE, (own, *others), int(against), frozenset(some), own.has & differing((own, *others)), weight, len(some)
        )  # fmt: skip


def differing(things: Sequence[Thing]) -> frozenset[str]:
    """The options that some of these have and others have not, and none leaves open."""
    some = frozenset().union(*(thing.has for thing in things))
    every = some.intersection(*(thing.has for thing in things))
    return (some - every).difference(*(thing.open for thing in things))


def _others(key: str, own: Thing, pool: Sequence[Thing]) -> list[Thing]:
    """A few of *pool* beside *own*, always the same for a key: what is worked out again comes out the same."""
    dice = random.Random(key)  # noqa: S311 - a sample, not a secret
    return [thing for thing in dice.sample(pool, min(OTHERS + 1, len(pool))) if thing.has != own.has][:OTHERS]


@dataclass(frozen=True)
class PartWorth:
    """What an option adds to a configuration, in units of the logit, with its 95 % interval.

    Of a group of which exactly one is had, it is told against the mean of the group; of others, against going without.
    """

    option: str
    worth: float
    low: float
    high: float
    views: int
    people: int
    kinds: Mapping[str, int] = field(default_factory=dict)

    @property
    def enough(self) -> bool:
        """Whether it was seen often enough, by enough people, to be shown."""
        return self.views >= LEAST_VIEWS and self.people >= LEAST_PEOPLE


def part_worths(model: Model, situations: Sequence[Situation]) -> list[PartWorth]:
    """What each option is worth that anybody saw a choice of, in the order of the model."""
    usable = [situation for situation in situations if len(situation.things) > 1 and situation.seen]
    seen = _seen(model, usable)
    columns = {option: number for number, option in enumerate(seen)}
    if not columns:
        return []
    found = _fitted(model, columns, usable)
    if found is None:
        return []
    return [
        PartWorth(option, float(worth), float(low), float(high), *seen[option])
        for option, worth, (low, high) in zip(columns, found.part_worths, found.intervals(), strict=False)
    ]


def _seen(model: Model, situations: Iterable[Situation]) -> dict[str, tuple[int, int, dict[str, int]]]:
    """For each option that was seen: how often, by how many people, how often of each kind. The most seen ones only."""
    views: dict[str, dict[str, int]] = {}
    people: dict[str, set[str]] = {}
    for situation in situations:
        for option in situation.seen:
            kinds = views.setdefault(option, {})
            kinds[situation.kind] = kinds.get(situation.kind, 0) + situation.times
            people.setdefault(option, set()).update(situation.people)
    known = [option for option in views if option in model.options]
    most = set(sorted(known, key=lambda option: (-sum(views[option].values()), option))[:MOST_OPTIONS])
    return {
        option: (sum(views[option].values()), len(people[option]), dict(sorted(views[option].items())))
        for option in model.order
        if option in most
    }


def _fitted(model: Model, columns: Mapping[str, int], situations: Sequence[Situation]) -> Fit | None:
    """The fit in numbers that people can read; None where there is nothing to fit."""
    width = len(columns) + 1  # the last one is "none of these"
    chosen, cells = [], 0
    for situation in situations:
        cells += len(situation.things) * width
        if cells > MOST_CELLS:
            break
        chosen.append(situation)
    if not chosen:
        return None
    ridge = np.full(width, RIDGE)
    ridge[-1] = RIDGE_OF_NONE
    try:
        return fit(_choices(columns, chosen), ridge).seen_as(_readable(model, columns))
    except NotIdentified:
        return None


def _choices(columns: Mapping[str, int], situations: Sequence[Situation]) -> Choices:
    sizes = np.array([len(situation.things) for situation in situations])
    starts = np.cumsum(sizes) - sizes
    rows = np.zeros((int(sizes.sum()), len(columns) + 1))
    for start, situation in zip(starts, situations, strict=True):
        for place, thing in enumerate(situation.things):
            rows[start + place, [columns[option] for option in thing.has if option in columns]] = 1
        left_open = frozenset().union(*(thing.open for thing in situation.things))
        rows[start : start + len(situation.things), [columns[one] for one in left_open if one in columns]] = 0
        rows[start + len(situation.things) - 1, -1] = situation.none
    taken = starts + np.array([situation.taken for situation in situations])
    return Choices.of(rows, sizes, taken, [situation.weight for situation in situations])


def _readable(model: Model, columns: Mapping[str, int]) -> np.ndarray:
    """Turns numbers of options into what they are beside the others of their group, where exactly one is had."""
    turn = np.eye(len(columns) + 1)[:-1]
    for group, _parent in model.walk():
        places = [columns[option.id] for option in group.options if option.id in columns]
        if (group.least, group.most) == (1, 1) and places:
            turn[np.ix_(places, places)] -= 1 / len(places)
    return turn


def thing_of(model: Model, states: Mapping[str, str]) -> Thing:
    """A configuration from the state of its options: it has what is on, and leaves open where a group still wants more.

    An extra that nobody took is left out, not left open.
    """
    has = frozenset(option for option, state in states.items() if state in {"on", "forced_on"})
    left: set[str] = set()
    for group, parent in model.walk():
        inside = {option.id for option in group.options}
        if len(inside & has) < group.least and (parent is None or parent.id in has):
            left |= {option for option in inside if states.get(option) == "free"}
    return Thing(has, frozenset(left))
