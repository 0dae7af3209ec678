"""Known answers, and what must hold for every tally."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.sdk import IdeaStatistics, Score, ScoreRule, SpaceTotals
from codesign.testing import load_plugin

plugin = load_plugin(Path(__file__).parents[1]).plugin

from codesign_plugins.scoring.rules import average, bayes, controversial, hot, trending, wilson  # noqa: E402

RULES = {"hot": hot, "wilson": wilson, "bayes": bayes, "trending": trending, "controversial": controversial}
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COUNTS = st.integers(0, 1_000_000)


def statistics(up: int, down: int = 0, at: datetime = T0, **more: Any) -> IdeaStatistics:
    plain = IdeaStatistics(
        idea_id="1", up=up, down=down, passed=0, voters=up + down, comments=0, first_at=at, last_at=None, votes_24h=0,
        votes_7d=0, at=T0,
    )  # fmt: skip
    return replace(plain, **more)


def lately(day: int, before: int, age: float = 30.0) -> IdeaStatistics:
    """An idea *age* days old with so many votes in the last day and in the six days before it."""
    return statistics(day + before, at=T0 - timedelta(days=age), votes_24h=day, votes_7d=day + before)


def value(score: Score | None) -> float:
    assert score is not None
    return score.value


# --- Known answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("up", "trials", "expected"), [(40, 50, 0.6696), (9, 10, 0.5958), (600, 1000, 0.5693), (1, 1, 0.2065)]
)
def test_wilson_gives_the_published_numbers(up: int, trials: int, expected: float) -> None:
    assert round(value(wilson(statistics(up, trials - up), z=1.96)), 4) == expected


@pytest.mark.parametrize(("ratings", "expected"), [([5.0] * 2, 3.75), ([4.2] * 100, 4.136)])
def test_the_bayesian_average_gives_the_known_numbers(ratings: list[float], expected: float) -> None:
    assert round(average(sum(ratings), len(ratings), mean=3.5, weight=10), 3) == expected


def test_bayes_is_that_average_of_up_votes_with_the_mean_of_the_space() -> None:
    space = SpaceTotals(ideas=9, up=60, down=40, passed=1000)
    assert value(bayes(statistics(2, 0, space=space))) == pytest.approx(average(2, 2, mean=0.6, weight=10))
    assert value(bayes(statistics(80, 20, space=space), weight=50)) == pytest.approx((0.6 * 50 + 80) / 150)
    assert value(bayes(statistics(0, 0, space=space))) == pytest.approx(0.6), "nothing known: as liked as the average"
    assert value(bayes(statistics(0, 0))) == 0.5, "nothing known of the space either"
    assert value(bayes(statistics(10, 0))) == pytest.approx(0.75)


def test_ten_times_the_votes_are_45_000_seconds() -> None:
    assert value(hot(statistics(100, 0, T0))) == pytest.approx(
        value(hot(statistics(10, 0, T0 + timedelta(seconds=45_000))))
    )
    slow = [hot(statistics(100, 0, T0), hours=2), hot(statistics(10, 0, T0 + timedelta(hours=2)), hours=2)]
    assert value(slow[0]) == pytest.approx(value(slow[1]))


def test_hot_sinks_what_is_not_wanted() -> None:
    assert value(hot(statistics(0, 100))) < value(hot(statistics(0, 0))) < value(hot(statistics(100, 0)))
    assert value(hot(statistics(5, 5))) == value(hot(statistics(0, 0))) == value(hot(statistics(1, 0)))


def test_trending_measures_an_idea_by_its_own_past() -> None:
    """Huffman's statistic, worked out by hand: x = 20 in a day, y = 24 in six; r = 1/6."""
    by_hand = 2 * ((20 + 3 / 8) ** 0.5 - (1 / 6 * (24 + 3 / 8)) ** 0.5) / (1 + 1 / 6) ** 0.5
    assert value(trending(lately(20, 24))) == pytest.approx(by_hand) == pytest.approx(4.626, abs=5e-3)
    assert value(trending(lately(20, 24))) > value(trending(lately(100, 600))) > value(trending(lately(20, 240)))
    assert abs(value(trending(lately(100, 600)))) < 0.1, "the same pace as ever is no trend"


def test_a_young_idea_is_measured_by_the_past_it_has() -> None:
    """Twelve votes in the two days it was there before are six a day, not two."""
    assert value(trending(lately(6, 12, age=3))) < 0.2 < value(trending(lately(6, 12)))
    assert value(trending(lately(6, 0, age=0.1))) == value(trending(lately(6, 0, age=2))), (
        "one day without votes, at least"
    )
    assert trending(lately(2, 0)) is None and trending(lately(2, 0), least=2) is not None
    assert trending(lately(0, 50), least=0) is None


def test_controversial_wants_many_votes_on_both_sides() -> None:
    assert value(controversial(statistics(50, 50))) == 100
    assert value(controversial(statistics(90, 10))) == pytest.approx(100 ** (1 / 9))
    assert value(controversial(statistics(30, 30))) > value(controversial(statistics(100, 60)))
    assert controversial(statistics(500, 0)) is None and controversial(statistics(0, 500)) is None
    assert controversial(statistics(2, 2)) is None and controversial(statistics(2, 2), least=4) is not None


