"""Takes a model's clauses apart into pieces that have nothing to do with each other, so that configurations can be counted.

The search sets one variable both ways, simplifies, splits what remains into *components* (clauses that share no variable) and
remembers each component, because the same one turns up again and again. What it leaves behind is a graph: a *node* is a
component with its one or two *branches*, each with the literals that hold in it, the variables that may be either way, and the
nodes below. In it counting, also under decisions, shares and sampling are one walk (a decision-DNNF; Darwiche and Marquis,
"A knowledge compilation map", 2002; component caching after Sang et al., "Combining component caching and clause learning for
effective model counting", 2004).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat
from operator import neg, truediv

from codesign.products.engine.solving import Deadline, OutOfTime

Clause = frozenset[int]
Index = dict[int, list[Clause]]

MOST_KEPT = 3_000_000
"""Literals in all branches and remembered clauses together: some 300 MB at worst, in a process that can be ended."""


@dataclass(frozen=True)
class Branch:
    """One way a component can be: these literals hold, these variables are free, these nodes (by number) lie below."""

    literals: Clause
    free: Clause
    below: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which those below come first; ``top`` is the whole. None: there is no configuration.

    ``same`` names for a variable the literal it always equals, ``fixed`` the literals that hold in every configuration.
    """

    nodes: list[tuple[Branch, ...]]
    top: Branch | None
    fixed: Clause
    same: Mapping[int, int]


def decompose(clauses: Iterable[Iterable[int]], variables: int, deadline: Deadline) -> Graph:
    """The graph of all ways to satisfy *clauses* over the variables 1…*variables*.

    Raises OutOfTime at the deadline, or where it would need too much memory.
    """
    prepared = _prepare(clauses, deadline)
    if prepared is None:
        return Graph([], None, frozenset(), {})
    rest, fixed, same = prepared
    left = frozenset(range(1, variables + 1)) - {abs(one) for one in fixed} - {abs(one) for one in same}
    search = _Search(deadline)
    top = search.run(rest, left)
    return Graph(search.nodes, top, fixed, same)


def _prepare(
    given: Iterable[Iterable[int]], deadline: Deadline
) -> tuple[list[Clause], frozenset[int], dict[int, int]] | None:
    """Clauses without what is fixed and with one variable for all that are always equal; None: they contradict each other."""
    clauses = {frozenset(clause) for clause in given}
    units = {literal for clause in clauses if len(clause) == 1 for literal in clause}
    fixed: set[int] = set()
    same: dict[int, int] = {}
    waiting = [clause for clause in clauses if len(clause) > 1]
    if frozenset() in clauses:
        return None
    while True:
        deadline.check()
        settled = simplify(waiting, index(waiting), units)
        if settled is None:
            return None
        waiting, held = settled
        fixed |= held
        found = _equal(waiting)
        if found is None:
            return None
        if not found:
            return waiting, frozenset(_spread(fixed, same)), same
        same = {literal: found.get(other, other) for literal, other in same.items()} | found
        renamed = {frozenset(found.get(literal, literal) for literal in clause) for clause in waiting}
        renamed = {clause for clause in renamed if not any(-literal in clause for literal in clause)}
        units = {literal for clause in renamed if len(clause) == 1 for literal in clause}
        waiting = [clause for clause in renamed if len(clause) > 1]


def _spread(fixed: set[int], same: dict[int, int]) -> set[int]:
    """Fixed literals with those that equal them, which need no other name then."""
    for literal in [literal for literal, other in same.items() if other in fixed]:
        fixed.add(literal)
        del same[literal]
        del same[-literal]
    return fixed


def index(clauses: Iterable[Clause]) -> Index:
    """Which clauses each literal stands in."""
    found: Index = defaultdict(list)
    for clause in clauses:
        for literal in clause:
            found[literal].append(clause)
    return found


def simplify(clauses: list[Clause], where: Index, literals: Iterable[int]) -> tuple[list[Clause], set[int]] | None:
    """*clauses* where *literals* hold, and all literals that must hold then; None where that cannot be.

    *where* may know of more clauses, as long as they share no variable with these.
    """
    waiting = list(literals)
    held = set(waiting)
    if any(-literal in held for literal in held):
        return None
    met: set[Clause] = set()
    shorter: dict[Clause, Clause] = {}
    while waiting:
        literal = waiting.pop()
        met.update(where.get(literal, ()))
        for clause in where.get(-literal, ()):
            if clause in met:
                continue
            left = shorter[clause] = shorter.get(clause, clause) - {-literal}
            if len(left) == 1:
                (unit,) = left
                if -unit in held:
                    return None
                if unit not in held:
                    held.add(unit)
                    waiting.append(unit)
    kept = [clause for clause in clauses if clause not in met and clause not in shorter]
    kept += [left for clause, left in shorter.items() if clause not in met]
    return kept, held


