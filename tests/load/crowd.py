"""A large space as plain numbers: what both sides of the benchmark are filled with, so that both answer about the same people."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

DAY = 86_400_000
#: How far back the space goes.
DAYS = 730
WORDS = (  # noqa: SIM905 - a list of one word a line is no easier to read
    "lamp saddle basket brake bell mirror pedal chain battery display frame fork light lock map meter motor phone "
    "rack rain rider route screen seat sensor shelf signal stand strap switch tyre trailer tube valve weight wheel "
    "winter wood yellow zone"
).split()
#: Out of a hundred ideas, by kind of status; the others are open.
STAND = {"review": 4, "planned": 3, "building": 1, "shipped": 4, "declined": 5}


@dataclass(frozen=True)
class Proposal:
    """One idea; ``author`` is the number of a person, times are milliseconds since 1970."""

    number: int
    title: str
    body: str
    author: int
    at: int
    tags: tuple[str, ...]
    kind: str
    moved_at: int
    answer: str
    read: bool


@dataclass(frozen=True)
class Crowd:
    """So many ideas and votes until a moment, always the same ones."""

    until: int
    ideas: int = int(os.environ.get("BENCH_IDEAS", "100000"))
    votes_per_idea: int = int(os.environ.get("BENCH_VOTES_PER_IDEA", "10"))
    dice: random.Random = field(default_factory=lambda: random.Random(7), compare=False)

    @property
    def people(self) -> int:
        """So that an idea many want has somebody to want it."""
        return max(200, self.ideas // 5)

    @cached_property
    def proposals(self) -> list[Proposal]:
        """The ideas, the oldest first."""
        step = DAYS * DAY // self.ideas
        start = self.until - DAYS * DAY
        return [self._proposal(number, start + number * step) for number in range(self.ideas)]

    def _proposal(self, number: int, at: int) -> Proposal:
        dice, draw = self.dice, self.dice.randrange(100)
        kind, passed = "open", 0
        for name, share in STAND.items():
            if passed <= draw < passed + share:
                kind = name
            passed += share
        words = dice.choices(WORDS, k=24)
        body = f"I would like a {words[0]} with a {words[1]}. " + " ".join(words[2:]) + ". **Why:** it is dark."
        done = at + (self.until - at) // 3
        answer = f"We thought about the {words[0]}." if kind in {"planned", "shipped", "declined"} else ""
        return Proposal(
            number=number, title=f"A {words[0]} for the {words[1]}, number {number}", body=body,
            author=dice.randrange(self.people), at=at, tags=tuple(dict.fromkeys(words[2:4])), kind=kind,
            moved_at=done, answer=answer, read=dice.random() < 0.8,
        )  # fmt: skip

    def votes(self) -> list[tuple[int, int, int]]:
        """When, on which idea, by whom, in the order they were cast; a few ideas get most of them."""
        dice, seen, found = random.Random(11), set[int](), list[tuple[int, int, int]]()
        start, step = self.until - DAYS * DAY, DAYS * DAY // self.ideas
        while len(found) < self.ideas * self.votes_per_idea:
            idea = int(self.ideas * dice.random() ** 1.5) * 7_919 % self.ideas
            person = dice.randrange(self.people)
            key = idea * self.people + person
            if key not in seen:
                seen.add(key)
                born = start + idea * step
                found.append((born + int((self.until - born) * dice.random()), idea, person))
        found.sort()
        return found

    def comments(self) -> Iterator[tuple[int, int, int, str]]:
        """When, on which idea, by whom, and what; half as many as ideas."""
        dice = random.Random(13)
        for proposal in self.proposals:
            if dice.random() < 0.5:
                at = proposal.at + int((self.until - proposal.at) * dice.random())
                yield at, proposal.number, dice.randrange(self.people), "I want that too, for " + dice.choice(WORDS)
