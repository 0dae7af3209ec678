"""Complete propagation: what do these decisions force? Every "free" is shown by a configuration with and one without it.

A model falls into pieces that have nothing to do with each other, so each is looked at alone, and only with the decisions made
in it. Configurations found on the way (witnesses) are kept as integers with a bit per option. Those that agree with the
decisions settle most options at once; the solver is only asked about the rest, and aimed each time at what has not been seen yet.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import finalize

from codesign.products.engine.cnf import Clauses
from codesign.products.engine.pieces import pieces
from codesign.products.engine.solving import Deadline, Oracle, bits, make, numbers, signs
from codesign.products.engine.swaps import Swaps
from codesign.products.engine.witnesses import Witnesses

KEPT = 2_000
"""Answers of pieces: who clicks once is told states, sums and ways out, all of the same decisions but for a few."""
LEARNED = 50_000
"""So many consequences are remembered, of at most `SHORT` decisions each."""
SHORT = 6
STEP = 8
"""Where one option turned out to be forced there tend to be more: so many times as many are asked about at once."""
SPENT = 1_000
"""Each such question leaves a variable behind; after so many the solver is made anew."""


@dataclass
class Forced:
    """Options forced on and off as bits, decisions included; ``unknown`` where the limit was reached.

    It is kept once it is found, and never changed then.
    """

    possible: bool
    on: int = 0
    off: int = 0
    unknown: int = 0


class Propagator:
    """Keeps the solvers and the witnesses of one model."""

    def __init__(self, clauses: Clauses, seconds: float) -> None:
        self.clauses = clauses
        self.count = clauses.options
        self.witnesses = Witnesses(self.count)
        self.known: OrderedDict[tuple[int, int], Forced] = OrderedDict()
        self.learned = 0
        # MiniSat only for unit propagation: CaDiCaL's answers to that differ after a search.
        self.unit = make("minisat22", clauses.every)
        finalize(self, self.unit.delete)
        self.begin()
        self.swaps = Swaps(clauses)
        bound = {abs(literal) for clause in clauses.every for literal in clause}
        everything = bits(variable for variable in bound if variable <= self.count)
        self.root = self.prove([], everything, Deadline(seconds))
        self.pieces = pieces(clauses, self.root.on, self.root.off) if self.root.possible else []
        self.home = {variable: piece for piece in self.pieces for variable in numbers(piece)}

    def begin(self) -> None:
        """Make a solver that tries all options off first."""
        self.oracle = Oracle(self.clauses.every, self.clauses.variables)
        self.oracle.prefer([-variable for variable in range(1, self.count + 1)])
        self.aimed = 0

    def run(self, decisions: Sequence[int], deadline: Deadline, only_on: bool = False) -> Forced:
        """What *decisions* (literals of options) force; with *only_on* not all that they force off."""
        on, off = bits(one for one in decisions if one > 0), bits(-one for one in decisions if one < 0)
        if not self.root.possible or on & (off | self.root.off) or off & self.root.on:
            return Forced(False)
        forced = Forced(True, self.root.on | on, self.root.off | off, self.root.unknown & ~on & ~off)
        for piece in {self.home[abs(one)] for one in decisions if abs(one) in self.home}:
            found = self.known.get((on & piece, off & piece))
            if found is None:
                own = [one for one in decisions if piece >> (abs(one) - 1) & 1]
                found = self.prove(own, piece, deadline, only_on)
                if not (found.unknown or only_on):
                    self.keep(on & piece, off & piece, found)
            if not found.possible:
                return Forced(False)
            forced.on |= found.on
            forced.off |= found.off
            forced.unknown = forced.unknown & ~piece | found.unknown
        return forced

    def keep(self, on: int, off: int, found: Forced) -> None:
        """Remember what was found."""
        self.known[on, off] = found
        if len(self.known) > KEPT:
            self.known.popitem(last=False)

    def follow(self, assumptions: Sequence[int]) -> Forced:
        """What follows at once."""
        fits, implied = self.unit.propagate(assumptions=assumptions)
        return Forced(bool(fits), *signs([*assumptions, *implied], self.count))

    def prove(self, assumptions: list[int], piece: int, deadline: Deadline, only_on: bool = False) -> Forced:
        """What *assumptions*, all about options of *piece*, force there."""
        forced = self.follow(assumptions)
        if not forced.possible:
            return Forced(False)
        on, off = bits(one for one in assumptions if one > 0), bits(-one for one in assumptions if one < 0)
        seen_on, seen_off, unfit = *self.witnesses.seen(on, on | off), 0
        if not seen_on | seen_off:
            answer = self.oracle.ask(assumptions)
            if answer is False:
                return Forced(False)
            if answer is None:
                forced.unknown = piece & ~(forced.on | forced.off)
                return forced
            seen_on, seen_off, unfit = self.witnessed(0 if only_on else piece & ~(forced.on | forced.off), on)
        if only_on:
            seen_on |= piece
        open_ = piece & ~(forced.on | forced.off | (seen_on & seen_off))
        most = 1
        while open_ and not deadline.passed:
            self.aim(open_ & ~seen_on, piece)
            wanted = unseen(open_, seen_on, most)
            answer = self.ask(assumptions, wanted)
            if answer:
                more_on, more_off, failed = self.witnessed(open_ & ~seen_on & ~unfit, on)
                seen_on, seen_off, unfit = seen_on | more_on, seen_off | more_off, unfit | failed
                open_ &= ~(seen_on & seen_off)
                most = 1
                continue
            proved_on, proved_off = bits(-one for one in wanted if one < 0), bits(one for one in wanted if one > 0)
            if answer is False:
                most *= STEP
                self.learn(assumptions, wanted)
                forced.on |= proved_on
                forced.off |= proved_off
                open_ &= ~(proved_on | proved_off)
            elif most == 1:
                forced.unknown |= proved_on | proved_off
                open_ &= ~(proved_on | proved_off)
            else:
                most = 1
        forced.unknown |= open_
        return forced

    def ask(self, assumptions: Sequence[int], wanted: Sequence[int]) -> bool | None:
        """Whether one of *wanted* is possible."""
        if len(wanted) > 1 and self.oracle.spent > SPENT:
            self.begin()
        return self.oracle.ask_any(assumptions, wanted)

    def witnessed(self, wanted: int, fixed: int) -> tuple[int, int, int]:
        """After True: options seen on and off in what was found, and in what can be made of it to see *wanted* ones on.

        The third are those of *wanted* that could not be seen that way. All that was seen is kept for other questions.
        """
        witness = self.oracle.chosen(self.count)
        on, off = witness, ~witness
        more, unfit = self.swaps.made(witness, wanted & ~witness, fixed)
        for one in (witness, *more):
            self.witnesses.keep(one)
            on |= one
            off |= ~one
        return on, off, unfit

    def learn(self, assumptions: Sequence[int], wanted: Sequence[int]) -> None:
        """After False: what cannot hold together is a clause of its own, and next time follows at once.

        Not what holds always: unit propagation would not tell of it any more. `root` has that.
        """
        core = set(self.oracle.core).intersection(assumptions)
        if 0 < len(core) < SHORT and self.learned + len(wanted) < LEARNED:
            self.learned += len(wanted)
            for literal in wanted:
                self.unit.add_clause([-literal, *(-one for one in core)])

    def aim(self, on: int, piece: int) -> None:
        """Of *piece*, try these options on first, all others off."""
        change = (on ^ self.aimed) & piece
        if change:
            self.oracle.prefer([variable if on >> (variable - 1) & 1 else -variable for variable in numbers(change)])
            self.aimed ^= change


def unseen(open_: int, seen_on: int, most: int) -> list[int]:
    """Up to *most* of the *open_* options, each the way it has not been seen."""
    if most == 1:
        open_ &= -open_
    return [*numbers(open_ & ~seen_on), *(-variable for variable in numbers(open_ & seen_on))][:most]
