"""Rank intervals: from which place to which place an agent may stand, given how sure its ratings are.

An agent's best rank is one more than the number of agents that are significantly better, its worst rank n less the number
that are significantly worse. All pairs are compared at once, so that all n intervals hold together with the confidence that
is stated (Mogstad, Romano, Shaikh and Wilhelm, "Inference for ranks", Review of Economic Studies 2024): one must not read
off some pairs that happen to be far apart. A comparison is of the difference and its own error, since the errors of two
ratings are correlated; whether their intervals overlap says little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from eval.bradley_terry import Ratings

__all__ = ["RankIntervals", "rank_intervals"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class RankIntervals:
    """Ranks of n agents; 1 is the best.

    Attributes:
        rank: [n] by rating; equal ratings share the better rank.
        low, high: [n] best and worst rank that the results allow.
        better: [n, n] whether row is significantly better than column.
        method: how pairs are compared: "max-t" by the largest deviation in each resample of a bootstrap, "holm" by
            normal approximation and Holm's step-down rule.
        confidence: with which all intervals hold together.
    """

    rank: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    better: NDArray[np.bool_]
    method: Literal["max-t", "holm"]
    confidence: float


def rank_intervals(ratings: Ratings, *, confidence: float = 0.95) -> RankIntervals:
    """Return simultaneous rank intervals: by max-t where the ratings carry bootstrap samples, else by Holm's rule.

    Max-t knows how the comparisons hang together, so it finds more differences than a rule for any dependence could; with
    many agents and few samples Holm's rule ("A simple sequentially rejective multiple test procedure", Scandinavian
    Journal of Statistics 1979) is the steadier one.

    Args:
        ratings: of the agents.
        confidence: that all intervals hold.

    Raises:
        ValueError: for a confidence out of range.
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    rating, variance = ratings.rating, np.diag(ratings.covariance)
    difference = rating[:, None] - rating[None, :]
    # what rounding leaves between two anchors is no error
    spread = variance[:, None] + variance[None, :] - 2.0 * ratings.covariance
    error = np.sqrt(np.where(spread > 1e-12 * (variance[:, None] + variance[None, :]), spread, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(difference == 0.0, 0.0, difference / error)  # infinite where a difference is known exactly
    better = (
        _holm(t, confidence) if ratings.samples is None else _max_t(t, difference, error, ratings.samples, confidence)
    )
    return RankIntervals(
        rank=1 + (difference < 0.0).sum(axis=1),
        low=1 + better.sum(axis=0),
        high=len(rating) - better.sum(axis=1),
        better=better,
        method="holm" if ratings.samples is None else "max-t",
        confidence=confidence,
    )


def _holm(t: Array, confidence: float) -> NDArray[np.bool_]:
    i, j = np.triu_indices(len(t), k=1)
    chance = 2.0 * ndtr(-np.abs(t[i, j]))
    order = np.argsort(chance, kind="stable")
    adjusted = np.maximum.accumulate(chance[order] * np.arange(len(order), 0, -1))
    clear = order[adjusted <= 1.0 - confidence]
    better = np.zeros(t.shape, dtype=np.bool_)
    up = t[i[clear], j[clear]] > 0.0
    better[np.where(up, i[clear], j[clear]), np.where(up, j[clear], i[clear])] = True
    return better


def _max_t(t: Array, difference: Array, error: Array, samples: Array, confidence: float) -> NDArray[np.bool_]:
    per_error = np.divide(1.0, error, out=np.zeros_like(error), where=error > 0.0)
    largest = [np.max(np.abs(s[:, None] - s[None, :] - difference) * per_error) for s in samples]
    return t > np.quantile(largest, confidence)
