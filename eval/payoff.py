"""The payoff matrix: the mean score of every agent against every other, seat order by seat order, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.intervals import wilson
from eval.matches import checked_matches

__all__ = ["PayoffMatrix", "payoff_matrix"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class PayoffMatrix:
    """What rows score against columns, from 0 (all lost) to 1 (all won).

    Attributes:
        mean: [n, n] mean score of row against column; NaN where they never met.
        count: [n, n] games that the mean rests on.
        low, high: [n, n] Wilson interval of the mean; 0 to 1 where they never met.
        confidence: what the intervals cover.
    """

    mean: Array
    count: Array
    low: Array
    high: Array
    confidence: float

    def pooled(self) -> PayoffMatrix:
        """Return the matrix over both seat orders, where what one agent scores the other lacks.

        Games are pooled as they were played: a seat order with more games weighs more. Row plus column is 1 everywhere;
        the diagonal is 0.5.
        """
        points = np.where(self.count > 0, self.mean * self.count, 0.0)
        return _matrix(points + (self.count - points).T, self.count + self.count.T, self.confidence)


def payoff_matrix(
    first: ArrayLike, second: ArrayLike, score: ArrayLike, *, agents: int | None = None, confidence: float = 0.95
) -> PayoffMatrix:
    """Return what row agents score when they hold the first of the two seats.

    Args:
        first: [M] index of the agent that held the first seat of each match.
        second: [M] index of the agent that held the second.
        score: [M] of the first agent: 1 for a win, 0.5 for a draw, 0 for a loss.
        agents: n; by default as many as the largest index needs.
        confidence: of the intervals.

    Raises:
        ValueError: for arrays of unequal length, indices out of range or other scores.
    """
    i, j, s, n = checked_matches(first, second, score, agents)
    cell = i * n + j
    points = np.bincount(cell, weights=s, minlength=n * n).astype(np.float64)
    count = np.bincount(cell, minlength=n * n).astype(np.float64)
    return _matrix(points.reshape(n, n), count.reshape(n, n), confidence)


def _matrix(points: Array, count: Array, confidence: float) -> PayoffMatrix:
    low, high = wilson(points, count, confidence=confidence)
    mean = np.divide(points, count, out=np.full_like(points, np.nan), where=count > 0)
    return PayoffMatrix(mean=mean, count=count, low=low, high=high, confidence=confidence)
