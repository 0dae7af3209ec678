"""Sums of attributes, and configurations that make them large or small."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.products.engine.answers import Totals
from codesign.products.engine.cnf import Clauses
from codesign.products.engine.model import Model
from codesign.products.engine.optimising import Limit, best, best_within
from codesign.products.engine.propagation import Forced
from codesign.products.engine.solving import Deadline, OutOfTime, bits, limited, numbers

Goal = str | Mapping[str, int]
Range = tuple[int | None, int | None]

SECONDS = 0.25
"""For the ranges of all attributes after one decision: whoever clicks waits for it, and so do all others."""
QUICK = 0.1
"""So long (or a tenth of the time) MaxSAT is tried; what it cannot do then, integer programming often can."""
KEPT = 500
OPTIMA = 50
"""Kept of each attribute, direction and piece; a look at one takes half a microsecond."""
STILL_HARD = 0.75
"""Where more than that of the open options are left as when the best was not found, it will not be found either."""
HEAVIEST = 10**12


@dataclass(frozen=True)
class Optimum:
    """How a piece is at its best (``chosen``, a bit per option) where so much of it was forced on and off."""

    on: int
    off: int
    chosen: int

    def holds(self, on: int, off: int) -> bool:
        """Whether that is the best for these too: no less is forced there, and all of that is kept here."""
        return not (self.on & ~on or self.off & ~off or on & ~self.chosen or off & self.chosen)


@dataclass(frozen=True)
class Failure:
    """What was forced where the best was not found, how many options were left open then, and the seconds it was looked for."""

    on: int
    off: int
    left: int
    seconds: float

    def tells(self, on: int, off: int, left: int, seconds: float) -> bool:
        """Whether that would not be found for these either: the same is forced, little more, and there is little more time."""
        more = self.on & ~on or self.off & ~off or seconds > 2 * self.seconds
        return not more and left > STILL_HARD * self.left


class Sums:
    """What the options of one model add up to. Its caller holds the model's lock."""

    def __init__(self, model: Model, clauses: Clauses, pieces: Sequence[int]) -> None:
        self.model, self.clauses = model, clauses
        self.summed = [attribute.id for attribute in model.attributes if attribute.summed]
        self.amounts: dict[str, dict[int, int]] = {id: {} for id in self.summed}
        for number, option in enumerate(model.options.values(), 1):
            for id, amount in option.attributes.items():
                if amount and id in self.amounts:
                    self.amounts[id][number] = amount
        self.known: OrderedDict[tuple[int, int], tuple[float, dict[str, Range]]] = OrderedDict()
        self.priced = {id: bits(amounts) for id, amounts in self.amounts.items()}
        self.pieces, self.bound = pieces, reduce(or_, pieces, 0)
        self.optima: dict[tuple[str, int, int], deque[Optimum]] = {}
        self.failures: dict[tuple[str, int], deque[Failure]] = {}

    def totals(self, forced: Forced, ranges: bool, seconds: float) -> dict[str, Totals]:
        """Each attribute: now, and the range where asked for."""
        found = self.ranges(forced, seconds) if ranges and forced.possible else {}
        return {id: Totals(self.total(id, forced.on), *found.get(id, (None, None))) for id in self.summed}

    def total(self, attribute: str, on: int) -> int:
        """The base and what the options of the bits *on* add."""
        amounts = self.amounts[attribute]
        return self.model.base.get(attribute, 0) + sum(amounts.get(variable, 0) for variable in numbers(on))

    def ranges(self, forced: Forced, seconds: float) -> dict[str, Range]:
        """Least and most of every attribute; what was not found is not looked for again, unless there is more time."""
        key = (forced.on, forced.off)
        spent, found = self.known.get(key, (0.0, {}))
        if spent and (seconds <= spent or not any(None in one for one in found.values())):
            self.known.move_to_end(key)
            return found
        limited()  # loaded before the clock runs
        deadline = Deadline(seconds)
        found = {
            id: (self.extreme(id, forced, -1, deadline), self.extreme(id, forced, 1, deadline)) for id in self.summed
        }
        self.known[key] = seconds, found
        if len(self.known) > KEPT:
            self.known.popitem(last=False)
        return found

    def extreme(self, attribute: str, forced: Forced, sign: int, deadline: Deadline) -> int | None:
        """The largest (*sign* 1) or least (-1) total, or None where it was not found in time.

        Each piece of the model is at its best for itself, and most choices leave that as it was: then nothing is looked for.
        """
        on, off, open_ = forced.on, forced.off, list[int]()
        for piece in self.pieces:
            if not self.priced[attribute] & piece & ~(forced.on | forced.off):
                continue
            known = self.optima.setdefault((attribute, sign, piece), deque(maxlen=OPTIMA))
            found = next((one for one in known if one.holds(forced.on & piece, forced.off & piece)), None)
            if found:
                on, off = on | found.chosen, off | (piece & ~found.chosen)
            else:
                open_.append(piece)
        weights = {number: sign * amount for number, amount in self.amounts[attribute].items()}
        weights = {number: weight for number, weight in weights.items() if not (on | off) >> (number - 1) & 1}
        # What no rule speaks of is taken where it does good.
        on |= bits(number for number, weight in weights.items() if weight > 0) & ~self.bound
        if any(self.bound >> (number - 1) & 1 for number in weights):
            failures = self.failures.setdefault((attribute, sign), deque(maxlen=OPTIMA))
            left = (self.bound & ~(on | off)).bit_count()
            if any(one.tells(forced.on, forced.off, left, deadline.left) for one in failures):
                return None
            seconds = deadline.left
            try:
                best = self.best(Forced(True, on, off), weights, (), deadline, exact=True)
            except OutOfTime:
                failures.append(Failure(forced.on, forced.off, left, seconds))
                return None
            if best is None:
                return None
            on = bits(best)
        for piece in open_:
            found = Optimum(forced.on & piece, forced.off & piece, on & piece)
            self.optima[attribute, sign, piece].append(found)
        return self.total(attribute, on)

    def best(
        self,
        forced: Forced,
        weights: Mapping[int, int],
        limits: tuple[Limit, ...],
        deadline: Deadline,
        exact: bool = False,
    ) -> set[int] | None:
        """The options of the configuration with the largest sum of *weights*; None where none keeps the *limits*.

        Without *exact*, the best found where time is short. Raises OutOfTime.
        """
        fixed = [*numbers(forced.on), *(-variable for variable in numbers(forced.off))]
        model = None
        try:
            if not limits:
                model = best(self.clauses, fixed, weights, Deadline(max(min(QUICK, deadline.left), deadline.left / 10)))
        except OutOfTime:
            deadline.check()
        if model is None:
            model = best_within(self.model, self.clauses, fixed, weights, limits, deadline, exact)
        return None if model is None else {literal for literal in model if 0 < literal <= self.clauses.options}

    def weights(self, goal: Goal) -> dict[int, int]:
        """A goal as weights to be made large.

        Raises Invalid.
        """
        if not isinstance(goal, str):
            number = {id: index for index, id in enumerate(self.model.options, 1)}
            for id, weight in goal.items():
                if id not in number or type(weight) is not int or abs(weight) > HEAVIEST:
                    raise Invalid.field(f"goal.{id}", _("This is not an option with a whole number."))
            return {number[id]: weight for id, weight in goal.items()}
        if goal not in ("cheapest", "dearest"):
            raise Invalid.field("goal", _("Write cheapest, dearest, or a weight for each option."))
        if not self.summed:
            raise Invalid.field("goal", _("Nothing is summed up in this product model."))
        chosen = "price" if "price" in self.summed else self.summed[0]
        return {variable: amount if goal == "dearest" else -amount for variable, amount in self.amounts[chosen].items()}

    def limits(self, limit: Mapping[str, int]) -> tuple[Limit, ...]:
        """What the options alone may sum up to.

        Raises Invalid.
        """
        for id, most in limit.items():
            if id not in self.amounts or type(most) is not int or abs(most) > HEAVIEST:
                raise Invalid.field(
                    f"limit.{id}", _("Nothing of that name is summed up, or this is not a whole number.")
                )
        return tuple((self.amounts[id], most - self.model.base.get(id, 0)) for id, most in limit.items())
