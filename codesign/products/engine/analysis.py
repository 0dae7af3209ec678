"""What the publish gate shows of a model: what can never be chosen, what is no real choice, which rules say nothing new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from codesign.products.engine.answers import Analysis, Finding, Reason
from codesign.products.engine.counting import counted
from codesign.products.engine.propagation import Forced
from codesign.products.engine.solving import Deadline, numbers
from codesign.products.engine.sums import SECONDS

if TYPE_CHECKING:
    from codesign.products.engine.compiled import Compiled


def analyse(compiled: Compiled, seconds: float) -> Analysis:
    """Everything that can be found out in so many seconds; ``finished`` tells whether that was all."""
    with compiled.lock:
        search = _Analyst(compiled, Deadline(seconds))
        return search.run()


class _Analyst:
    def __init__(self, compiled: Compiled, deadline: Deadline) -> None:
        self.compiled, self.deadline = compiled, deadline
        self.finished = True

    def run(self) -> Analysis:
        root = self.compiled.propagator.root
        if not root.possible:
            return Analysis(void=True, why_void=self.reasons([]), count=0, finished=self.finished)
        self.finished = not root.unknown
        names = self.compiled.options
        dead = tuple(self.find(names[variable - 1], [variable]) for variable in numbers(root.off))
        false_optional = tuple(self.false_optional(root))
        redundant = tuple(self.redundant())
        ranges = self.compiled.sums.ranges(root, max(SECONDS, self.deadline.left / 2))
        return Analysis(
            void=False,
            core=tuple(names[variable - 1] for variable in numbers(root.on)),
            dead=dead,
            false_optional=false_optional,
            redundant_rules=redundant,
            count=self.count(),
            cheapest={id: least for id, (least, _most) in ranges.items()},
            dearest={id: most for id, (_least, most) in ranges.items()},
            finished=self.finished,
        )

    def find(self, id: str, impossible: Sequence[int]) -> Finding:
        return Finding(id, self.reasons(impossible))

    def reasons(self, impossible: Sequence[int]) -> tuple[Reason, ...]:
        """The parts that together forbid the literals."""
        found = None if self.late() else self.compiled.reasoner.parts(impossible, self.deadline)
        if found is None:
            self.finished = False
            return ()
        parts, minimal = found
        self.finished = self.finished and minimal
        return tuple(map(self.compiled.reason, parts))

    def late(self) -> bool:
        if self.deadline.passed:
            self.finished = False
        return self.deadline.passed

    def false_optional(self, root: Forced) -> Iterator[Finding]:
        """Options their group leaves open, but which are there whenever the option above is."""
        number, run = self.compiled.number, self.compiled.propagator.run
        for group, parent in self.compiled.model.walk():
            open_ = [option.id for option in group.options] if group.least < len(group.options) else []
            above = [number[parent.id]] if parent else []
            if not open_ or (above and root.off >> (above[0] - 1) & 1):
                continue
            if self.late():
                return
            forced = run(above, self.deadline)
            for id in open_:
                if forced.on >> (number[id] - 1) & 1:
                    yield self.find(id, [*above, -number[id]])

    def redundant(self) -> Iterator[Finding]:
        """Rules that follow from all the others, and from which."""
        reasoner = self.compiled.reasoner
        for index, part in enumerate(self.compiled.clauses.parts):
            if part.kind != "rule":
                continue
            needed: set[int] = set()
            for clause in part.clauses:
                found = None if self.late() else reasoner.parts([-literal for literal in clause], self.deadline, index)
                if found is None:
                    break
                needed.update(found[0])
            else:
                yield Finding(part.id, tuple(self.compiled.reason(other) for other in sorted(needed)))

    def count(self) -> int | None:
        """The number of configurations."""
        found = counted(self.compiled, self.deadline.left)
        self.finished = self.finished and found is not None
        return found.total() if found else None
