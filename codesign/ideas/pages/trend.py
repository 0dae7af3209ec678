"""The small chart of an idea's votes over time: a drawing, what it shows in words, and the same as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from codesign.voting.queries import count_by_steps

#: Fewer votes or days than these would tell of single people, or of nothing.
LEAST_VOTES = 5
LEAST_TIME = timedelta(days=2)
MOST_STEPS = 14
_STEPS = tuple(timedelta(days=days) for days in (1, 2, 7, 14, 28, 91, 364, 1820))
_WIDTH, _GROUND, _TOP = 260.0, 66.0, 8.0  # units of the drawing


@dataclass(frozen=True)
class Point:
    """How many votes of those that stand now had come until a moment."""

    at: datetime
    total: int


@dataclass(frozen=True)
class Trend:
    """``line`` and ``area`` are paths, ``end`` the last point of the line; ``peak`` the two ends of the best step."""

    points: tuple[Point, ...]
    line: str
    area: str
    end: tuple[float, float]
    peak: tuple[Point, Point]
    is_over: bool

    @property
    def rows(self) -> tuple[Point, ...]:
        """The points of the table, newest first."""
        return self.points[:0:-1]


def read_trend(
    idea_id: str, start: datetime, moment: datetime, closed_at: datetime | None, total: int, imported: int
) -> Trend | None:
    """The chart from *start* to now or the close; None while there is too little to draw. Needs a read block around it.

    *total* is what stands now; the *imported* part of it came without times and counts from the start.
    """
    end = closed_at or moment
    if total - imported < LEAST_VOTES or end - start < LEAST_TIME:
        return None
    edges = _edges(start, end)
    counts = count_by_steps(idea_id, edges[0], edges[1] - edges[0])
    points, sum_ = [Point(start, imported)], imported
    for number, edge in enumerate(edges[1:]):
        sum_ += counts.get(number, 0)
        points.append(Point(edge, min(sum_, total)))
    points = [*points[:-1], Point(end, total)] if points[-1].at >= end else [*points, Point(end, total)]
    return _drawn(tuple(points), is_over=closed_at is not None)


def _edges(start: datetime, end: datetime) -> list[datetime]:
    """Midnights at even distances, from the last one before *start* (or at it) to one shortly before *end*."""
    step = next((step for step in _STEPS if (end - start) / step <= MOST_STEPS), _STEPS[-1])
    last = (end - step / 2).replace(hour=0, minute=0, second=0, microsecond=0)
    count = max(1, -((start - last) // step))
    return [last - number * step for number in range(count, -1, -1)]


def _drawn(points: tuple[Point, ...], *, is_over: bool) -> Trend:
    start, whole, most = points[0].at, points[-1].at - points[0].at, max(1, *(point.total for point in points))
    places = [
        (round((point.at - start) / whole * _WIDTH, 1), round(_GROUND - point.total / most * (_GROUND - _TOP), 1))
        for point in points
    ]
    line = "M" + " ".join(f"{x:g} {y:g}" for x, y in places)
    peak = max(pairwise(points), key=lambda pair: pair[1].total - pair[0].total)
    area = f"{line} {_WIDTH:g} {_GROUND:g} 0 {_GROUND:g}z"
    return Trend(points, line, area, places[-1], peak, is_over)
