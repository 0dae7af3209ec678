"""Pieces of a model that have nothing to do with each other: what is decided in one changes nothing in the others."""

from __future__ import annotations

from codesign.products.engine.cnf import Clauses
from codesign.products.engine.solving import numbers


def pieces(clauses: Clauses, on: int, off: int) -> list[int]:
    """The options that remain open where *on* and *off* (bits) are forced, as bits: in one piece those that clauses connect.

    An option that no clause speaks of any more is in none.
    """
    false = {*numbers(off), *(-variable for variable in numbers(on))}
    above = list(range(clauses.variables + 1))

    def top(variable: int) -> int:
        while above[variable] != variable:
            above[variable] = variable = above[above[variable]]
        return variable

    bound = set[int]()
    for clause in clauses.left([-literal for literal in false]):
        open_ = [abs(literal) for literal in clause if literal not in false]
        bound.update(open_)
        for variable in open_[1:]:
            above[top(variable)] = top(open_[0])
    found: dict[int, int] = {}
    for variable in bound:
        if variable <= clauses.options:
            found[top(variable)] = found.get(top(variable), 0) | 1 << (variable - 1)
    return list(found.values())
