"""Numbers that take a look over many rows are believed for some seconds; nothing that must be exact goes through here."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_KEYS = 1_000


class Believed(Generic[T]):
    """What was read for a key, until it is *seconds* old."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._known: OrderedDict[object, tuple[float, T]] = OrderedDict()

    def get(self, key: object, read: Callable[[], T]) -> T:
        """The value for *key*; *read* is called when none is known or it is too old."""
        moment = time.monotonic()
        read_at, value = self._known.pop(key, (0.0, None))
        if value is None or moment - read_at > self.seconds:
            read_at, value = moment, read()
        self._known[key] = (read_at, value)
        while len(self._known) > MOST_KEYS:
            self._known.popitem(last=False)
        return value

    def get_many(self, keys: Iterable[object], read: Callable[[list[object]], Mapping[object, T]]) -> dict[object, T]:
        """The values for *keys*; *read* is called once for those of which none is known or it is too old."""
        moment = time.monotonic()
        wanted = list(dict.fromkeys(keys))
        found = {key: known for key in wanted if (known := self._known.get(key)) is not None}
        fresh = {key: value for key, (read_at, value) in found.items() if moment - read_at <= self.seconds}
        if missing := [key for key in wanted if key not in fresh]:
            values = read(missing)
            for key in missing:
                fresh[key] = values[key]
                self._known[key] = (moment, values[key])
        while len(self._known) > MOST_KEYS:
            self._known.popitem(last=False)
        return fresh
