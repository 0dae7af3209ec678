"""How many configurations a model has: exactly, also under decisions; the share of them that has an option; some by lot."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10
from random import Random
from typing import TYPE_CHECKING

from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import Sentence, _
from codesign.products.engine.decomposition import Branch, Clause, Graph, decompose
from codesign.products.engine.solving import Deadline, OutOfTime

if TYPE_CHECKING:
    from codesign.products.engine.compiled import Compiled

EXACT = 10**6
"""Up to here people are shown every digit."""
MOST_BITS = 13_000
"""Some 3,900 digits. From 4,300 on Python no longer writes a number out; no real product comes near."""


def counted(compiled: Compiled, seconds: float = 5) -> Counting | None:
    """*compiled*, ready to be counted; None where that takes longer, or would have thousands of digits.

    Needs much time and memory: not for a server's thread.
    """
    clauses = compiled.clauses
    try:
        graph = decompose(clauses.every, clauses.variables, Deadline(seconds))
    except OutOfTime:
        return None
    counting = Counting(graph, compiled.number)
    return counting if counting.total().bit_length() <= MOST_BITS else None


def wording(number: int) -> Sentence:
    """*number* of configurations as people read it: exact up to a million, then like “about 5·10^20”.

    The digit is cut, not rounded: people are never promised more than there are.
    """
    if number <= EXACT:
        return Sentence(f"{number:,}")
    power = int(log10(number))  # of numbers with thousands of digits too, where str() refuses
    power += (number >= 10 ** (power + 1)) - (number < 10**power)
    return _("about %(first)s·10^%(power)s", first=number // 10**power, power=power)


class Counting:
    """Questions about all configurations of one model. Immutable, so threads may share it; each answer is one walk."""

    def __init__(self, graph: Graph, number: Mapping[str, int]) -> None:
        self.graph, self.number = graph, number

    def total(self, decisions: Mapping[str, bool] | None = None) -> int:
        """How many configurations agree with *decisions*.

        Raises Invalid for options the model does not have.
        """
        against = self._against(decisions or {})
        return 0 if against is None else self._values(against)[1]

    def shares(self, decisions: Mapping[str, bool] | None = None) -> dict[str, float]:
        """For each option the share, 0 to 1, of the configurations that agree with *decisions* and have it.

        Raises Conflict where none agrees.
        """
        against = self._possible(decisions or {})
        values, total = self._values(against)
        if not total:
            raise self._impossible()
        amounts = self._amounts(against, values, total)
        return {id: self._amount(number, amounts, total) / total for id, number in self.number.items()}

    def samples(
        self, count: int, decisions: Mapping[str, bool] | None = None, seed: int | str | None = None
    ) -> list[dict[str, bool]]:
        """*count* configurations that agree with *decisions*, each as likely as every other (repeats can happen).

        The same *seed* draws the same. Raises Conflict where none agrees.
        """
        against = self._possible(decisions or {})
        values, total = self._values(against)
        if not total:
            raise self._impossible()
        lot = Random(seed)  # noqa: S311 - a draw for a survey, not a secret
        return [self._sample(lot, against, values) for _index in range(count)]

    # ---- decisions ------------------------------------------------------------------------------------------------

    def _against(self, decisions: Mapping[str, bool]) -> Clause | None:
        """The literals that *decisions* rule out; None where they rule out everything."""
        against = set()
        for id, value in decisions.items():
            if id not in self.number:
                raise Invalid.field(f"decisions.{id}", _("This model has no such option."))
            literal = self.number[id] if value else -self.number[id]
            literal = self.graph.same.get(literal, literal)
            if -literal in self.graph.fixed:
                return None
            if literal not in self.graph.fixed:
                against.add(-literal)
        if self.graph.top is None or any(-literal in against for literal in against):
            return None
        return frozenset(against)

    def _possible(self, decisions: Mapping[str, bool]) -> Clause:
        against = self._against(decisions)
        if against is None:
            raise self._impossible()
        return against

    def _impossible(self) -> Conflict:
        return Conflict(_("These choices do not go together."))

    # ---- walks ----------------------------------------------------------------------------------------------------

    def _values(self, against: Clause) -> tuple[list[int], int]:
        """How many ways each node has, and the whole."""
        decided = frozenset(map(abs, against))
        values: list[int] = []
        for branches in self.graph.nodes:
            values.append(sum(self._value(branch, against, decided, values) for branch in branches))
        assert self.graph.top is not None
        return values, self._value(self.graph.top, against, decided, values)

    def _value(self, branch: Branch, against: Clause, decided: Clause, values: list[int]) -> int:
        if not branch.literals.isdisjoint(against):
            return 0
        free = len(branch.free) - len(branch.free & decided) if decided else len(branch.free)
        value = 1 << free
        for number in branch.below:
            value *= values[number]
        return value

    def _amounts(self, against: Clause, values: list[int], total: int) -> dict[int, int]:
        """In how many configurations each literal holds: what each node adds, handed down from the top."""
        decided = frozenset(map(abs, against))
        top = self.graph.top
        assert top is not None
        times = [0] * len(values)
        amounts: dict[int, int] = {}

        def hand_down(branch: Branch, factor: int, value: int) -> None:
            amount = factor * value
            for literal in branch.literals:
                amounts[literal] = amounts.get(literal, 0) + amount
            for variable in branch.free:
                if variable not in decided:
                    amounts[variable] = amounts.get(variable, 0) + (amount >> 1)
                elif -variable in against:
                    amounts[variable] = amounts.get(variable, 0) + amount
            for number in branch.below:
                times[number] += amount // values[number]

        hand_down(top, 1, total)
        for number in range(len(values) - 1, -1, -1):
            if times[number]:
                for branch in self.graph.nodes[number]:
                    if value := self._value(branch, against, decided, values):
                        hand_down(branch, times[number], value)
        return amounts

    def _amount(self, number: int, amounts: Mapping[int, int], total: int) -> int:
        """In how many configurations the option of that number is."""
        literal = self.graph.same.get(number, number)
        if literal in self.graph.fixed or -literal in self.graph.fixed:
            return total if literal in self.graph.fixed else 0
        with_it = amounts.get(abs(literal), 0)
        return with_it if literal > 0 else total - with_it

    def _sample(self, lot: Random, against: Clause, values: list[int]) -> dict[str, bool]:
        decided = frozenset(map(abs, against))
        held = set(self.graph.fixed)
        assert self.graph.top is not None
        waiting = [self.graph.top]
        while waiting:
            branch = waiting.pop()
            held |= branch.literals
            for variable in sorted(branch.free):
                draw = lot.random() < 0.5 if variable not in decided else -variable in against
                held.add(variable if draw else -variable)
            for number in branch.below:
                place = lot.randrange(values[number])
                for below in self.graph.nodes[number]:
                    place -= self._value(below, against, decided, values)
                    if place < 0:
                        waiting.append(below)
                        break
        same = self.graph.same
        return {id: same.get(number, number) in held for id, number in self.number.items()}
