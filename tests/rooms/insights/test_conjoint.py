"""Conjoint analysis by ratings: a survey with known answers, and a small twin of our own."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from codesign.insights import conjoint


@pytest.mark.needs_data("conjoint-tea")
def test_the_survey_of_tea(data: Path) -> None:
    folder = data / "conjoint-tea"
    expected = json.loads((folder / "expected.json").read_text())

    def table(name: str) -> np.ndarray:
        with (folder / name).open() as file:
            return np.array([[int(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]])

    levels = [3, 3, 3, 2]
    intercepts, parts = conjoint.from_ratings(table("profiles.csv") - 1, levels, table("ratings.csv"))
    assert intercepts.mean() == pytest.approx(expected["mean_intercept"], abs=1e-4)
    means = np.concatenate([part.mean(axis=0) for part in parts])
    np.testing.assert_allclose(means, [*expected["mean_part_worths"].values()], atol=1e-4)
    weights = conjoint.importances(parts).mean(axis=0)
    np.testing.assert_allclose(weights, [*expected["mean_importance_pct"].values()], atol=0.01)
    worth = conjoint.utilities(intercepts, parts, table("simulation-profiles.csv") - 1)
    simulation = expected["simulation"]
    np.testing.assert_allclose(worth.mean(axis=0), simulation["mean_total_utility"], atol=1e-4)
    np.testing.assert_allclose(conjoint.first_choice_shares(worth), simulation["first_choice_share_pct"], atol=0.01)
    np.testing.assert_allclose(conjoint.logit_shares(worth), simulation["logit_share_pct"], atol=0.01)


def test_two_raters_of_our_own() -> None:
    """One likes small and red exactly so much, the other does not care: the numbers come back as they were put in."""
    profiles = [[size, color] for size in range(3) for color in range(2)]
    size, color = np.array([2.0, -0.5, -1.5]), np.array([0.25, -0.25])
    first = [5 + size[s] + color[c] for s, c in profiles]
    intercepts, parts = conjoint.from_ratings(profiles, [3, 2], [first, [4.0] * 6])
    np.testing.assert_allclose(intercepts, [5, 4])
    np.testing.assert_allclose(parts[0], [size, [0, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(parts[1], [color, [0, 0]], atol=1e-12)
    np.testing.assert_allclose(conjoint.importances(parts)[0], [3.5 / 4 * 100, 0.5 / 4 * 100])
    worth = conjoint.utilities(intercepts, parts, [[0, 0], [2, 0]])
    np.testing.assert_allclose(worth, [[7.25, 3.75], [4, 4]])
    np.testing.assert_allclose(conjoint.first_choice_shares(worth), [75, 25])
    sure = 1 / (1 + np.exp(-3.5))
    np.testing.assert_allclose(conjoint.logit_shares(worth), 100 * np.array([sure + 0.5, 1.5 - sure]) / 2)


def test_no_differences_have_no_importance() -> None:
    assert conjoint.importances([np.zeros(3), np.zeros(2)]).tolist() == [[0.0, 0.0]]
