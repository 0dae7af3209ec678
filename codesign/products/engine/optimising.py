"""The best configuration for a linear goal: by MaxSAT, or, within a budget, by integer programming."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from codesign.products.engine.cnf import Clauses
from codesign.products.engine.model import Model
from codesign.products.engine.solving import Deadline, OutOfTime, lightest

Limit = tuple[Mapping[int, int], int]
"""Amounts by variable, and what they may sum up to."""
GAP = 1e-4
"""Within a budget nobody waits for the last ten-thousandth."""
EXACT = 10**9
"""Up to such sums the optimiser's floating point tells one integer from the next."""


def best(
    clauses: Clauses, decisions: Sequence[int], weights: Mapping[int, int], deadline: Deadline
) -> list[int] | None:
    """The model with the largest sum of *weights* (variable to integer, of either sign); None where there is none.

    Raises OutOfTime.
    """
    costs = [(-variable if weight > 0 else variable, abs(weight)) for variable, weight in weights.items() if weight]
    left = [*clauses.left(decisions), *([literal] for literal in decisions)]
    return lightest(left, clauses.variables, costs, deadline)


def best_within(
    model: Model,
    clauses: Clauses,
    decisions: Sequence[int],
    weights: Mapping[int, int],
    limits: Sequence[Limit],
    deadline: Deadline,
    exact: bool = False,
) -> list[int] | None:
    """The same, where each of *limits* holds: the best to a ten-thousandth, or the best found in time. None where nothing does.

    With *exact* only the very best. Raises OutOfTime where nothing was found.
    """
    import numpy
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    if not clauses.variables:
        return [] if all(most >= 0 for _amounts, most in limits) else None
    rows = _Rows(model, clauses, limits)
    low, high = numpy.zeros(clauses.variables), numpy.ones(clauses.variables)
    for literal in decisions:
        (low if literal > 0 else high)[abs(literal) - 1] = 1.0 if literal > 0 else 0.0
    cost = numpy.zeros(clauses.variables)
    for variable, weight in weights.items():
        cost[variable - 1] = -weight
    matrix = csr_array((rows.values, (rows.at, rows.columns)), shape=(len(rows.least), clauses.variables))
    result = milp(
        cost,
        constraints=LinearConstraint(matrix, rows.least, numpy.inf),
        bounds=Bounds(low, high),
        integrality=numpy.ones(clauses.variables),
        options={"time_limit": deadline.left, "mip_rel_gap": 0 if exact else GAP},
    )
    if result.status == 2:
        return None
    if result.x is None or (exact and (result.status != 0 or abs(result.fun) > EXACT)):
        raise OutOfTime
    found = [index if value > 0.5 else -index for index, value in enumerate(result.x, 1)]
    if not _keeps(found, clauses, limits):
        raise OutOfTime
    return found


def _keeps(found: Sequence[int], clauses: Clauses, limits: Sequence[Limit]) -> bool:
    """Whether rounding has not broken anything: the optimiser works with floating point, we do not."""
    true = set(found)
    within = all(sum(amounts.get(literal, 0) for literal in true) <= most for amounts, most in limits)
    return within and all(not true.isdisjoint(clause) for clause in clauses.every)


class _Rows:
    """Sums that must not be less than something: a model and its limits as inequalities."""

    def __init__(self, model: Model, clauses: Clauses, limits: Sequence[Limit]) -> None:
        self.at: list[int] = []
        self.columns: list[int] = []
        self.values: list[float] = []
        self.least: list[float] = []
        for clause in chain(clauses.definitions, *(part.clauses for part in clauses.parts if part.kind != "group")):
            self.clause(clause)
        number = {id: index for index, id in enumerate(model.options, 1)}
        for group, parent in model.walk():
            options = [number[option.id] for option in group.options]
            self.group(options, group.least, group.most, number[parent.id] if parent else None)
        for amounts, most in limits:
            self.at_most(amounts, most)

    def add(self, amounts: Sequence[tuple[int, float]], least: float) -> None:
        row = len(self.least)
        self.at += [row] * len(amounts)
        self.columns += [variable - 1 for variable, _amount in amounts]
        self.values += [amount for _variable, amount in amounts]
        self.least.append(least)

    def clause(self, clause: Sequence[int]) -> None:
        negative = sum(literal < 0 for literal in clause)
        self.add([(abs(literal), 1.0 if literal > 0 else -1.0) for literal in clause], 1.0 - negative)

    def group(self, options: list[int], least: int, most: int, above: int | None) -> None:
        """Tighter than its clauses: between least and most times the option above."""
        if most < len(options):
            self.add(
                [*((one, -1.0) for one in options), *([(above, float(most))] if above else [])], 0.0 if above else -most
            )
        if least:
            self.add(
                [*((one, 1.0) for one in options), *([(above, -float(least))] if above else [])],
                0.0 if above else least,
            )

    def at_most(self, amounts: Mapping[int, int], most: int) -> None:
        self.add([(variable, -float(amount)) for variable, amount in amounts.items()], -float(most))
