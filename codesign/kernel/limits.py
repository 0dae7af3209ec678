"""Token buckets: so many at once, so many a minute. In memory, one set per server process.

The known limiter libraries count in windows; a burst that refills evenly is what people feel as fair, and it is ten lines.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from codesign.kernel.errors import TooMany
from codesign.kernel.text import _


@dataclass(frozen=True)
class Rate:
    """``per_minute`` refills evenly; ``burst`` may be spent at once."""

    per_minute: float
    burst: int


class Buckets:
    """Buckets by key; the longest unused are forgotten beyond *most* keys."""

    def __init__(self, rate: Rate, most: int = 50_000) -> None:
        self.rate, self.most = rate, most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, amount: float = 1.0) -> None:
        """Spend *amount* from the bucket of *key*; raises TooMany with the seconds to wait.

        More than a bucket holds is let through when it is full, and leaves a debt.
        """
        level, needed = self._level(key), min(amount, self.rate.burst)
        if level < needed:
            refill = self.rate.per_minute / 60
            wait = max(1, round((needed - level) / refill)) if refill else 60
            many = _("That was quick. You can go on in %(seconds)s seconds.", seconds=wait)
            raise TooMany(many if wait > 1 else _("That was quick. You can go on in 1 second."), retry_after=wait)
        self.charge(key, amount)

    def charge(self, key: str, amount: float) -> None:
        """Spend *amount* whatever there is: what took more than was taken for it leaves a debt."""
        self._levels[key] = (self._level(key) - amount, time.monotonic())
        while len(self._levels) > self.most:
            self._levels.popitem(last=False)

    def _level(self, key: str) -> float:
        """What is in the bucket of *key* now; it counts as used."""
        moment = time.monotonic()
        level, then = self._levels.pop(key, (float(self.rate.burst), moment))
        level = min(float(self.rate.burst), level + (moment - then) * self.rate.per_minute / 60)
        self._levels[key] = (level, moment)
        return level
