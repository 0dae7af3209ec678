"""What rules alone would bring about: random valid configurations, and the share of all that have an option."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

from codesign.insights.dealing import POOL
from codesign.kernel.errors import Problem
from codesign.products.engine import Compiled
from codesign.products.engine.counting import Counting, counted

#: Seconds for counting a model, and for drawing at random where it cannot be counted.
SECONDS = 5.0


@dataclass(frozen=True)
class Structure:
    """Different valid configurations in random order, as the sets of options they have, and the share of all that have each
    option: exact, or (``exact`` is False) as far as the drawn ones tell."""

    pool: tuple[frozenset[str], ...]
    shares: Mapping[str, float]
    exact: bool


def structure_of(compiled: Compiled, seed: str) -> Structure:
    """The structure of a model; the same for a *seed*. Takes seconds: for the worker."""
    try:
        counting = counted(compiled, SECONDS)
    except MemoryError:
        counting = None  # the worker's share of memory bounds it as its seconds do
    dice = random.Random(seed)  # noqa: S311 - a sample, not a secret
    if counting is None:
        pool = _met(compiled, dice)
        shares = {option: sum(option in one for one in pool) / max(1, len(pool)) for option in compiled.model.options}
        return Structure(pool, shares, False)
    if counting.total() == 0:
        return Structure((), {}, True)
    return Structure(_uniform(counting, dice), counting.shares(), True)


def _uniform(counting: Counting, dice: random.Random) -> tuple[frozenset[str], ...]:
    """Configurations of which each was as likely to be drawn as any other."""
    drawn = counting.samples(2 * POOL, seed=dice.randrange(2**32))
    found = dict.fromkeys(frozenset(option for option, on in one.items() if on) for one in drawn)
    return tuple(found)[:POOL]


def _met(compiled: Compiled, dice: random.Random) -> tuple[frozenset[str], ...]:
    """Configurations each of which is the best for random likes and dislikes."""
    found, misses, end = dict[frozenset[str], None](), 0, time.monotonic() + SECONDS
    while len(found) < POOL and misses < POOL and time.monotonic() < end:
        try:
            whole = compiled.complete({}, {option: dice.choice((-1, 1)) for option in compiled.model.options})
        except Problem:
            break
        one = frozenset(option for option, on in whole.items() if on)
        misses += one in found
        found[one] = None
    return tuple(found)
