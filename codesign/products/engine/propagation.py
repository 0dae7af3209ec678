"""Complete propagation: what do these decisions force? Every "free" is shown by a configuration with and one without it.

Configurations found on the way (witnesses) are kept as integers with a bit per option. Those that agree with the decisions
settle most options at once; the solver is only asked about the rest, and aimed each time at what has not been seen yet.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import finalize

from codesign.products.engine.cnf import Clauses
from codesign.products.engine.solving import Deadline, Oracle, make, numbers, signs
from codesign.products.engine.witnesses import Witnesses

KEPT = 500
"""So many answers are kept: who clicks once is told states, sums and ways out, all of the same decisions."""
LEARNED = 50_000
"""So many consequences are remembered, of at most `SHORT` decisions each."""
SHORT = 6


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

    def __init__(self, clauses: Clauses, oracle: Oracle, seconds: float) -> None:
        self.count = clauses.options
        self.full = (1 << self.count) - 1
        self.oracle = oracle
        self.witnesses = Witnesses(self.count)
        self.known: OrderedDict[tuple[int, int], Forced] = OrderedDict()
        self.learned = 0
        every = clauses.every
        bound = 0
        for variable in {abs(literal) for clause in every for literal in clause}:
            if variable <= self.count:
                bound |= 1 << (variable - 1)
        self.loose = self.full & ~bound
        # MiniSat only for unit propagation: CaDiCaL's answers to that differ after a search.
        self.unit = make("minisat22", every)
        finalize(self, self.unit.delete)
        self.aimed = 0
        oracle.prefer([-variable for variable in numbers(bound)])
        self.root = Forced(True)
        self.root = self.run([], Deadline(seconds))

    def run(self, decisions: Sequence[int], deadline: Deadline) -> Forced:
        """What *decisions* (literals of options) force."""
        if not self.root.possible:
            return Forced(False)
        value, care = 0, 0
        for literal in decisions:
            care |= 1 << (abs(literal) - 1)
            value |= 1 << (literal - 1) if literal > 0 else 0
        found = self.known.get((value, care))
        if found is None:
            forced = Forced(True, self.root.on | value, self.root.off | (care & ~value))
            fits = self.follow(decisions, forced)
            found = self.prove(list(decisions), value, care & ~self.loose, forced, deadline) if fits else Forced(False)
            if not found.unknown:
                self.known[value, care] = found
                if len(self.known) > KEPT:
                    self.known.popitem(last=False)
        return found

    def follow(self, assumptions: Sequence[int], forced: Forced) -> bool:
        """Adds what follows at once; False where that is a contradiction."""
        fits, implied = self.unit.propagate(assumptions=assumptions)
        on, off = signs(implied, self.count)
        forced.on |= on
        forced.off |= off
        return bool(fits)

    def prove(self, assumptions: list[int], value: int, care: int, forced: Forced, deadline: Deadline) -> Forced:
        seen_on, seen_off = self.witnesses.seen(value & care, care)
        if not seen_on | seen_off:
            answer = self.oracle.ask(assumptions)
            if answer is None:
                forced.unknown = self.full & ~forced.on & ~forced.off
                return forced
            if not answer:
                return Forced(False)
            witness = self.keep()
            seen_on, seen_off = witness, ~witness
        open_ = self.full & ~self.loose & ~forced.on & ~forced.off & ~(seen_on & seen_off)
        while open_:
            if deadline.passed:
                forced.unknown |= open_
                break
            bit = open_ & -open_
            variable = bit.bit_length()
            wanted = -variable if seen_on & bit else variable
            self.aim(open_ & ~seen_on)
            answer = self.oracle.ask([*assumptions, wanted])
            if answer:
                witness = self.keep()
                seen_on |= witness
                seen_off |= ~witness
                open_ &= ~(seen_on & seen_off)
                continue
            open_ &= ~bit
            if answer is None:
                forced.unknown |= bit
            else:
                self.learn()
                assumptions.append(-wanted)
                forced.on |= 0 if wanted > 0 else bit
                forced.off |= bit if wanted > 0 else 0
                self.follow(assumptions, forced)
                open_ &= ~(forced.on | forced.off)
        return forced

    def keep(self) -> int:
        witness = self.oracle.chosen(self.count)
        self.witnesses.keep(witness)
        return witness

    def learn(self) -> None:
        """After False: what cannot hold together is a clause of its own, and next time follows at once.

        Not what holds always: unit propagation would not tell of it any more. `root` has that.
        """
        core = self.oracle.core
        if 1 < len(core) <= SHORT and self.learned < LEARNED:
            self.learned += 1
            self.unit.add_clause([-literal for literal in core])

    def aim(self, on: int) -> None:
        """Try these options on first, all others off."""
        change = on ^ self.aimed
        if change:
            self.oracle.prefer([variable if on >> (variable - 1) & 1 else -variable for variable in numbers(change)])
            self.aimed = on
