"""Conjoint analysis by ratings, and what follows from part-worths however they were found: importances, shares of choice.

Sources: P. Green and V. Rao, "Conjoint measurement for quantifying judgmental data", Journal of Marketing Research 8 (1971),
pp. 355-363; A. Bak and T. Bartlomowicz, "Conjoint analysis method and its implementation in conjoint R package", 2012 (effect
coding, importance as a level's range in per cent of all ranges). Nothing here knows of products, people or the database.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Numbers = NDArray[np.float64]


def effects(profiles: ArrayLike, levels: Sequence[int]) -> Numbers:
    """Profiles in effect coding, the intercept first: level k of an attribute is column k, its last level -1 in all of them.

    *profiles* has one row each, with the number of a level (from 0) for each attribute; *levels* says how many each has.
    """
    numbers = np.asarray(profiles, dtype=np.int64)
    codes = [np.vstack([np.eye(count - 1), -np.ones(count - 1)])[numbers[:, at]] for at, count in enumerate(levels)]
    return np.column_stack([np.ones(len(numbers)), *codes])


def from_ratings(profiles: ArrayLike, levels: Sequence[int], ratings: ArrayLike) -> tuple[Numbers, list[Numbers]]:
    """Each rater's intercept, and per attribute the part-worths of its levels (raters × levels; they sum to 0), by least squares.

    *ratings* has one row per rater and one column per profile.
    """
    design = effects(profiles, levels)
    found, _rest, _rank, _sizes = np.linalg.lstsq(design, np.asarray(ratings, dtype=np.float64).T, rcond=None)
    parts = np.split(found[1:].T, np.cumsum([count - 1 for count in levels])[:-1], axis=1)
    return found[0], [np.column_stack([part, -part.sum(axis=1)]) for part in parts]


def importances(part_worths: Sequence[Numbers]) -> Numbers:
    """How much each attribute matters: the range of its part-worths in per cent of all ranges, for each rater (or one row)."""
    ranges = np.column_stack([np.ptp(np.atleast_2d(part), axis=1) for part in part_worths])
    whole = ranges.sum(axis=1, keepdims=True)
    return np.divide(100 * ranges, whole, out=np.zeros_like(ranges), where=whole > 0)


def utilities(intercepts: Numbers, part_worths: Sequence[Numbers], profiles: ArrayLike) -> Numbers:
    """What each profile is worth to each rater (raters × profiles)."""
    numbers = np.asarray(profiles, dtype=np.int64)
    return intercepts[:, None] + sum(part[:, numbers[:, at]] for at, part in enumerate(part_worths))


def first_choice_shares(worth: Numbers) -> Numbers:
    """The share of people, in per cent, to whom each profile is worth most; who is torn gives equal parts."""
    best = worth >= worth.max(axis=1, keepdims=True) - 1e-9
    return 100 * (best / best.sum(axis=1, keepdims=True)).mean(axis=0)


def logit_shares(worth: Numbers) -> Numbers:
    """The mean chance, in per cent, of each profile to be taken when all are on offer (the logit rule)."""
    return 100 * special.softmax(worth, axis=1).mean(axis=0)
