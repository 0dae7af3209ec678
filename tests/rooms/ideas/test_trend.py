"""The small chart of votes over time: every vote in its step, the table like the drawing, nothing of too few."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from codesign.ideas.facts import IdeaFact
from codesign.ideas.pages.trend import Trend, read_trend
from codesign.kernel import clock, db
from codesign.testing import actor_of
from codesign.voting.queries import count_by_steps
from codesign.voting.service import cast_vote, withdraw_vote
from tests.support.world import World

pytestmark = pytest.mark.doors

START = datetime(2026, 3, 3, 15, tzinfo=UTC)


@pytest.fixture
def stands() -> Iterator[list[datetime]]:
    """The moment the house takes for now."""
    moments = [START]
    clock.use(lambda: moments[0])
    yield moments
    clock.use(None)


@pytest.fixture
def wanted(world: World, stands: list[datetime]) -> IdeaFact:
    """An idea that got a vote a day for ten days, and four at once on the sixth."""
    idea = world.idea()
    for day in range(10):
        stands[0] = START + timedelta(days=day, hours=1)
        for _voter in range(5 if day == 5 else 1):
            voter = actor_of(world.make_person(guest=True))
            cast_vote(voter, idea.id, 1)
    withdraw_vote(voter, idea.id)
    return idea


def trend_of(idea: IdeaFact, total: int = 13, imported: int = 0, closed_at: datetime | None = None) -> Trend | None:
    with db.read():
        return read_trend(idea.id, START, clock.now(), closed_at, total, imported)


def test_each_vote_that_stands_is_in_its_step(wanted: IdeaFact) -> None:
    with db.read():
        counts = count_by_steps(wanted.id, START, timedelta(days=1))
        late = count_by_steps(wanted.id, START + timedelta(days=3), timedelta(days=2))
    assert counts == {day: 5 if day == 5 else 1 for day in range(9)}
    assert late == {0: 5, 1: 6, 2: 2}, "what came before the first step is counted in it"


def test_the_line_never_falls_and_ends_where_the_idea_stands(wanted: IdeaFact, stands: list[datetime]) -> None:
    for days in (9, 10, 14, 15, 60, 400, 4000, 40_000):
        stands[0] = START + timedelta(days=days, hours=2)
        trend = trend_of(wanted)
        assert trend is not None
        totals, times = [point.total for point in trend.points], [point.at for point in trend.points]
        assert totals == sorted(totals) and totals[0] == 0 and totals[-1] == 13
        assert times == sorted(set(times)) and times[0] == START and times[-1] == stands[0]
        assert days > 20_000 or len(times) <= 17
        assert trend.rows == trend.points[:0:-1] and trend.end == (260.0, 8.0)
        assert trend.line.startswith("M0 66 ") and trend.area.endswith("260 66 0 66z")


def test_the_best_step_is_named(wanted: IdeaFact, stands: list[datetime]) -> None:
    stands[0] = START + timedelta(days=10)
    trend = trend_of(wanted)
    assert trend is not None
    first, last = trend.peak
    assert last.total - first.total == 5
    assert first.at <= START + timedelta(days=5, hours=1) < last.at


def test_what_came_without_times_counts_from_the_start(wanted: IdeaFact, stands: list[datetime]) -> None:
    stands[0] = START + timedelta(days=10)
    trend = trend_of(wanted, total=113, imported=100)
    assert trend is not None and trend.points[0].total == 100 and trend.points[-1].total == 113


def test_a_closed_ballot_ends_the_line(wanted: IdeaFact, stands: list[datetime]) -> None:
    stands[0] = START + timedelta(days=300)
    trend = trend_of(wanted, closed_at=START + timedelta(days=10))
    assert trend is not None and trend.is_over and trend.points[-1].at == START + timedelta(days=10)


def test_too_few_votes_or_days_are_not_drawn(wanted: IdeaFact, stands: list[datetime]) -> None:
    stands[0] = START + timedelta(days=10)
    assert trend_of(wanted, total=4) is None and trend_of(wanted, total=104, imported=100) is None
    stands[0] = START + timedelta(days=1)
    assert trend_of(wanted) is None
