"""Why, and the way out: minimal sets of decisions and rules, and the fewest decisions to give up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush

from codesign.products.engine.cnf import Clauses
from codesign.products.engine.solving import Deadline, Oracle, OutOfTime, shrink

DEFINITIONS = -1
"""In the place of a part; they always hold."""


class Reasoner:
    """The model once more, with a switch for every group and rule; built when the first reason is asked for."""

    def __init__(self, clauses: Clauses) -> None:
        self.clauses = clauses
        self.first = clauses.variables + 1
        self.switches = list(range(self.first, self.first + len(clauses.parts)))
        guarded = (
            [-switch, *clause]
            for switch, part in zip(self.switches, clauses.parts, strict=True)
            for clause in part.clauses
        )
        self.oracle = Oracle([*clauses.definitions, *guarded])
        self.oracle.prefer([-switch for switch in self.switches])

    def parts(
        self, literals: Sequence[int], deadline: Deadline, without: int | None = None
    ) -> tuple[list[int], bool] | None:
        """The fewest parts, by index, that forbid *literals*; None where the rest (*without* one) allows them, or no answer."""
        use = [switch for switch in self.switches if without is None or switch != self.first + without]
        if self.oracle.ask([*literals, *use]) is not False:
            return None
        core = set(self.oracle.core)
        use = [switch for switch in use if switch in core]
        found, minimal = shrink(self.oracle, literals, use, deadline, Rotation(self, literals, deadline).needed)
        return [switch - self.first for switch in found], minimal


class Rotation:
    """Tells more parts that a reason needs, where one was proved to be needed, without asking.

    The proof is a model that breaks that part only. Where one variable changed mends it and breaks a single other part, that
    one is needed too, and so on along a whole chain of rules (Belov and Marques-Silva, "Accelerating MUS extraction with
    recursive model rotation", 2011).
    """

    def __init__(self, reasoner: Reasoner, literals: Sequence[int], deadline: Deadline) -> None:
        self.reasoner, self.fixed, self.deadline = reasoner, set(literals), deadline
        self.found: set[int] = set()

    def needed(self, switch: int, others: Iterable[int]) -> set[int]:
        """The switches of all parts found to be needed so far: that of *switch* just proved to be, besides *others*."""
        first = self.reasoner.first
        true, part = set(self.reasoner.oracle.literals), switch - first
        open_ = {DEFINITIONS, part, *(other - first for other in others)}
        self.found.add(part)
        # A part, and what leads to a model that breaks it: the changes so far up to a length, and one more.
        waiting, changes = [(part, 0, 0)], list[int]()
        while waiting and not self.deadline.passed:
            part, length, last = waiting.pop()
            while len(changes) > length:
                _turn(true, -changes.pop())
            if last:
                _turn(true, last)
                changes.append(last)
            # To change back what has just been changed breaks only the part before.
            for literal in self.mending(part, true) - {-last}:
                broken = self.broken_by(literal, true, open_)
                if broken != DEFINITIONS and broken not in self.found:
                    self.found.add(broken)
                    waiting.append((broken, len(changes), literal))
        return {first + part for part in self.found}

    def mending(self, part: int, true: set[int]) -> set[int]:
        """Literals that each make *part* hold, but for those asked about; it does not hold where *true* does."""
        broken = [clause for clause in self.reasoner.clauses.parts[part].clauses if true.isdisjoint(clause)]
        common = set(broken[0]).intersection(*broken[1:]) if broken else set[int]()
        return {literal for literal in common if -literal not in self.fixed}

    def broken_by(self, literal: int, true: set[int], open_: set[int]) -> int:
        """The one of the parts *open_* that does not hold with *literal* changed in *true*; DEFINITIONS where more do not."""
        where = self.reasoner.clauses.by_literal.get(-literal, {})
        _turn(true, literal)
        broken = [part for part in where.keys() & open_ if any(map(true.isdisjoint, where[part]))]
        _turn(true, -literal)
        return broken[0] if len(broken) == 1 else DEFINITIONS


def _turn(true: set[int], literal: int) -> None:
    """Let *literal* hold in place of its opposite."""
    true.discard(-literal)
    true.add(literal)


def blame(
    oracle: Oracle, decisions: Sequence[int], wanted: Sequence[int], deadline: Deadline
) -> tuple[list[int], bool] | None:
    """The fewest *decisions* that forbid *wanted*; None where nothing does, or that was not found out."""
    if oracle.ask([*wanted, *decisions]) is not False:
        return None
    return shrink(oracle, wanted, decisions, deadline)


def ways_out(
    oracle: Oracle, decisions: Sequence[int], wanted: Sequence[int], deadline: Deadline
) -> Iterator[list[int]]:
    """Sets of *decisions* to give up so that *wanted* becomes possible: the fewest first, of those the newest first.

    None of them contains another. Conflicts among the decisions are gathered; the lightest set that meets each of them is
    tried, and what still stands in its way is gathered too. Sets grow by a decision of a conflict that they do not meet, those
    first that may become the lightest (an A* search, which for so few is quicker than any solver). Raises OutOfTime.
    """
    possible = oracle.ask(wanted)
    if possible is None:
        raise OutOfTime
    count = len(decisions)
    # One more decision weighs more than any difference of age.
    weight = {literal: count * count + count - place for place, literal in enumerate(decisions)}
    conflicts: list[list[int]] = []
    given: list[set[int]] = []
    waiting: list[tuple[int, tuple[int, ...]]] = [(0, ())] if possible else []
    known = {way for _weight, way in waiting}
    while waiting:
        deadline.check()
        bound, way = heappop(waiting)
        if any(one.issubset(way) for one in given):
            continue
        least, unmet = _at_least(way, conflicts, weight)
        if least > bound:
            heappush(waiting, (least, way))
        elif unmet:
            longer = {tuple(sorted((*way, literal))) for literal in unmet} - known
            known |= longer
            for one in longer:
                heappush(waiting, (bound, one))
        elif found := _conflicts(oracle, [literal for literal in decisions if literal not in way], wanted, deadline):
            conflicts += found
            heappush(waiting, (bound, way))
        else:
            given.append(set(way))
            yield [literal for literal in decisions if literal in way]


def _at_least(way: Sequence[int], conflicts: list[list[int]], weight: dict[int, int]) -> tuple[int, list[int]]:
    """What *way* will weigh at least once it meets all *conflicts*, and one that it does not meet yet."""
    least, met, unmet = sum(weight[literal] for literal in way), set(way), list[int]()
    for conflict in conflicts:
        if met.isdisjoint(conflict):
            unmet = unmet or conflict
            # Of those that have nothing in common each takes a decision of its own.
            least += min(weight[literal] for literal in conflict)
            met.update(conflict)
    return least, unmet


def _conflicts(oracle: Oracle, decisions: list[int], wanted: Sequence[int], deadline: Deadline) -> list[list[int]]:
    """Conflicts among *decisions* that have nothing in common, until the rest is possible."""
    found: list[list[int]] = []
    while True:
        deadline.check()
        answer = oracle.ask([*wanted, *decisions])
        if answer is None:
            raise OutOfTime
        if answer:
            return found
        core, _minimal = shrink(oracle, wanted, decisions, deadline)
        found.append(core)
        decisions = [literal for literal in decisions if literal not in set(core)]


def newest_first(
    oracle: Oracle, decisions: Sequence[int], wanted: Sequence[int], deadline: Deadline
) -> list[int] | None:
    """A set to give up found without looking for the smallest: the oldest decisions are kept as far as they go."""
    if oracle.ask(wanted) is not True:
        return None
    kept: list[int] = []
    for literal in decisions:
        if not deadline.passed and oracle.ask([*wanted, *kept, literal]):
            kept.append(literal)
    return [literal for literal in decisions if literal not in set(kept)]
