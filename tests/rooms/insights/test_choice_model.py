"""Part-worths from choices: published results, data sets with known answers, small twins of our own, and simulations."""

from __future__ import annotations

import csv
import importlib.util
import json
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from codesign.insights.choice_model import Choices, Fit, NotIdentified, fit


def greene() -> Fit:
    """The model of Greene, Econometric Analysis, 5th ed. (2003), table 23.24: mode choice of 210 travellers."""
    # The file alone: importing statsmodels takes seconds.
    package = importlib.util.find_spec("statsmodels")
    assert package and package.origin
    file = Path(package.origin).parent / "datasets" / "modechoice" / "modechoice.csv"
    data = np.genfromtxt(file, delimiter=";", names=True)
    air = (data["mode"] == 1).astype(float)
    columns = [data["gc"], data["ttme"], data["hinc"] * air, air, data["mode"] == 2, data["mode"] == 3]
    return fit(Choices.of(np.column_stack(columns), np.full(210, 4), np.flatnonzero(data["choice"])))


def test_greene_mode_choice() -> None:
    found = greene()
    expected = [-0.015502, -0.096125, 0.013287, 5.207443, 3.869043, 3.163194]
    np.testing.assert_allclose(found.part_worths, expected, atol=1e-4)
    assert found.log_likelihood == pytest.approx(-199.128369, abs=1e-3)
    np.testing.assert_allclose(
        found.standard_errors, [0.004408, 0.010440, 0.010262, 0.779055, 0.443127, 0.450266], atol=1e-5
    )
    assert found.null == pytest.approx(210 * np.log(1 / 4))


YOGURT = ["price", "feat", "brand_hiland", "brand_weight", "brand_yoplait"]


def yogurt(rows: list[dict[str, str]]) -> Choices:
    """The rows of choice-yogurt as choices: price, feature, brands beside dannon."""
    table = [
        [float(row["price"]), float(row["feat"]), *(float(row["brand"] == name.split("_")[1]) for name in YOGURT[2:])]
        for row in rows
    ]
    sizes = [len([*group]) for _id, group in groupby(row["obsID"] for row in rows)]
    return Choices.of(table, sizes, [at for at, row in enumerate(rows) if row["choice"] == "1"])


@pytest.mark.needs_data("choice-yogurt")
def test_choices_of_yogurt(data: Path) -> None:
    folder = data / "choice-yogurt"
    expected = json.loads((folder / "expected.json").read_text())
    with (folder / "choices.csv").open() as file:
        choices = yogurt(list(csv.DictReader(file)))
    found = fit(choices)
    assert len(choices.sizes) == expected["observations"]
    np.testing.assert_allclose(found.part_worths, [expected["coefficients"][name] for name in YOGURT], atol=1e-4)
    np.testing.assert_allclose(found.standard_errors, [expected["std_error"][name] for name in YOGURT], atol=1e-5)
    assert found.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-3)
    assert found.null == pytest.approx(expected["null_log_likelihood"], abs=1e-3)


def test_a_few_cups_of_our_own() -> None:
    """Two brands at one price, taken 3 to 1: the part-worth is the logarithm of the odds, its error known by hand."""
    cup = {"price": "3.0", "feat": "0"}
    rows = [
        {**cup, "obsID": str(time), "choice": str(int(brand == taken)), "brand": brand}
        for time, taken in enumerate(["dannon", "yoplait", "yoplait", "yoplait"])
        for brand in ("dannon", "yoplait")
    ]
    choices = yogurt(rows)
    found = fit(Choices.of(choices.rows[:, [4]], choices.sizes, choices.taken))
    assert found.part_worths == pytest.approx([np.log(3)])
    assert found.standard_errors == pytest.approx([np.sqrt(1 / 3 + 1)])
    assert found.log_likelihood == pytest.approx(3 * np.log(3 / 4) + np.log(1 / 4))
    assert found.intervals() == pytest.approx(np.log(3) + np.array([[-1, 1]]) * 1.959964 * np.sqrt(4 / 3))
    with pytest.raises(NotIdentified):
        fit(choices)  # the price never differs


