"""Why, and the way out: minimal sets of decisions and rules, and the fewest decisions to give up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from codesign.products.engine.cnf import Clauses
from codesign.products.engine.solving import Deadline, Oracle, OutOfTime, lightest, shrink

FEW = 8
"""With more parts than that under suspicion, it pays to ask a solver that knows of no others."""


class Reasoner:
    """The model once more, with a switch for every group and rule; built when the first reason is asked for."""

    def __init__(self, clauses: Clauses) -> None:
        self.clauses = clauses
        self.first = clauses.variables + 1
        self.switches = list(range(self.first, self.first + len(clauses.parts)))
        self.oracle = self.knowing(self.switches)

    def knowing(self, switches: Sequence[int]) -> Oracle:
        """A solver that knows only these parts."""
        guarded = (
            [-switch, *clause] for switch in switches for clause in self.clauses.parts[switch - self.first].clauses
        )
        oracle = Oracle([*self.clauses.definitions, *guarded])
        oracle.prefer([-switch for switch in switches])
        return oracle

    def parts(
        self, literals: Sequence[int], deadline: Deadline, without: int | None = None
    ) -> tuple[list[int], bool] | None:
        """The fewest parts, by index, that forbid *literals*; None where the rest (*without* one) allows them, or no answer."""
        use = [switch for switch in self.switches if without is None or switch != self.first + without]
        if self.oracle.ask([*literals, *use]) is not False:
            return None
        core, oracle = set(self.oracle.core), self.oracle
        use = [switch for switch in use if switch in core]
        if len(use) > FEW:
            # A chain of rules is as long as it is: each of them costs a question, and those about little are quick.
            oracle = self.knowing(use)
            if oracle.ask([*literals, *use]) is not False:  # only where it met its limit
                return [switch - self.first for switch in use], False
        found, minimal = shrink(oracle, literals, use, deadline)
        return [switch - self.first for switch in found], minimal


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
    tried, and what still stands in its way is gathered too. Raises OutOfTime.
    """
    possible = oracle.ask(wanted)
    if possible is None:
        raise OutOfTime
    if not possible:
        return
    count = len(decisions)
    # One more decision weighs more than any difference of age.
    weight = {literal: count * count + count - place for place, literal in enumerate(decisions)}
    conflicts: list[list[int]] = []
    given: list[list[int]] = []
    while True:
        deadline.check()
        try_ = _lightest_meeting(conflicts, given, weight, deadline)
        if try_ is None:
            return
        kept = [literal for literal in decisions if literal not in try_]
        found = _conflicts(oracle, kept, wanted, deadline)
        if found:
            conflicts += found
            continue
        given.append([literal for literal in decisions if literal in try_])
        yield given[-1]
        if not try_:
            return


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


def _lightest_meeting(
    conflicts: list[list[int]], given: list[list[int]], weight: dict[int, int], deadline: Deadline
) -> set[int] | None:
    """The lightest set with a decision of each conflict that contains none of *given*; None where there is none."""
    if not conflicts:
        return set() if not given else None
    names = {literal: index for index, literal in enumerate(dict.fromkeys(chain.from_iterable(conflicts)), 1)}
    clauses = [[names[literal] for literal in conflict] for conflict in conflicts]
    clauses += [[-names[literal] for literal in one] for one in given]
    model = lightest(clauses, len(names), [(name, weight[literal]) for literal, name in names.items()], deadline)
    if model is None:
        return None
    true = {name for name in model if name > 0}
    return {literal for literal, name in names.items() if name in true}


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
