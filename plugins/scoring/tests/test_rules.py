"""Known answers, and what must hold for every tally."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.sdk import IdeaStatistics, Score, ScoreRule
from codesign.testing import load_plugin

plugin = load_plugin(Path(__file__).parents[1]).plugin
hot, wilson = (rule.compute for rule in plugin.rules)

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COUNTS = st.integers(0, 1_000_000)


def statistics(up: int, down: int = 0, at: datetime = T0, **more: Any) -> IdeaStatistics:
    plain = IdeaStatistics(
        idea_id="1", up=up, down=down, passed=0, voters=up + down, comments=0, first_at=at, last_at=None, votes_24h=0,
        votes_7d=0,
    )  # fmt: skip
    return replace(plain, **more)


def value(score: Score | None) -> float:
    assert score is not None
    return score.value


@pytest.mark.parametrize(
    ("up", "trials", "expected"), [(40, 50, 0.6696), (9, 10, 0.5958), (600, 1000, 0.5693), (1, 1, 0.2065)]
)
def test_wilson_gives_the_published_numbers(up: int, trials: int, expected: float) -> None:
    assert round(value(wilson(statistics(up, trials - up), z=1.96)), 4) == expected


def test_a_pass_is_no_trial() -> None:
    assert wilson(statistics(9, 1, passed=500)) == wilson(statistics(9, 1))


def test_without_votes_nothing_is_sure() -> None:
    assert wilson(statistics(0, 0)) is None and wilson(statistics(0, 0, passed=7)) is None


def test_ten_times_the_votes_are_45_000_seconds() -> None:
    assert value(hot(statistics(100, 0, T0))) == pytest.approx(
        value(hot(statistics(10, 0, T0 + timedelta(seconds=45_000))))
    )
    slow = [hot(statistics(100, 0, T0), gravity=600), hot(statistics(10, 0, T0 + timedelta(seconds=600)), gravity=600)]
    assert value(slow[0]) == pytest.approx(value(slow[1]))


def test_hot_sinks_what_is_not_wanted() -> None:
    assert value(hot(statistics(0, 100))) < value(hot(statistics(0, 0))) < value(hot(statistics(100, 0)))
    assert value(hot(statistics(5, 5))) == value(hot(statistics(0, 0))) == value(hot(statistics(1, 0)))


@given(COUNTS, COUNTS, st.floats(0.1, 5))
def test_wilson_lies_between_nothing_and_the_share_and_grows_with_ups(up: int, down: int, z: float) -> None:
    score = wilson(statistics(up, down), z=z)
    if up + down == 0:
        assert score is None
        return
    assert 0 <= value(score) <= up / (up + down) + 1e-12
    assert value(wilson(statistics(up + 1, down), z=z)) >= value(score) - 1e-12
    assert value(wilson(statistics(up, down + 1), z=z)) <= value(score) + 1e-12


@given(COUNTS, COUNTS, st.integers(-(10**8), 10**8), st.floats(600, 31_536_000))
def test_parts_add_up_to_the_score(up: int, down: int, seconds: int, gravity: float) -> None:
    given_ = statistics(up, down, T0 + timedelta(seconds=seconds))
    for score in (hot(given_, gravity=gravity), wilson(given_)):
        if score is not None:
            assert sum(part.points for part in score.parts) == pytest.approx(score.value)
            assert all(part.label and part.input for part in score.parts)


def test_rules_are_pure() -> None:
    given_ = statistics(7, 3)
    assert hot(given_) == hot(given_) and wilson(given_) == wilson(given_) and given_ == statistics(7, 3)


def test_wilson_is_offered_only_where_people_can_say_no() -> None:
    offered: dict[str, ScoreRule] = {rule.name: rule for rule in plugin.rules}
    assert list(offered) == ["hot", "wilson"]
    assert offered["hot"].offered(frozenset({"up"}))
    assert not offered["wilson"].offered(frozenset({"up"}))
    assert offered["wilson"].offered(frozenset({"up", "down", "pass"}))
    assert all(rule.title and rule.description and rule.source.startswith("https://") for rule in offered.values())


def test_parameters_are_the_defaults_of_the_functions() -> None:
    defaults = plugin.settings().load({})
    assert defaults == {"hot_gravity": 45_000.0, "wilson_z": 1.96}
