"""The SAT solvers, with a limit on every question: a hostile model may cost an answer, never the server.

A solver holds Python's lock while it thinks and CaDiCaL cannot be interrupted, so each question may meet only so many
conflicts; None then means "not found out". Solvers are not safe to share between threads: `Compiled` has one lock.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any
from weakref import finalize

CONFLICTS = 5_000
"""Of one question; about 20 to 50 ms. Questions about real models meet fewer than ten."""

PAIRED = 1_500
FEW = 6
"""So many bits are found sooner one by one than by a table."""


class OutOfTime(Exception):
    """A limit was reached."""


class Deadline:
    """So many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return time.monotonic() > self.at

    @property
    def left(self) -> float:
        """Seconds that remain, at least 0.01."""
        return max(0.01, self.at - time.monotonic())

    def check(self) -> None:
        """Raises OutOfTime when it is over."""
        if self.passed:
            raise OutOfTime


def make(name: str, clauses: Iterable[Sequence[int]]) -> Any:
    """A solver of that name. Its owner deletes it with `weakref.finalize`: at the end of a program it could not do so itself."""
    from pysat.solvers import Solver  # with numpy a fifth of a second, which a start does not need

    return Solver(name, bootstrap_with=clauses)


class Oracle:
    """CaDiCaL 1.9.5: is there a configuration under these assumptions? *top* is the last variable that means something."""

    def __init__(self, clauses: Iterable[Sequence[int]], top: int = 0) -> None:
        self._solver = make("cadical195", clauses)
        finalize(self, self._solver.delete)
        self._top, self.spent = top, 0

    def ask(self, assumptions: Sequence[int]) -> bool | None:
        """True, False, or None where the limit came first."""
        self._solver.conf_budget(CONFLICTS)
        answer: bool | None = self._solver.solve_limited(assumptions=assumptions)
        return answer

    def ask_any(self, assumptions: Sequence[int], wanted: Sequence[int]) -> bool | None:
        """The same with at least one of *wanted*, which is said with a variable of its own that is of no use afterwards."""
        if len(wanted) == 1:
            return self.ask([*assumptions, *wanted])
        if self.spent:
            self._solver.add_clause([-self._top - self.spent])
        self.spent += 1
        switch = self._top + self.spent
        self._solver.add_clause([-switch, *wanted])
        self.prefer([-switch])
        return self.ask([switch, *assumptions])

    def prefer(self, literals: list[int]) -> None:
        """Which way to try variables first; kept until said otherwise."""
        self._solver.set_phases(literals)

    @property
    def core(self) -> list[int]:
        """After False: assumptions that cannot hold together (not always the fewest)."""
        return list(self._solver.get_core() or ())

    @property
    def literals(self) -> list[int]:
        """After True: every variable with its sign."""
        return list(self._solver.get_model() or ())

    def chosen(self, options: int) -> int:
        """After True: the options that are on, one bit each (option n is bit n-1)."""
        return mask(self._solver.get_model() or (), options)


def mask(literals: Sequence[int], options: int) -> int:
    """The positive ones of a whole model as bits."""
    import numpy

    # struct is the fastest way from a list to an array.
    literals = literals[:options]
    signs = numpy.frombuffer(struct.pack(f"{len(literals)}i", *literals), dtype=numpy.int32) > 0
    return int.from_bytes(numpy.packbits(signs, bitorder="little").tobytes(), "little")


def signs(literals: Sequence[int], options: int) -> tuple[int, int]:
    """Of literals in any order, the options that are on and those that are off, as bits."""
    import numpy

    places = numpy.frombuffer(struct.pack(f"{len(literals)}i", *literals), dtype=numpy.int32)
    seen = numpy.zeros((2, options + 1), dtype=bool)
    seen[0, places[(places > 0) & (places <= options)]] = True
    seen[1, -places[(places < 0) & (places >= -options)]] = True
    on, off = numpy.packbits(seen[:, 1:], axis=1, bitorder="little")
    return int.from_bytes(on.tobytes(), "little"), int.from_bytes(off.tobytes(), "little")


def numbers(bits: int) -> list[int]:
    """The variables whose bits are set, ascending."""
    if bits.bit_count() <= FEW:
        few = []
        while bits:
            few.append((bits & -bits).bit_length())
            bits &= bits - 1
        return few
    import numpy

    data = numpy.frombuffer(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), dtype=numpy.uint8)
    found: list[int] = (numpy.flatnonzero(numpy.unpackbits(data, bitorder="little")) + 1).tolist()
    return found


def bits(variables: Iterable[int]) -> int:
    """Variables as bits."""
    found = 0
    for variable in variables:
        found |= 1 << (variable - 1)
    return found


def shrink(
    oracle: Oracle,
    fixed: Sequence[int],
    candidates: Sequence[int],
    deadline: Deadline,
    needed: Callable[[int, Iterable[int]], set[int]] | None = None,
) -> tuple[list[int], bool]:
    """The fewest of *candidates* (none can be left out) that with *fixed* are impossible; those late in the list go first.

    The last answer of *oracle* must have been False under both. *needed* may tell, where it was just proved that one is needed
    among others, of which else that follows. The second value is False where a limit was reached first.
    """
    core, kept = set(oracle.core), set[int]()
    waiting, minimal = [one for one in candidates if one in core], True
    while waiting:
        tried = waiting.pop()
        if tried in kept:
            continue
        others = [*kept.difference(waiting), *waiting]
        answer = None if deadline.passed else oracle.ask([*fixed, *others])
        if answer is False:
            core = set(oracle.core)
            waiting = [one for one in waiting if one in core]
        else:
            minimal = minimal and answer is not None
            kept.add(tried)
            if answer and needed:
                kept |= needed(tried, others)
    return [one for one in candidates if one in kept], minimal


@cache
def limited() -> Any:
    """RC2 that stops: each question has its limit, and so has the whole. Loading it takes longer than most answers."""
    from pysat.examples.rc2 import RC2

    class Limited(RC2):
        deadline: Deadline

        def _call_oracle(self, assumptions: Sequence[int] = (), expect_interrupt: bool = False) -> bool:
            self.deadline.check()
            self.oracle.conf_budget(CONFLICTS)
            answer: bool | None = self.oracle.solve_limited(assumptions=assumptions)
            if answer is None:
                raise OutOfTime
            return answer

    return Limited


def lightest(
    clauses: Iterable[Sequence[int]], variables: int, costs: Iterable[tuple[int, int]], deadline: Deadline
) -> list[int] | None:
    """A model of *clauses* over so many *variables* where the costs of true literals, (literal, cost > 0), sum up to the least.

    None where there is none. Raises OutOfTime.
    """
    from pysat.formula import WCNF

    formula = WCNF()
    # Set as they are: adding them one by one takes longer than the search.
    formula.hard, formula.nv = list(clauses), variables
    for literal, cost in costs:
        formula.append([-literal], weight=cost)
    # Looking for pairs that exclude each other takes the square of their number. Squeezing cores takes longer than it saves.
    with limited()(formula, solver="g4", adapt=len(formula.soft) <= PAIRED) as search:
        search.deadline = deadline
        model: list[int] | None = search.compute()
        return model
