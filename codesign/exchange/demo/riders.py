"""What demo people compose, and what they take from cards: a hidden taste each, with some luck."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

#: How far people who share a taste stray from it, for each option.
_SPREAD = 0.35
#: How much luck there is in what somebody takes; 1 would be that of the logit.
_LUCK = 0.6


@dataclass(frozen=True)
class Composed:
    """What somebody composes: the options they choose, those their choices rule out but they wish, how it came about.

    ``goes_on_from`` names the idea whose configuration was forked, ``gives_up`` what of it was left. Each of ``swaps`` is an
    option taken last, with what was given up for it. ``completes`` is a goal: the rest was filled in by the engine.
    """

    chooses: tuple[str, ...]
    wishes: tuple[str, ...] = ()
    goes_on_from: str | None = None
    gives_up: tuple[str, ...] = ()
    swaps: tuple[tuple[str, tuple[str, ...]], ...] = ()
    completes: str | None = None


@dataclass(frozen=True)
class EditText:
    """What somebody chose in a draft that several edit; ``unseen``: at the same moment as the one before them."""

    by: str
    days: float
    chooses: tuple[str, ...]
    unseen: bool = False


@dataclass(frozen=True)
class DraftText:
    """A configuration somebody keeps to themselves, or shares with those who made ``edits``."""

    space: str
    by: str
    name: str
    days: float
    composed: Composed
    edits: tuple[EditText, ...] = ()


@dataclass(frozen=True)
class TasteText:
    """People who would take the same: what options are worth to them (in units of the logit), and taking nothing."""

    space: str
    people: tuple[str, ...]
    cards: int
    days: float
    nothing: float
    worths: Mapping[str, float]


@dataclass(frozen=True)
class Sitting:
    """Somebody answers some cards in one go, by a taste of their own."""

    days: float
    person: str
    cards: int
    nothing: float
    worths: Mapping[str, float]


def sittings(taste: TasteText, chance: random.Random) -> Iterator[Sitting]:
    """When the people of *taste* answer cards, and what each of them likes."""
    for person in taste.people:
        days = 0.2 + (taste.days - 0.2) * chance.random() ** 1.6
        worths = {option: worth + chance.gauss(0, _SPREAD) for option, worth in taste.worths.items()}
        yield Sitting(days, person, taste.cards, taste.nothing, worths)


def take(
    things: Sequence[Sequence[str]], worths: Mapping[str, float], nothing: float, chance: random.Random
) -> int | None:
    """Which of *things* somebody takes, None for none of them: what is worth most to them, with some luck (of a logit)."""
    found = [sum(worths.get(option, 0) for option in thing) + _luck(chance) for thing in things]
    best = max(range(len(found)), key=found.__getitem__)
    return best if found[best] > nothing + _luck(chance) else None


def _luck(chance: random.Random) -> float:
    return -_LUCK * math.log(-math.log(min(max(chance.random(), 1e-12), 1 - 1e-12)))
