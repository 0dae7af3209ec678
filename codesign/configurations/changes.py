"""How a draft changes, step by step: pure, without database or engine. Every change can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

MOST_STEPS = 60
#: All steps of a draft together hold at most so many decisions; the oldest go first.
MOST_KEPT = 6_000
MOST_DECISIONS = 2_000
MOST_WISHES = 200


@dataclass(frozen=True)
class Choices:
    """What a person decided so far: yes or no by option, oldest first, and what they wish all the same."""

    decisions: Mapping[str, bool]
    wishes: tuple[str, ...] = ()

    def decided(self, option: str, value: bool | None) -> Choices:
        """With *option* decided anew (as the newest decision), or left open (None). A wish that is had is none any more."""
        kept = {name: told for name, told in self.decisions.items() if name != option}
        if value is not None:
            kept[option] = value
        wishes = tuple(name for name in self.wishes if not (name == option and value))
        return Choices(kept, wishes)

    def without(self, options: Iterable[str]) -> Choices:
        """Without the decisions on *options*."""
        gone = set(options)
        return Choices({name: told for name, told in self.decisions.items() if name not in gone}, self.wishes)

    def wishing(self, option: str, wished: bool) -> Choices:
        """With *option* as a wish, or without it."""
        others = tuple(name for name in self.wishes if name != option)
        return Choices(self.decisions, (*others, option) if wished else others)

    def same(self, other: Choices) -> bool:
        """Whether both say the same; when things were decided does not matter here."""
        return dict(self.decisions) == dict(other.decisions) and set(self.wishes) == set(other.wishes)


@dataclass(frozen=True)
class Past:
    """The steps that lead back and forth again. A step is what was there, and what was then done to which option."""

    past: tuple[dict[str, Any], ...] = ()
    future: tuple[dict[str, Any], ...] = ()

    def after(self, before: Choices, did: str, option: str = "") -> Past:
        """A change was made to *before*: what had been undone is gone."""
        return Past(_bounded((*self.past, _step(before, did, option))), ())

    def undone(self, now: Choices) -> tuple[Choices, Past]:
        """One step back; nothing happens where none is left."""
        if not self.past:
            return now, self
        *rest, last = self.past
        ahead = _step(now, last.get("did", ""), last.get("option", ""))
        return _choices(last), replace(self, past=tuple(rest), future=(*self.future, ahead))

    def redone(self, now: Choices) -> tuple[Choices, Past]:
        """One step forth again."""
        if not self.future:
            return now, self
        *rest, following = self.future
        behind = _step(now, following.get("did", ""), following.get("option", ""))
        return _choices(following), Past(_bounded((*self.past, behind)), tuple(rest))


def _step(choices: Choices, did: str, option: str) -> dict[str, Any]:
    return {"decisions": dict(choices.decisions), "wishes": list(choices.wishes), "did": did, "option": option}


def _choices(step: Mapping[str, Any]) -> Choices:
    return Choices(dict(step["decisions"]), tuple(step["wishes"]))


def _bounded(steps: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    steps, kept = steps[-MOST_STEPS:], 0
    for number, step in enumerate(reversed(steps)):
        kept += 1 + len(step["decisions"])
        if kept > MOST_KEPT:
            return steps[len(steps) - number :]
    return steps
