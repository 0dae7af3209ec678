"""Configurations that were seen, a bit per option, kept so that the next question need not be asked again."""

from __future__ import annotations

from typing import Any

MOST = 4_000
MOST_WORDS = 400_000
"""Of 8 bytes, for one model."""


class Witnesses:
    """The newest configurations of one model, in one table that is searched in a few microseconds."""

    def __init__(self, options: int) -> None:
        import numpy

        self.numpy = numpy
        self.words = max(1, (options + 63) // 64)
        self.room = max(100, min(MOST, MOST_WORDS // self.words))
        self.table = self.numpy.zeros((0, self.words), dtype=self.numpy.uint64)
        self.used = self.next = 0

    def keep(self, witness: int) -> None:
        """Remember one; the oldest gives way."""
        if self.used == len(self.table) < self.room:
            grown = self.numpy.zeros((min(self.room, max(64, 2 * self.used)), self.words), dtype=self.numpy.uint64)
            grown[: self.used] = self.table
            self.table = grown
        if self.used < len(self.table):
            place, self.used = self.used, self.used + 1
        else:
            place, self.next = self.next, (self.next + 1) % self.used
        self.table[place] = self.row(witness)

    def row(self, bits: int) -> Any:
        """Bits as a row of the table."""
        return self.numpy.frombuffer(bits.to_bytes(self.words * 8, "little"), dtype=self.numpy.uint64)

    def seen(self, value: int, care: int) -> tuple[int, int]:
        """Which options are on, and which off, in some witness whose bits under *care* are *value*."""
        table = self.table[: self.used]
        if care:
            # Only the words that are asked about, one after the other: most witnesses fail at the first.
            cares, values = self.row(care), self.row(value)
            fitting = None
            for word in self.numpy.flatnonzero(cares):
                column = table[:, word] if fitting is None else table[fitting, word]
                matches = self.numpy.flatnonzero((column & cares[word]) == values[word])
                fitting = matches if fitting is None else fitting[matches]
            table = table[fitting]
        if not len(table):
            return 0, 0
        on, off = self.numpy.bitwise_or.reduce(table), ~self.numpy.bitwise_and.reduce(table)
        return int.from_bytes(on.tobytes(), "little"), int.from_bytes(off.tobytes(), "little")