# --- What holds for every tally ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [wilson, bayes, controversial])
def test_a_pass_is_no_trial(rule: Any) -> None:
    assert rule(statistics(9, 3, passed=500)) == rule(statistics(9, 3))


def test_without_votes_nothing_is_sure() -> None:
    assert wilson(statistics(0, 0)) is None and wilson(statistics(0, 0, passed=7)) is None


@given(COUNTS, COUNTS, st.floats(0.1, 5))
def test_wilson_lies_between_nothing_and_the_share_and_grows_with_ups(up: int, down: int, z: float) -> None:
    score = wilson(statistics(up, down), z=z)
    if up + down == 0:
        assert score is None
        return
    assert 0 <= value(score) <= up / (up + down) + 1e-12
    assert value(wilson(statistics(up + 1, down), z=z)) >= value(score) - 1e-12
    assert value(wilson(statistics(up, down + 1), z=z)) <= value(score) + 1e-12


@given(COUNTS, COUNTS, COUNTS, COUNTS, st.floats(0.1, 10_000))
def test_bayes_lies_between_the_share_and_the_mean(up: int, down: int, all_up: int, all_down: int, m: float) -> None:
    space = SpaceTotals(up=all_up, down=all_down)
    mean = all_up / (all_up + all_down) if all_up + all_down else 0.5
    share = up / (up + down) if up + down else mean
    score = value(bayes(statistics(up, down, space=space), weight=m))
    assert min(share, mean) - 1e-9 <= score <= max(share, mean) + 1e-9
    assert value(bayes(statistics(up + 1, down, space=space), weight=m)) >= score - 1e-12
    assert value(bayes(statistics(up, down + 1, space=space), weight=m)) <= score + 1e-12


@given(COUNTS, COUNTS)
def test_hot_grows_with_ups_and_falls_with_downs(up: int, down: int) -> None:
    score = value(hot(statistics(up, down)))
    assert value(hot(statistics(up + 1, down))) >= score >= value(hot(statistics(up, down + 1)))


@given(st.integers(3, 1_000_000), COUNTS, st.floats(0, 60))
def test_trending_grows_with_today_and_falls_with_the_past(day: int, before: int, age: float) -> None:
    score = value(trending(lately(day, before, age)))
    assert value(trending(lately(day + 1, before, age))) > score > value(trending(lately(day, before + 1, age)))


@given(st.integers(3, 100_000), st.integers(3, 100_000), st.integers(2, 9))
def test_controversial_takes_no_side_and_grows_with_size_and_balance(up: int, down: int, times: int) -> None:
    score = value(controversial(statistics(up, down)))
    assert score == value(controversial(statistics(down, up))) <= up + down
    assert value(controversial(statistics(up * times, down * times))) > score
    if up < down:
        assert value(controversial(statistics(up + 1, down))) > score


@given(COUNTS, COUNTS, st.integers(-(10**8), 10**8), st.floats(0.1, 8760), COUNTS, COUNTS)
def test_parts_add_up_to_the_score(up: int, down: int, seconds: int, hours: float, day: int, week: int) -> None:
    given_ = statistics(
        up, down, T0 + timedelta(seconds=seconds), votes_24h=day, votes_7d=day + week, space=SpaceTotals(up=7, down=3)
    )
    for score in (hot(given_, hours=hours), *(rule(given_) for rule in RULES.values())):
        if score is not None:
            assert sum(part.points for part in score.parts) == pytest.approx(score.value, abs=1e-6)
            assert all(part.label and part.input for part in score.parts)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rules_are_pure_and_name_their_source(rule: Any) -> None:
    given_ = statistics(7, 3, votes_24h=4, votes_7d=9)
    before = replace(given_)
    assert rule(given_) == rule(given_) is not None and given_ == before
    assert "Source:" in rule.__doc__ or "average" in rule.__doc__


# --- The card ---------------------------------------------------------------------------------------------------------


def test_rules_are_offered_only_where_the_ballot_gives_what_they_need() -> None:
    offered: dict[str, ScoreRule] = {rule.name: rule for rule in plugin.rules}
    assert list(offered) == [*RULES, "rice", "ice", "wsjf", "formula"]
    assert all(offered[name].compute is RULES[name] for name in RULES)
    for name, rule in ((name, offered[name]) for name in RULES):
        assert rule.offered(frozenset({"up"})) == (name in {"hot", "trending"}), "no share where nobody can say no"
        assert rule.offered(frozenset({"up", "down", "pass"})) and not rule.offered(frozenset({"pass"}))
    assert {name for name, rule in offered.items() if rule.refresh == "nightly"} == {"bayes", "trending", "formula"}
    assert all(rule.title and rule.description and rule.source.startswith("https://") for rule in offered.values())


def test_parameters_are_the_defaults_of_the_functions() -> None:
    defaults = plugin.settings().load({})
    assert defaults == {
        "hot_hours": 12.5, "wilson_z": 1.96, "bayes_weight": 10.0, "trending_least": 3, "controversial_least": 5,
        "formula": "", **{name: 1.0 for name in defaults if name.startswith("weight_")},
    }  # fmt: skip
    given_ = statistics(7, 3, votes_24h=4, votes_7d=9)
    for rule in plugin.rules:
        assert rule.compute(given_, **{name: defaults[key] for name, key in rule.parameters.items()}) == rule.compute(
            given_
        )
    assert all({"label", "help", "unit"} <= set(field.metadata) for field in plugin.settings().fields.values())
