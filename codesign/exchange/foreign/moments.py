"""Days and times as other systems write them. Which number of a day is the month is told by the whole column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_MILLISECONDS = 10_000_000_000  # seconds beyond the year 2286: what is larger counts in thousandths


class Moments:
    """Reads the cells of one column. Days come before months unless a cell says otherwise; times without a zone are UTC."""

    def __init__(self, cells: Iterable[str]) -> None:
        days = [match for cell in cells if (match := _DAY.match(cell))]
        self.month_first = any(int(day[2]) > 12 for day in days) and not any(int(day[1]) > 12 for day in days)

    def read(self, cell: str) -> datetime | None:
        """The moment a cell names; None where it names none."""
        try:
            moment = self._read(cell.strip())
            return moment if moment is None or moment.year >= 1970 else None
        except (ValueError, OverflowError, OSError):
            return None

    def _read(self, cell: str) -> datetime | None:
        if match := _DAY.fullmatch(cell):
            first, other, year = int(match[1]), int(match[2]), int(match[3])
            month, day = (first, other) if self.month_first else (other, first)
            hour, minute, second = (int(part or 0) for part in match.groups()[3:])
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        if cell.isdecimal() and len(cell) >= 9:
            seconds = int(cell)
            return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
        moment = datetime.fromisoformat(cell.removesuffix(" UTC"))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
