"""A model made ready for questions. Nothing is remembered between them but what makes the next one faster."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from gevent.monkey import get_original

from codesign.kernel.errors import Conflict, Invalid, Unavailable
from codesign.kernel.text import _
from codesign.products.engine import sums
from codesign.products.engine.answers import Analysis, Explanation, Propagation, Reason, Repair, State, Totals
from codesign.products.engine.cnf import encode
from codesign.products.engine.model import Model
from codesign.products.engine.propagation import Forced, Propagator
from codesign.products.engine.reasons import Reasoner, blame, newest_first, ways_out
from codesign.products.engine.solving import Deadline, Oracle, OutOfTime, numbers
from codesign.products.engine.sums import Goal, Sums

Decisions = Mapping[str, bool]

KEPT = 16
"""Compiled models of a process, 1 to 8 MB each."""
READY = 10.0
"""Seconds for looking at a model the first time; the others are of one question."""
STATES, REASONS, COMPLETION = 1.0, 1.5, 3.0
WHOLE = 2.0
"""Seconds for the range of the product as a whole, which every page shows; it is found once."""

TOLD, MOST_TOLD = 8, 4_000
"""Reasons kept of each option and way, and options and ways that reasons are kept of."""

TOO_LONG = _("That took too long to work out. Decide a little more, then try again.")

ORDER = ("rule", "group", "part")
"""Of reasons: first what somebody wrote to be read."""

# A lock of real threads, also under gevent: who holds it computes and never yields.
_make_lock = get_original("_thread", "allocate_lock")
_cache: OrderedDict[str, Compiled] = OrderedDict()
_cache_lock = _make_lock()


def compile(model: Model) -> Compiled:
    """*model*, ready for questions; the same one for the same content.

    Raises TooLarge where its rules are beyond any use.
    """
    return compiled(model.content_hash, lambda: model)


def compiled(content_hash: str, load: Callable[[], Model]) -> Compiled:
    """The same by its hash: *load* is called only where this process does not have it."""
    with _cache_lock:
        found = _cache.get(content_hash)
        if found:
            _cache.move_to_end(content_hash)
            return found
    made = Compiled(load())
    with _cache_lock:
        found = _cache.setdefault(content_hash, made)
        while len(_cache) > KEPT:
            _cache.popitem(last=False)
    return found


class Compiled:
    """Answers questions about one model. Decisions are what the person decided, oldest first; all else is proved."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.clauses = encode(model)
        self.options = tuple(model.options)
        self.number = {id: index for index, id in enumerate(self.options, 1)}
        self.lock = _make_lock()
        self.propagator = Propagator(self.clauses, READY)
        self._reasoner: Reasoner | None = None
        self.told: dict[int, deque[tuple[frozenset[int], Explanation]]] = {}
        self.sums = Sums(model, self.clauses, self.propagator.pieces)

    @property
    def oracle(self) -> Oracle:
        """Knows the whole model."""
        return self.propagator.oracle

    # ---- states -----------------------------------------------------------------------------------------------------

    def propagate(self, decisions: Decisions) -> Propagation:
        """How every option stands under *decisions*.

        Raises Invalid for options that this model does not have.
        """
        literals = self.literals(decisions)
        with self.lock:
            forced = self.propagator.run(literals, Deadline(STATES))
        return self.shown(decisions, forced)

    def shown(self, decisions: Decisions, forced: Forced) -> Propagation:
        """*forced* with the names of options and states."""
        states = dict.fromkeys(self.options, State.FREE)
        for state, bits in ((State.FORCED_ON, forced.on), (State.FORCED_OFF, forced.off)):
            for variable in numbers(bits):
                states[self.options[variable - 1]] = state
        for id, value in decisions.items():
            states[id] = State.ON if value else State.OFF
        unknown = tuple(self.options[variable - 1] for variable in numbers(forced.unknown))
        return Propagation(states, forced.possible, unknown)

    def possible(self, decisions: Decisions) -> bool | None:
        """Whether some configuration has all of *decisions*; None where that was not found out."""
        literals = self.literals(decisions)
        with self.lock:
            return self.oracle.ask(literals)

    # ---- reasons ----------------------------------------------------------------------------------------------------

    def explain(self, decisions: Decisions, option: str, value: bool = True) -> Explanation:
        """Why *option* cannot be *value*. An opposite decision about itself is the reason only if nothing else is."""
        (wanted,) = self.literals({option: value})
        others = [literal for literal in self.literals(decisions) if abs(literal) != abs(wanted)]
        with self.lock:
            found = self.told_before(wanted, others) or self.why(others, [wanted], Deadline(REASONS))
            if found is not None:
                self.remember(wanted, others, found)
        if found is None and decisions.get(option, value) is not value:
            return Explanation((option,))
        return found or Explanation(blocked=False)

    def told_before(self, wanted: int, decisions: Sequence[int]) -> Explanation | None:
        """A reason given before that holds here too, because all its decisions are made here; told in the order of today."""
        made = set(decisions)
        for literals, found in self.told.get(wanted, ()):
            if literals <= made:
                ids = tuple(self.options[abs(literal) - 1] for literal in decisions if literal in literals)
                return replace(found, decisions=ids)
        return None

    def remember(self, wanted: int, decisions: Sequence[int], found: Explanation) -> None:
        """Keep a reason for others who choose the same, unless it may be longer than need be."""
        literals = frozenset(literal for literal in decisions if self.options[abs(literal) - 1] in found.decisions)
        kept = self.told.setdefault(wanted, deque(maxlen=TOLD))
        if found.minimal and all(literals != others for others, _found in kept):
            kept.append((literals, found))
        if len(self.told) > MOST_TOLD:
            self.told.clear()

    def conflict(self, decisions: Decisions) -> Explanation | None:
        """Why *decisions* are impossible together; None where they are not."""
        literals = self.literals(decisions)
        with self.lock:
            return self.why(literals, [], Deadline(REASONS))

    def why(self, decisions: Sequence[int], wanted: Sequence[int], deadline: Deadline) -> Explanation | None:
        """The fewest decisions, then the fewest parts. The caller holds the lock."""
        blamed = blame(self.oracle, decisions, wanted, deadline)
        if blamed is None:
            return None
        literals, minimal = blamed
        found = self.reasoner.parts([*wanted, *literals], deadline)
        parts, exact = found if found else ([], False)
        ids = tuple(self.options[abs(literal) - 1] for literal in literals)
        reasons = sorted(map(self.reason, parts), key=lambda reason: ORDER.index(reason.kind))
        return Explanation(ids, tuple(reasons), minimal=minimal and exact)

    @property
    def reasoner(self) -> Reasoner:
        """Made when it is needed first."""
        if self._reasoner is None:
            self._reasoner = Reasoner(self.clauses)
        return self._reasoner

    def reason(self, part: int) -> Reason:
        """What a part of the clauses means to people."""
        found = self.clauses.parts[part]
        if found.kind == "rule":
            return Reason(found.id, "rule", self.model.rule(found.id).message)
        group, parent = self.model.group(found.id)
        above = parent.label if parent else ""
        return Reason(group.id, found.kind, "", group.label, above, group.least, group.most)

    # ---- ways out ---------------------------------------------------------------------------------------------------

    def repairs(self, decisions: Decisions, option: str, value: bool = True, most: int = 3) -> tuple[Repair, ...]:
        """Up to *most* ways to have *option* be *value*: fewest decisions given up first, of those the newest first.

        Nothing where the model itself forbids it. Totals tell only what is on ``now``. Raises Unavailable where the limit of
        time was reached before any was found.
        """
        kept = {id: decided for id, decided in decisions.items() if id != option}
        return self.found_ways(kept, {option: value}, most)

    def mend(self, decisions: Decisions) -> Repair:
        """The smallest way to make *decisions* possible; it gives up nothing where they are.

        Raises Conflict where the model has no configuration at all, Unavailable where that was not found out in time.
        """
        found = self.found_ways(decisions, {}, 1)
        if not found:
            raise Conflict(_("This product model allows nothing at all."))
        return found[0]

    def found_ways(self, decisions: Decisions, wanted: Decisions, most: int) -> tuple[Repair, ...]:
        """Ways out as repairs."""
        own, new = self.literals(decisions), self.literals(wanted)
        deadline = Deadline(REASONS)
        found: list[list[int]] = []
        with self.lock:
            try:
                for way in islice(ways_out(self.oracle, own, new, deadline), most):
                    found.append(way)
            except OutOfTime:
                simple = None if found else newest_first(self.oracle, own, new, Deadline(REASONS))
                found = found if simple is None else [simple]
                if not found:
                    raise Unavailable(TOO_LONG) from None
        return tuple(self.repair(decisions, wanted, way) for way in found)

    def repair(self, decisions: Decisions, wanted: Decisions, way: Sequence[int]) -> Repair:
        """The repair that gives up the decisions of *way*."""
        gives_up = tuple(self.options[abs(literal) - 1] for literal in way)
        remaining = {id: value for id, value in decisions.items() if id not in set(gives_up)} | dict(wanted)
        return Repair(gives_up, remaining, self.totals(remaining, ranges=False))

    # ---- sums and goals ---------------------------------------------------------------------------------------------

    def totals(self, decisions: Decisions, ranges: bool = True, share: float = 1.0) -> dict[str, Totals]:
        """Each summed attribute: of what is on or forced on now, and (*ranges*) the least and most still to be reached.

        Those are looked for a *share* of the usual time, longer where nothing is decided; None stands for what was not found.
        """
        literals = self.literals(decisions)
        with self.lock:
            # What is forced off adds nothing, and takes long to find.
            forced = self.propagator.run(literals, Deadline(STATES), only_on=not ranges)
            return self.sums.totals(forced, ranges, share * sums.SECONDS if decisions else WHOLE)

    def complete(self, decisions: Decisions, goal: Goal, limit: Mapping[str, int] | None = None) -> dict[str, bool]:
        """A whole configuration with *decisions*: "cheapest", "dearest", or the largest sum of the weights in *goal*.

        *limit* says what attributes may sum up to, in smallest units. Raises Invalid for a goal this model does not know,
        Conflict where nothing fits, Unavailable where the limit of time was reached.
        """
        literals = self.literals(decisions)
        weights, limits = self.sums.weights(goal), self.sums.limits(limit or {})
        deadline = Deadline(COMPLETION)
        try:
            with self.lock:
                forced = self.propagator.run(literals, deadline)
                if not forced.possible:
                    raise Conflict(_("These choices do not go together."))
                on = self.sums.best(forced, weights, limits, deadline)
        except OutOfTime:
            raise Unavailable(TOO_LONG) from None
        if on is None:
            raise Conflict(_("Nothing that fits stays within this limit."))
        return {id: number in on for id, number in self.number.items()}

    def analysis(self, seconds: float = 5) -> Analysis:
        """What the publish gate shows. Takes long and needs much: run it in a process that can be ended."""
        from codesign.products.engine.analysis import analyse

        return analyse(self, seconds)

    # ---- small things -----------------------------------------------------------------------------------------------

    def literals(self, decisions: Decisions) -> list[int]:
        """Decisions as literals, in their order."""
        literals = []
        for id, value in decisions.items():
            number = self.number.get(id)
            if number is None or not isinstance(value, bool):
                raise Invalid.field(
                    f"decisions.{id}", _("This model has no such option, or that is neither yes nor no.")
                )
            literals.append(number if value else -number)
        return literals