def _equal(clauses: list[Clause]) -> dict[int, int] | None:
    """Literals that clauses of two prove equal, each with the one that stands for all (both signs); None: a contradiction."""
    import numpy
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    pairs = [tuple(clause) for clause in clauses if len(clause) == 2]
    names = sorted({literal for pair in pairs for one in pair for literal in (one, -one)})
    if not names:
        return {}
    place = {literal: index for index, literal in enumerate(names)}
    start = [place[-one] for pair in pairs for one in pair]
    end = [place[one] for pair in pairs for one in reversed(pair)]
    shape = (len(names), len(names))
    edges = coo_matrix((numpy.ones(len(start), dtype=numpy.int8), (start, end)), shape=shape)
    _count, labels = connected_components(edges, directed=True, connection="strong")
    together: dict[int, list[int]] = defaultdict(list)
    for literal, label in zip(names, labels.tolist(), strict=True):
        together[label].append(literal)
    same = {}
    for group in together.values():
        chief = min(group, key=lambda literal: (abs(literal), -literal))
        if -chief in group:
            return None
        if chief > 0:  # The group of the opposite literals says the same once more.
            for literal in group:
                if literal != chief:
                    same[literal], same[-literal] = chief, -chief
    return same


def components(clauses: list[Clause], where: Index) -> list[tuple[list[Clause], set[int]]]:
    """Clauses that share variables, directly or through others, together with those variables."""
    seen: set[Clause] = set()
    found = []
    for first in clauses:
        if first in seen:
            continue
        part: list[Clause] = []
        variables: set[int] = set()
        new = set(map(abs, first))
        while new:
            variables |= new
            literals = chain(new, map(neg, new))
            reached = set(chain.from_iterable(map(where.get, literals, repeat(())))) - seen
            seen |= reached
            part += reached
            new = set(map(abs, chain.from_iterable(reached))) - variables
        found.append((part, variables))
    return found


def choose(variables: set[int], where: Index) -> int:
    """The variable to split on: what stands in most clauses, short ones counting more."""

    def weight(variable: int) -> float:
        found = chain(where.get(variable, ()), where.get(-variable, ()))
        return sum(map(truediv, repeat(1), map(len, found)))

    return max(variables, key=weight)


@dataclass
class _Open:
    """A component that is being worked on: the ways still to try, the branches found."""

    key: frozenset[Clause]
    clauses: list[Clause]
    where: Index
    variables: set[int]
    untried: list[int]
    branches: list[Branch] = field(default_factory=list)


@dataclass
class _Way:
    """A branch whose components are being worked on."""

    literals: Clause
    free: Clause
    where: Index
    waiting: list[tuple[list[Clause], set[int]]]
    below: list[int] = field(default_factory=list)


class _Search:
    """Depth first, with a stack of its own: models are deeper than Python's."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.nodes: list[tuple[Branch, ...]] = []
        self.known: dict[frozenset[Clause], int] = {}
        self.kept = 0

    def run(self, clauses: list[Clause], variables: frozenset[int]) -> Branch | None:
        """The branch that is the whole."""
        whole = self.way(clauses, variables, frozenset())
        stack: list[tuple[_Way, _Open | None]] = [(whole, None)]
        while True:
            way, node = stack[-1]
            if way.waiting:
                part, names = way.waiting.pop()
                key = frozenset(part)
                if (number := self.known.get(key)) is None:
                    opened = _Open(key, part, way.where, names, [(literal := choose(names, way.where)), -literal])
                    if not self.next_way(stack, opened):
                        number = self.close(opened)
                if number is not None:
                    way.below.append(number)
                if number is not None and not self.nodes[number]:
                    way.waiting, way.below = [], [number]
                continue
            stack.pop()
            branch = Branch(way.literals, way.free, tuple(way.below))
            alive = all(self.nodes[number] for number in way.below)
            if node is None:
                return branch if alive else None
            if alive:
                node.branches.append(branch)
                self.keep(len(branch.literals) + len(branch.free) + len(branch.below))
            if not self.next_way(stack, node):
                number = self.close(node)
                above = stack[-1][0]
                above.below.append(number)
                if not self.nodes[number]:
                    above.waiting, above.below = [], [number]

    def next_way(self, stack: list[tuple[_Way, _Open | None]], node: _Open) -> bool:
        """Begin the next branch of *node*; False where both were tried."""
        self.deadline.check()
        while node.untried:
            settled = simplify(node.clauses, node.where, [node.untried.pop()])
            if settled is not None:
                rest, held = settled
                names = frozenset(node.variables)
                stack.append((self.way(rest, names - {abs(one) for one in held}, frozenset(held)), node))
                return True
        return False

    def way(self, clauses: list[Clause], variables: frozenset[int], literals: Clause) -> _Way:
        where = index(clauses)
        parts = components(clauses, where)
        bound: set[int] = set()
        for _clauses, names in parts:
            bound |= names
        return _Way(literals, variables - bound, where, parts)

    def close(self, node: _Open) -> int:
        """*node* is known from now on."""
        self.nodes.append(tuple(node.branches))
        self.known[node.key] = len(self.nodes) - 1
        self.keep(len(node.key))
        return len(self.nodes) - 1

    def keep(self, literals: int) -> None:
        self.kept += literals
        if self.kept > MOST_KEPT:
            raise OutOfTime
