"""Formulas: how they bind, that they can be written back, and that hostile ones end."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.products.engine.formula import (
    And,
    AtMost,
    FormulaError,
    Iff,
    Implies,
    Not,
    Or,
    Var,
    holds,
    parse,
    show,
    variables,
)
from tests.support.small_models import formulas

IDS = ("a", "b", "c", "d-1", "2x")
a, b, c, d = (Var(id) for id in IDS[:4])


def read(text: str) -> object:
    return parse(text, IDS.__contains__, {"length": {Decimal(1): "a", Decimal("2.5"): "b", Decimal(4): "c"}})


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("a", a),
        ("!a & b | c", Or((And((Not(a), b)), c))),
        ("a | b & c => d-1", Implies(Or((a, And((b, c)))), d)),
        ("a => b => c", Implies(a, Implies(b, c))),
        ("a <=> b => c", Iff(a, Implies(b, c))),
        ("a => b <=> c", Iff(Implies(a, b), c)),
        ("a & (b | c) & d-1", And((a, Or((b, c)), d))),
        ("!!a", a),
        ("!(a|b)", Not(Or((a, b)))),
        ("a=>2x", Implies(a, Var("2x"))),
        ("length >= 2.5", Or((b, c))),
        ("length<2.5 & b", And((Or((a,)), b))),
        ("length == 3", Or(())),
        ("length != 1 => a", Implies(Or((b, c)), a)),
    ],
)
def test_how_signs_bind(text: str, formula: object) -> None:
    assert read(text) == formula


NONSENSE = ["", "   ", "a &", "& a", "(a", "a)", "a b", "a => ", "e", "a # b", "()", "!", "a ! b", "=> a"]


@pytest.mark.parametrize("text", [*NONSENSE, "a <= 2", "length", "length >= a", "length > ", "a <=> <=> b"])
def test_what_is_no_formula_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        read(text)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "!" * 100_000, "a => " * 10_000 + "a", "a <=> " * 10_000 + "a", "(a & " * 5_000, "a " * 150_000],
)
def test_hostile_formulas_are_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        read(text)


def test_a_long_row_is_no_deep_one() -> None:
    assert len(read(" | ".join(["a", "b"] * 10_000)).parts) == 20_000  # type: ignore[attr-defined]


@given(formulas(["a", "b", "c"]))
def test_what_is_written_reads_the_same(text: str) -> None:
    formula = parse(text, IDS.__contains__, {})
    assert parse(show(formula), IDS.__contains__, {}) == formula


@given(formulas(["a", "b", "c"]), st.sets(st.sampled_from("abc")))
def test_what_holds_is_what_python_says(text: str, on: set[str]) -> None:
    formula = parse(text, IDS.__contains__, {})
    python = text.replace("<=>", "==").replace("=>", "<=").replace("!", "1-")
    assert holds(formula, on.__contains__) is bool(eval(python, {}, {id: int(id in on) for id in "abc"}))
    assert set(variables(formula)) == {sign for sign in text if sign in "abc"}


def test_at_most_stands_alone() -> None:
    formula = AtMost(1, ("a", "b", "c"))
    assert holds(formula, {"a"}.__contains__) and not holds(formula, {"a", "c"}.__contains__)
    assert list(variables(formula)) == ["a", "b", "c"]
    with pytest.raises(FormulaError):
        show(formula)
