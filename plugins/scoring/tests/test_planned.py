"""RICE, ICE, WSJF and formulas of one's own: known answers, what is missing, what is refused, and where the team sees them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from codesign.sdk import IdeaStatistics, Invalid, Score, ScoreRule, ValidationError
from codesign.testing import Plugins, load_plugin

plugin = load_plugin(Path(__file__).parents[1]).plugin

from codesign_plugins.scoring.formula import KNOWN, formula, needs_of, read  # noqa: E402
from codesign_plugins.scoring.planned import ice, rice, wsjf  # noqa: E402

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLAN = {"reach": 500.0, "impact": 2.0, "confidence": 0.8, "effort": 3.0, "ease": 4.0}
COSTS = {"value": 8.0, "urgency": 5.0, "risk": 3.0, "size": 5.0}
NUMBERS = st.floats(0.001, 1e6)


def idea(fields: dict[str, float] | None = None, **more: Any) -> IdeaStatistics:
    plain = IdeaStatistics(
        idea_id="1", up=12, down=3, passed=1, voters=16, comments=5, first_at=T0 - timedelta(days=3), last_at=None,
        votes_24h=2, votes_7d=9, at=T0, fields=fields or {},
    )  # fmt: skip
    return replace(plain, **more)


def value(score: Score | None) -> float:
    assert score is not None
    return score.value


# --- Methods ----------------------------------------------------------------------------------------------------------


def test_known_answers() -> None:
    assert round(value(rice(idea(PLAN))), 1) == 266.7
    assert value(ice(idea(PLAN))) == pytest.approx(6.4)
    assert value(wsjf(idea(COSTS))) == pytest.approx(3.2)


def test_reach_comes_from_votes_where_nobody_set_it_and_says_so() -> None:
    fields = {key: number for key, number in PLAN.items() if key != "reach"}
    score = rice(idea(fields))
    assert value(score) == pytest.approx(16 * 2 * 0.8 / 3)
    assert score is not None and str(score.parts[0].input) == "16, counted from votes"
    assert value(rice(idea(fields, up=0, down=0, passed=0))) == 0


@pytest.mark.parametrize(("rule", "fields"), [(rice, PLAN), (ice, PLAN), (wsjf, COSTS)])
def test_a_missing_field_gives_no_number(rule: Any, fields: dict[str, float]) -> None:
    needed = next(each for each in plugin.rules if each.compute is rule).fields
    assert len(needed) >= 3 and rule(idea(fields)) is not None
    for key in needed:
        assert rule(idea({name: number for name, number in fields.items() if name != key})) is None
    assert rule(idea(dict(fields, effort=0.0, ease=-1.0, size=0.0))) is None, "nothing is divided by zero"


def test_weights_leave_out_and_count_twice() -> None:
    assert value(rice(idea(PLAN), effort=0)) == pytest.approx(800)
    assert value(rice(idea(PLAN), impact=2)) == pytest.approx(500 * 4 * 0.8 / 3)
    assert value(rice(idea(dict(PLAN, effort=0.0)), effort=0)) == pytest.approx(800)
    assert value(wsjf(idea(COSTS), value=2, size=0)) == pytest.approx(24)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.floats(0, 3), st.floats(0, 3))
def test_parts_add_up(one: float, two: float, three: float, four: float, power: float, other: float) -> None:
    plan = {"reach": one, "impact": two, "confidence": three, "effort": four, "ease": four}
    costs = {"value": one, "urgency": two, "risk": three, "size": four}
    for score in (
        rice(idea(plan), reach=power, effort=other), ice(idea(plan), ease=power),
        wsjf(idea(costs), risk=power, size=other), formula(idea(plan), "reach * 2 - impact / effort + up"),
    ):  # fmt: skip
        assert score is not None
        assert sum(part.points for part in score.parts) == pytest.approx(
            score.value, abs=1e-9 * max(1, *(abs(part.points) for part in score.parts))
        )


# --- Formulas ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("up", 12), ("2*up - 3*down + comments", 20), ("(up - down) * impact / effort", 6), ("-up + 2", -10),
        ("max(up, down, reach)", 500), ("round(up / 5) ** 2", 4), ("sqrt(votes_7d) + age_days", 6), ("1e3 + 0.5", 1000.5),
    ],
)  # fmt: skip
def test_a_formula_counts(text: str, expected: float) -> None:
    assert value(formula(idea(PLAN), text)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    ["up / (down - 3)", "sqrt(0 - up)", "log(0 * up)", "(0 - up) ** 0.5", "9 ** 9 ** 9", "up ** 1e6", "effort * missing",
     "round(1e300) ** round(1e300)", "1e308 * 1e308", "1e308 * 10 - 1e308 * 10"],
)  # fmt: skip
def test_what_is_no_number_gives_no_score(text: str) -> None:
    assert formula(idea(PLAN), text) is None


REFUSED = {
    "Up * 2": "There is nothing called “Up” (character 1).",
    "up +": "This formula stops too early: something is missing at its end.",
    "up down": "From “down” on (character 4) this is no formula.",
    "up + foo(1)": "“foo(1)” (character 6) is no function; there are abs, log, log10, max, min, round, sqrt.",
    "up + 'x'": "“'x'” (character 6) is no number here.",
    "sqrt + 1": "Functions take one number in brackets, min and max take several (character 1).",
    "min(up)": "Functions take one number in brackets, min and max take several (character 1).",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_wrong_is_named_with_its_place(text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        read(text)
    assert [str(each) for each in refusal.value.messages] == [REFUSED[text]]


HOSTILE = [
    "__import__('os').system('id')", "().__class__.__bases__[0].__subclasses__()", "up.__class__", "up.real", "[1] * 9",
    "lambda: 1", "(x := 3)", "f'{up}'", "up if down else 1", "up == 2", "up // 2", "up % 2", "1 << 99", "max(*up)",
    "max(key=1)", "True", "None", "1j", "1e999", "'a' * 9999", "{}", "open('/etc/passwd')", "eval('1')", "up\n+ 1; down",
    "(" * 150 + "1" + ")" * 149, "-" * 299 + "1", "+".join(["up"] * 99), "9" * 301, "sqrt(" * 59 + "1" + ")" * 59, "\x00",
    "[" * 290, "up" + " " * 300, "_x", "up\\", "#", "*up", "yield", "await up", "print(1)", "import os",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input_is_refused_at_once_or_is_plain_arithmetic(text: str) -> None:
    begun = time.perf_counter()
    try:
        score = formula(idea(PLAN), text)
    except ValidationError as refusal:
        assert len(refusal.messages) == 1
    else:
        assert text.startswith("sqrt(") and (score is None or value(score) == 1), text
    assert time.perf_counter() - begun < 0.5


@given(st.text(alphabet="up down()+-*/**.,0123456789eE_[]{}'\"lambda:=<>%&|^~!@#\\ \t", max_size=120))
def test_whatever_is_typed_is_refused_in_words_or_counts(text: str) -> None:
    try:
        score = formula(idea(PLAN), text)
    except ValidationError as refusal:
        assert all(str(each) for each in refusal.messages)
    else:
        assert score is None or isinstance(score.value, float)


def test_parts_are_the_terms_of_a_formula() -> None:
    score = formula(idea(PLAN), "2*up - (down + 1)*3")
    assert score is not None
    assert [(part.label, part.input, part.points) for part in score.parts] == [
        ("2*up", "up 12", 24.0), ("− (down + 1)*3", "down 3", -12.0),
    ]  # fmt: skip


def test_a_formula_needs_the_fields_it_names() -> None:
    assert needs_of("up * impact / effort + reach") == ("field:impact", "field:effort")
    rule = next(each for each in plugin.rules if each.name == "formula")
    every = frozenset({"up", "down", "pass", *(f"field:{key}" for key in PLAN)})
    assert not rule.settled({"formula": ""}).offered(every), "without a formula there is no such order"
    assert rule.settled({"formula": "up * impact"}).offered(every)
    assert not rule.settled({"formula": "up * magic"}).offered(every)
    assert set(KNOWN) >= {"up", "down", "passed", "voters", "comments", "votes_24h", "votes_7d", "age_days", "reach"}


def test_ten_thousand_ideas_take_a_second_or_two() -> None:
    """A pass of the worker works out 200 at a time; loose, so that a busy machine does not fail it."""
    begun = time.perf_counter()
    for _number in range(10_000):
        formula(idea(PLAN), "(up - 2*down) * impact * confidence / effort + log(1 + comments) - age_days / 30")
    assert time.perf_counter() - begun < 10


# --- In a space -------------------------------------------------------------------------------------------------------


def titles(client: FlaskClient, space: Any, sort: str) -> list[str]:
    answer = client.get(f"/api/v1/spaces/{space.slug}/ideas?sort={sort}")
    assert answer.status_code == 200, answer.json
    return [item["title"] for item in answer.json["items"]]


def test_a_formula_is_checked_when_it_is_kept(
    plugins: Plugins, make_space: Callable[..., Any], client: FlaskClient
) -> None:
    space = make_space(kind="updown")
    with pytest.raises(Invalid) as refusal:
        plugins.enable("scoring", space, formula="up + (down")
    assert refusal.value.errors[0].field == "formula"
    with pytest.raises(Invalid) as refusal:
        plugins.enable("scoring", space, formula="up * impact")
    assert "“impact” is neither known of every idea nor a number field of this space." in str(
        refusal.value.errors[0].message
    )
    plugins.enable("scoring", space, formula="up - 2 * down")
    assert client.get(f"/api/v1/spaces/{space.slug}/ideas?sort=formula").status_code == 422, "it is the team's"
    assert isinstance(next(each for each in plugin.rules if each.name == "formula"), ScoreRule)