def simulated(worth: np.ndarray, situations: int, seed: int) -> Choices:
    """People who choose by the model itself among four random things with *worth* part-worths."""
    dice = np.random.default_rng(seed)
    rows = dice.integers(0, 2, (situations * 4, len(worth))).astype(float)
    utility = (rows @ worth + dice.gumbel(size=len(rows))).reshape(situations, 4)
    return Choices.of(rows, np.full(situations, 4), np.arange(situations) * 4 + utility.argmax(axis=1))


def test_known_part_worths_are_found_again() -> None:
    worth = np.array([1.5, -0.8, 0.0, 0.4, -2.0, 0.9])
    found = fit(simulated(worth, 3000, seed=7), ridge=1.0)
    low, high = found.intervals(0.99).T
    assert ((low < worth) & (worth < high)).all()
    assert np.abs(found.part_worths - worth).max() < 0.15
    assert np.corrcoef(found.part_worths, worth)[0, 1] > 0.99


def test_intervals_hold_as_often_as_they_say() -> None:
    worth = np.array([0.7, -0.3])
    held = 0
    for seed in range(100):
        low, high = fit(simulated(worth, 200, seed), ridge=0.01).intervals(0.9).T
        held += int(((low < worth) & (worth < high)).sum())
    assert 165 <= held <= 194  # 180 of 200 expected


def test_a_ridge_keeps_few_votes_bearable() -> None:
    """Somebody who always took it: without a ridge there is no answer, with one there is, and the less the more it weighs."""
    always = Choices.of([[1.0], [0.0]] * 5, [2] * 5, [0, 2, 4, 6, 8])
    with pytest.raises(NotIdentified):
        fit(always)
    weak, strong = fit(always, ridge=0.1), fit(always, ridge=5.0)
    assert weak.part_worths[0] > strong.part_worths[0] > 0
    # The gradient is zero at the top: 5 (1 - p) = ridge * b.
    chance = 1 / (1 + np.exp(-strong.part_worths[0]))
    assert 5 * (1 - chance) == pytest.approx(5.0 * strong.part_worths[0], abs=1e-6)


def test_weights_count_situations_more_than_once() -> None:
    twice = Choices.of([[1.0], [0.0]] * 3, [2] * 3, [0, 2, 5])
    weighted = Choices.of([[1.0], [0.0]] * 2, [2] * 2, [0, 3], weights=[2, 1])
    assert fit(twice).part_worths == pytest.approx(fit(weighted).part_worths)
    assert fit(twice).log_likelihood == pytest.approx(fit(weighted).log_likelihood)


def test_one_of_a_group_is_told_against_the_mean_of_the_group() -> None:
    """Three options of which each thing has exactly one: only their differences are in the data, and only these are unsure."""
    dice = np.random.default_rng(3)
    pick = np.array([dice.permutation(3) for _ in range(400)])
    rows = np.eye(3)[pick.reshape(-1)]
    utility = (rows @ [1.0, 0.0, -1.0] + dice.gumbel(size=len(rows))).reshape(400, 3)
    choices = Choices.of(rows, np.full(400, 3), np.arange(400) * 3 + utility.argmax(axis=1))
    with pytest.raises(NotIdentified):
        fit(choices)
    free, firm = (fit(choices, ridge=ridge).seen_as(np.eye(3) - 1 / 3) for ridge in (1e-4, 1e-2))
    np.testing.assert_allclose(free.part_worths.sum(), 0, atol=1e-9)
    np.testing.assert_allclose(free.standard_errors, firm.standard_errors, rtol=1e-3)
    np.testing.assert_allclose(free.part_worths, [1, 0, -1], atol=0.25)


@pytest.mark.parametrize(
    ("rows", "sizes", "taken"),
    [
        ([[1.0]], [2], [0]),
        ([[1.0], [0.0]], [2], [2]),
        ([[1.0], [0.0]], [1, 1], [1, 0]),
        ([[1.0]], [1], [0, 0]),
        ([], [], []),
    ],
)
def test_what_does_not_fit_together_is_refused(rows: list, sizes: list, taken: list) -> None:
    with pytest.raises(ValueError, match="situation"):
        Choices.of(rows, sizes, taken)
