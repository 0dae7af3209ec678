"""Conditional logit: what each property of a thing was worth to people, told from what they chose among what they were shown.

The model is McFadden's: the utility of an alternative is the sum of its properties times their part-worths, plus noise of
the extreme value kind, so the chance of taking alternative i of a situation is exp(u_i) / sum_j exp(u_j).

Sources: D. McFadden, "Conditional logit analysis of qualitative choice behavior", in P. Zarembka (ed.), Frontiers in
Econometrics, 1974, pp. 105-142 (model, gradient, Hessian); K. Train, Discrete Choice Methods with Simulation, 2nd ed., 2009,
chapters 3 and 8 (Newton's method with halved steps, standard errors); S. le Cessie and J. van Houwelingen, "Ridge estimators
in logistic regression", Applied Statistics 41 (1992), pp. 191-201 (the penalty); C. Manski and S. Lerman, Econometrica 45
(1977), pp. 1977-1988 (weighted situations). Nothing here knows of products, people or the database.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, stats

Numbers = NDArray[np.float64]

STEPS = 100  # of Newton's method; well-behaved data need fewer than ten
CLOSE = 1e-10  # the gain of a step in penalised log-likelihood, relative to its size, at which it is good enough
STILL = 1e-3  # the change of utility in the last step
FADED = 1e-7  # of what choices told at the start


class NotIdentified(ValueError):
    """The choices do not tell the part-worths apart: a property never differs, or predicts every choice. A ridge helps."""


@dataclass(frozen=True)
class Choices:
    """Situations in which somebody took one of several alternatives.

    ``rows`` has one row per alternative and one column per property; the rows of a situation stand together, ``sizes`` says
    how many they are. ``taken`` is the row number (in all of ``rows``) taken in each situation. ``weights`` says how much
    each situation counts (1 by default).
    """

    rows: Numbers
    sizes: NDArray[np.int64]
    taken: NDArray[np.int64]
    weights: Numbers

    @classmethod
    def of(cls, rows: ArrayLike, sizes: ArrayLike, taken: ArrayLike, weights: ArrayLike | None = None) -> Choices:
        """Choices from plain lists. Raises ValueError where they do not fit together."""
        made = cls(
            np.asarray(rows, dtype=np.float64),
            np.asarray(sizes, dtype=np.int64),
            np.asarray(taken, dtype=np.int64),
            np.asarray(weights if weights is not None else np.ones(np.size(sizes)), dtype=np.float64),
        )
        ends = np.cumsum(made.sizes)
        if made.rows.ndim != 2 or not len(ends) or ends[-1] != len(made.rows) or (made.sizes < 1).any():
            raise ValueError("the sizes of the situations do not add up to the rows")
        if len(made.taken) != len(ends) or (made.taken >= ends).any() or (made.taken < ends - made.sizes).any():
            raise ValueError("each situation needs one row taken among its own")
        if len(made.weights) != len(ends) or (made.weights < 0).any():
            raise ValueError("each situation needs one weight, zero or more")
        return made

    @property
    def starts(self) -> NDArray[np.int64]:
        """The first row of each situation."""
        return np.cumsum(self.sizes) - self.sizes

    def probabilities(self, part_worths: Numbers) -> Numbers:
        """The chance of each row to be taken in its situation."""
        return np.exp(self._logarithms(part_worths))

    def log_likelihood(self, part_worths: Numbers) -> float:
        """The weighted logarithm of the probability of what was taken."""
        return float(self.weights @ self._logarithms(part_worths)[self.taken])

    def _logarithms(self, part_worths: Numbers) -> Numbers:
        utility = self.rows @ part_worths
        utility -= np.repeat(np.maximum.reduceat(utility, self.starts), self.sizes)  # no overflow
        return utility - np.repeat(np.log(np.add.reduceat(np.exp(utility), self.starts)), self.sizes)

    def slope(self, part_worths: Numbers) -> tuple[Numbers, Numbers]:
        """Gradient of the log-likelihood and its negated Hessian (the information)."""
        weight = np.repeat(self.weights, self.sizes)
        chance = self.probabilities(part_worths)
        means = np.add.reduceat(chance[:, None] * self.rows, self.starts)
        gradient = self.weights @ (self.rows[self.taken] - means)
        spread = self.rows - np.repeat(means, self.sizes, axis=0)
        return gradient, (spread * (weight * chance)[:, None]).T @ spread


@dataclass(frozen=True)
class Fit:
    """Part-worths that explain choices best, and how sure they are.

    ``covariance`` is the inverse of the penalised information; ``log_likelihood`` leaves the penalty out, ``null`` is the
    log-likelihood when all alternatives are worth the same.
    """

    part_worths: Numbers
    covariance: Numbers
    log_likelihood: float
    null: float

    @property
    def standard_errors(self) -> Numbers:
        """Of each part-worth."""
        return np.sqrt(np.diag(self.covariance))

    def seen_as(self, matrix: ArrayLike) -> Fit:
        """The same fit told in other numbers, each a sum of part-worths: a row of *matrix* says how much of each."""
        turn = np.asarray(matrix, dtype=np.float64)
        return Fit(turn @ self.part_worths, turn @ self.covariance @ turn.T, self.log_likelihood, self.null)

    def intervals(self, level: float = 0.95) -> Numbers:
        """Lower and upper end for each part-worth, by the normal approximation (Train, chapter 8.6)."""
        reach = stats.norm.ppf((1 + level) / 2) * self.standard_errors
        return np.column_stack([self.part_worths - reach, self.part_worths + reach])


def fit(choices: Choices, ridge: ArrayLike = 0.0) -> Fit:
    """The part-worths that make *choices* most likely, less ``ridge / 2`` times their squares (one number, or one for each).

    A ridge keeps part-worths near zero unless choices say otherwise; it is what makes few votes bearable, and many options.
    Raises NotIdentified where choices alone, without a ridge, do not settle the numbers.
    """
    count = choices.rows.shape[1]
    penalty = np.broadcast_to(np.asarray(ridge, dtype=np.float64), (count,))
    here, move = np.zeros(count), np.full(count, np.inf)
    null = choices.log_likelihood(here)
    gain, before = null, -np.inf
    told = np.diag(choices.slope(here)[1])  # at the start; where it fades, part-worths grow without end
    for _step in range(STEPS):
        gradient, information = choices.slope(here)
        information += np.diag(penalty)
        if (np.diag(information) < FADED * told).any():
            break
        covariance = _inverse(information)
        if gain - before <= CLOSE * (abs(gain) + 1) and np.abs(choices.rows @ move).max() < STILL:
            return Fit(here, covariance, choices.log_likelihood(here), null)
        move = covariance @ (gradient - penalty * here)
        here, before = here + move, gain
        while (gain := _penalised(choices, here, penalty)) < before - CLOSE * (abs(before) + 1):
            move /= 2
            here -= move
    raise NotIdentified("the part-worths grow without end")


def _penalised(choices: Choices, part_worths: Numbers, penalty: Numbers) -> float:
    return choices.log_likelihood(part_worths) - float(penalty @ part_worths**2) / 2


def _inverse(information: Numbers) -> Numbers:
    """The inverse of a positive definite matrix; NotIdentified where it is none, or so near to it that numbers mean nothing."""
    scale = np.sqrt(np.diag(information))
    if (scale <= 0).any():
        raise NotIdentified("a property never differs among the alternatives of a situation")
    even = information / np.outer(scale, scale)
    try:
        factor = linalg.cho_factor(even, lower=True)
    except linalg.LinAlgError:
        raise NotIdentified("properties always come together") from None
    if np.diag(factor[0]).min() < 1e-7:
        raise NotIdentified("properties always come together")
    return linalg.cho_solve(factor, np.eye(len(even))) / np.outer(scale, scale)
