"""Configurations made of one that was seen: where one of a group is chosen, another often fits in its place as well.

Of thirty alternatives each has to be seen once; to look whether two change places is quicker than to ask for a configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import chain
from operator import or_

from codesign.products.engine.cnf import Clause, Clauses
from codesign.products.engine.solving import bits, numbers

PATIENCE = 3
"""What did not fit so many times in a row is not tried any more: it is bound to others."""


class Swaps:
    """The groups of a model of which one option can be had."""

    def __init__(self, clauses: Clauses) -> None:
        self.clauses = clauses
        self.group: dict[int, int] = {}
        self.place: dict[int, int] = {}
        for place, part in enumerate(clauses.parts):
            pairs = [clause for clause in part.clauses if len(clause) == 2 and max(clause) < 0]
            options = {-literal for clause in pairs for literal in clause}
            if part.kind == "group" and 2 * len(pairs) == len(options) * (len(options) - 1) > 0:
                self.group.update(dict.fromkeys(options, bits(options)))
                self.place.update(dict.fromkeys(options, place))
        if clauses.variables > clauses.options:
            # How auxiliary variables stand is not known of a configuration: what is bound to them keeps its place.
            bound = (clause for clause in clauses.every if max(map(abs, clause)) > clauses.options)
            for literal in chain.from_iterable(bound):
                self.group.pop(abs(literal), None)
        self.able = bits(self.group)
        self.failed: dict[int, int] = {}

    def about(self, literal: int) -> Iterator[Clause]:
        """The clauses with *literal*, but for those of its own group: that one of it is chosen remains."""
        for place, clauses in self.clauses.by_literal.get(literal, {}).items():
            if place != self.place[abs(literal)]:
                yield from clauses

    def made(self, seen: int, wanted: int, fixed: int) -> tuple[list[int], int]:
        """Configurations with one of *wanted* in the place of another option of its group in *seen*; none of *fixed* gives way.

        The second value is those of *wanted* that did not fit there.
        """
        made, unfit, wanted = list[int](), 0, wanted & self.able
        while wanted:
            group = self.group[(wanted & -wanted).bit_length()]
            others, chosen = wanted & group, seen & group & ~fixed
            wanted &= ~group
            # An option that is bound to an auxiliary variable is of its group for the others, but does not give way.
            if chosen.bit_length() in self.group:
                found = self.fitting(seen ^ chosen, chosen, others)
                made += found
                unfit |= others & ~reduce(or_, found, 0)
        return made, unfit

    def fitting(self, seen: int, chosen: int, others: int) -> list[int]:
        """*seen*, which has no longer what was *chosen*, with each of *others* that fits there."""
        missing = [clause for clause in self.about(chosen.bit_length()) if not holds(clause, seen)]
        found = []
        for option in numbers(others):
            made = seen | 1 << (option - 1)
            if all(option in clause for clause in missing) and all(
                holds(clause, made) for clause in self.about(-option)
            ):
                found.append(made)
                self.failed[option] = 0
            else:
                self.failed[option] = self.failed.get(option, 0) + 1
                if self.failed[option] == PATIENCE:
                    self.able &= ~(1 << (option - 1))
        return found


def holds(clause: Clause, on: int) -> bool:
    """Whether *clause* holds where these options (bits) are on and all others are off."""
    return any(on >> abs(literal) - 1 & 1 == (literal > 0) for literal in clause)
