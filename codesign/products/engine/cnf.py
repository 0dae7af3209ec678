"""From a model to clauses. Options are the variables 1…n in the order of `Model.options`; what comes after n is auxiliary.

Every auxiliary variable is *defined* (equivalent to something), so each configuration has exactly one way to set them and
counting clauses counts configurations. Definitions always hold; everything else belongs to a group, to the place of a group
in the tree, or to a rule, so that reasons can be given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations
from math import comb
from typing import Any

from codesign.kernel.errors import TooLarge
from codesign.kernel.text import _
from codesign.products.engine.formula import And, AtMost, Formula, Iff, Implies, Not, Or, Var
from codesign.products.engine.model import Group, Model

Clause = list[int]

MOST_LITERALS = 6_000_000
PAIRWISE = 100
"""Up to so many options "at most one" is said pair by pair; beyond that with auxiliary variables."""
FEW = 300
"""Up to so many clauses a cardinality is written out."""
DISTRIBUTE = 2_000
"""Up to so many literals a rule is multiplied out; beyond that its parts get names (Tseitin)."""


@dataclass
class Part:
    """The clauses of one thing that may be a reason: ``kind`` is rule, group, or part (an option needs the one above)."""

    kind: str
    id: str
    clauses: list[Clause] = field(default_factory=list)


@dataclass
class Clauses:
    """A model as clauses: ``parts`` in the order of the document, ``definitions`` of the variables after ``options``."""

    options: int
    variables: int
    parts: list[Part]
    definitions: list[Clause]

    @cached_property
    def every(self) -> list[Clause]:
        """All of them."""
        return [*self.definitions, *(clause for part in self.parts for clause in part.clauses)]

    @cached_property
    def by_literal(self) -> dict[int, dict[int, list[Clause]]]:
        """Where each literal stands, by the place of the part in `parts`; -1 are the definitions."""
        found: dict[int, dict[int, list[Clause]]] = {}
        for place, clauses in enumerate([self.definitions, *(part.clauses for part in self.parts)], -1):
            for clause in clauses:
                for literal in clause:
                    found.setdefault(literal, {}).setdefault(place, []).append(clause)
        return found

    def left(self, literals: Sequence[int]) -> list[Clause]:
        """What is left to satisfy where *literals* hold."""
        import numpy

        flat, starts = self._flat
        true = numpy.zeros(2 * self.variables + 1, dtype=bool)
        true[numpy.array(literals, dtype=numpy.int64) + self.variables] = True
        if not len(starts):
            return []
        left = numpy.flatnonzero(~numpy.logical_or.reduceat(true[flat + self.variables], starts))
        every = self.every
        return [every[place] for place in left]

    @cached_property
    def _flat(self) -> tuple[Any, Any]:
        """All literals one after the other, and where each clause begins. (None is empty.)"""
        import numpy

        flat = numpy.fromiter(chain.from_iterable(self.every), dtype=numpy.int64)
        lengths = numpy.fromiter(map(len, self.every), dtype=numpy.int64)
        return flat, numpy.cumsum(lengths) - lengths


def encode(model: Model) -> Clauses:
    """The clauses of *model*.

    Raises TooLarge beyond six million literals.
    """
    return _Encoder(model).run()


class _Encoder:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.number = {id: index for index, id in enumerate(model.options, 1)}
        self.top = len(self.number)
        self.definitions: list[Clause] = []
        self.true: int | None = None
        self.literals = 0

    def run(self) -> Clauses:
        parts = []
        for group, parent in self.model.walk():
            above = self.number[parent.id] if parent else None
            parts.append(Part("group", group.id, self.spend(self.group(group, above))))
            if above:
                below = [[-self.number[option.id], above] for option in group.options]
                parts.append(Part("part", group.id, self.spend(below)))
        for rule in self.model.rules:
            # A clause of nothing holds never: the opposite of what always does.
            clauses = [clause or [-self.always()] for clause in self.rule(rule.formula)]
            parts.append(Part("rule", rule.id, self.spend(clauses)))
        return Clauses(len(self.number), self.top, parts, self.definitions)

    def spend(self, clauses: list[Clause]) -> list[Clause]:
        self.literals += sum(map(len, clauses))
        if self.literals > MOST_LITERALS:
            raise TooLarge(_("The rules of this model are too large to be worked with."))
        return clauses

    def define(self, clauses: list[Clause]) -> None:
        self.definitions += self.spend(clauses)

    def fresh(self) -> int:
        self.top += 1
        return self.top

    # ---- how many ---------------------------------------------------------------------------------------------------

    def group(self, group: Group, above: int | None) -> list[Clause]:
        own = [self.number[option.id] for option in group.options]
        if not own:
            return []
        clauses = self.at_most(own, group.most)
        return clauses + [[-above, *clause] if above else clause for clause in self.at_least(own, group.least)]

    def at_least(self, literals: Sequence[int], number: int) -> list[Clause]:
        count = len(literals)
        if number <= 0:
            return []
        if number == count:
            return [[literal] for literal in literals]
        if number == 1:
            return [list(literals)]
        if comb(count, number - 1) <= FEW:
            return [list(some) for some in combinations(literals, count - number + 1)]
        return [[self.counter(literals, number)]]

    def at_most(self, literals: Sequence[int], number: int) -> list[Clause]:
        count = len(literals)
        if number >= count:
            return []
        if number == 0:
            return [[-literal] for literal in literals]
        if number == 1 and count <= PAIRWISE:
            return [[-left, -right] for left, right in combinations(literals, 2)]
        if number == 1:
            return self.ladder(literals)
        if comb(count, number + 1) <= FEW:
            return [[-literal for literal in some] for some in combinations(literals, number + 1)]
        return [[-self.counter(literals, number + 1)]]

    def ladder(self, literals: Sequence[int]) -> list[Clause]:
        """At most one, with a variable for "one so far" at each place."""
        clauses, before = [], literals[0]
        for literal in literals[1:]:
            clauses.append([-before, -literal])
            if literal != literals[-1]:
                now = self.fresh()
                self.define([[-now, before, literal], [now, -before], [now, -literal]])
                before = now
        return clauses

    def counter(self, literals: Sequence[int], number: int) -> int:
        """A literal that says: at least *number* of *literals*. (Sequential counter, every cell defined both ways.)"""
        others = len(literals) - number + 1
        if others < number:
            return -self.counter([-literal for literal in literals], others)
        if len(literals) * number * 8 + self.literals > MOST_LITERALS:
            raise TooLarge(_("The rules of this model are too large to be worked with."))
        row: list[int] = []  # row[j]: more than j of those so far
        for literal in literals:
            after = []
            for place in range(min(number, len(row) + 1)):
                same = row[place] if place < len(row) else None
                after.append(self.cell(same, literal, row[place - 1] if place else None))
            row = after
        return row[number - 1]

    def cell(self, same: int | None, literal: int, less: int | None) -> int:
        """A name for: *same*, or *literal* together with *less*. None is false for *same*, true for *less*."""
        if same is None and less is None:
            return literal
        now = self.fresh()
        clauses = [[now, -literal] if less is None else [now, -literal, -less]]
        clauses.append([-now, literal] if same is None else [-now, same, literal])
        if same is not None:
            clauses.append([now, -same])
        if less is not None:
            clauses.append([-now, less] if same is None else [-now, same, less])
        self.define(clauses)
        return now

    # ---- rules ------------------------------------------------------------------------------------------------------

    def rule(self, formula: Formula) -> list[Clause]:
        if isinstance(formula, AtMost):
            return self.at_most([self.number[id] for id in formula.ids], formula.number)
        if isinstance(formula, And):
            return [clause for part in formula.parts for clause in self.rule(part)]
        clauses = _distribute(formula, True, self.number)
        return clauses if clauses is not None else self.named_clauses(formula)

    def named_clauses(self, formula: Formula) -> list[Clause]:
        """A rule too large to be multiplied out: its parts get names, and its last step stays readable."""
        match formula:
            case Implies(left, right):
                return [[-self.name(left), self.name(right)]]
            case Or(parts):
                return [[self.name(part) for part in parts]]
        return [[self.name(formula)]]

    def name(self, formula: Formula) -> int:
        """A literal that is true exactly where *formula* is."""
        match formula:
            case Var(id):
                return self.number[id]
            case Not(part):
                return -self.name(part)
            case And(parts):
                return self.all_of([self.name(part) for part in parts])
            case Or(parts):
                return -self.all_of([-self.name(part) for part in parts])
            case Implies(left, right):
                return -self.all_of([self.name(left), -self.name(right)])
            case Iff(left, right):
                one, other, now = self.name(left), self.name(right), self.fresh()
                self.define([[-now, -one, other], [-now, one, -other], [now, one, other], [now, -one, -other]])
                return now
            case AtMost(number, ids):
                literals = [self.number[id] for id in ids]
                return -self.counter(literals, number + 1) if number < len(literals) else self.always()

    def all_of(self, literals: list[int]) -> int:
        if len(literals) == 1:
            return literals[0]
        if not literals:
            return self.always()
        now = self.fresh()
        self.define([*([-now, literal] for literal in literals), [now, *(-literal for literal in literals)]])
        return now

    def always(self) -> int:
        if self.true is None:
            self.true = self.fresh()
            self.define([[self.true]])
        return self.true


def _distribute(formula: Formula, wanted: bool, number: dict[str, int]) -> list[Clause] | None:
    """The clauses that say *formula* is *wanted*, over its options alone; None where that becomes too much."""
    match formula:
        case Var(id):
            return [[number[id] if wanted else -number[id]]]
        case Not(part):
            return _distribute(part, not wanted, number)
        case And(parts) | Or(parts):
            cases = [(part, wanted) for part in parts]
            return _join(cases, isinstance(formula, And) == wanted, number)
        case Implies(left, right):
            return _join([(left, not wanted), (right, wanted)], not wanted, number)
        case Iff(left, right):
            first: Formula = And((Implies(left, right), Implies(right, left)))
            return _distribute(first, wanted, number)
    return None


def _join(cases: Iterable[tuple[Formula, bool]], all_hold: bool, number: dict[str, int]) -> list[Clause] | None:
    found: list[Clause] = [] if all_hold else [[]]
    literals = 0
    for part, wanted in cases:
        clauses = _distribute(part, wanted, number)
        if clauses is None:
            return None
        if all_hold:
            found += clauses
            literals += sum(map(len, clauses))
        else:
            literals = sum(map(len, found)) * len(clauses) + sum(map(len, clauses)) * len(found)
            if literals > DISTRIBUTE:
                return None
            found = [merged for left in found for right in clauses if (merged := _merge(left, right)) is not None]
        if literals > DISTRIBUTE:
            return None
    return found


def _merge(left: Clause, right: Clause) -> Clause | None:
    """Both in one clause, each literal once; None where it always holds."""
    merged = dict.fromkeys([*left, *right])
    return None if any(-literal in merged for literal in merged) else list(merged)
