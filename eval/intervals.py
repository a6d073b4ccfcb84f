"""Intervals for win rates and means: how sure a number is, given how much it rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtri

__all__ = ["Interval", "cluster_mean", "clopper_pearson", "wilson"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, the interval around it, and the number of independent units that it rests on."""

    mean: float
    low: float
    high: float
    count: int


def wilson(points: ArrayLike, games: ArrayLike, *, confidence: float = 0.95) -> tuple[Array, Array]:
    """Return low and high of the score interval of a rate (Wilson, J. Am. Stat. Assoc. 1927, equation 2).

    It covers about `confidence` on average over rates; `clopper_pearson` covers at least that always and is wider.

    Args:
        points: of any shape: wins, or wins plus half the draws, which scatter less than wins and losses would, so that
            the interval is then on the wide side.
        games: how many games the points come from; without any, the interval is 0 to 1.
        confidence: nominal coverage.

    Raises:
        ValueError: unless 0 <= points <= games.
    """
    p, n = _rates(points, games, confidence)
    z2 = float(ndtri(0.5 + confidence / 2.0)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = p / n
        middle = (rate + z2 / (2.0 * n)) / (1.0 + z2 / n)
        margin = np.sqrt(z2 * (rate * (1.0 - rate) / n + z2 / (4.0 * n**2))) / (1.0 + z2 / n)
        # at the ends the formula gives 0 and 1 up to rounding
        low = np.where(p == 0.0, 0.0, middle - margin)
        high = np.where(p == n, 1.0, middle + margin)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def clopper_pearson(wins: ArrayLike, games: ArrayLike, *, confidence: float = 0.95) -> tuple[Array, Array]:
    """Return low and high of the interval that never covers less than it says (Clopper and Pearson, Biometrika 1934).

    Args:
        wins: of any shape, whole numbers; count draws as wins or as losses.
        games: how many games there were; without any, the interval is 0 to 1.
        confidence: least coverage.

    Raises:
        ValueError: unless 0 <= wins <= games.
    """
    k, n = _rates(wins, games, confidence)
    if np.any(k != np.floor(k)):
        raise ValueError("wins must be whole numbers: the exact interval knows no half points, use wilson")
    tail = (1.0 - confidence) / 2.0
    with np.errstate(invalid="ignore"):
        low = np.where(k > 0, betaincinv(np.maximum(k, 1.0), n - k + 1.0, tail), 0.0)
        high = np.where(k < n, betaincinv(k + 1.0, np.maximum(n - k, 1.0), 1.0 - tail), 1.0)
    return low, high


def cluster_mean(
    values: ArrayLike, cluster: ArrayLike, *, samples: int = 2000, seed: int = 0, confidence: float = 0.95
) -> Interval:
    """Return the mean of values that come in clusters, with a percentile bootstrap interval over clusters.

    Games that share a seed are not independent, so whole clusters are drawn with replacement; the mean of a resample is
    its sum over its number of values. Clusters that all agree give an interval without width, which is no proof.

    Args:
        values: [M].
        cluster: [M] label of the cluster of each value, for example the number of its pair of games.
        samples: number of resamples, at least 2.
        seed: of the resampling; the same seed gives the same interval.
        confidence: nominal coverage.

    Raises:
        ValueError: for no values, unequal lengths, or options out of range.
    """
    x, labels = np.asarray(values, dtype=np.float64), np.asarray(cluster)
    if x.ndim != 1 or len(x) == 0 or x.shape != labels.shape:
        raise ValueError(f"values and cluster must be of one length, at least 1, not {x.shape} and {labels.shape}")
    _check(confidence)
    if samples < 2:
        raise ValueError(f"samples must be at least 2, not {samples}")
    _, index = np.unique(labels, return_inverse=True)
    total, size = np.bincount(index, weights=x), np.bincount(index)
    rng = np.random.default_rng(seed)
    means = np.empty(samples)
    for k in range(samples):
        chosen = rng.integers(len(total), size=len(total))
        means[k] = total[chosen].sum() / size[chosen].sum()
    low, high = np.quantile(means, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
    return Interval(float(x.mean()), float(low), float(high), len(total))


def _rates(points: ArrayLike, games: ArrayLike, confidence: float) -> tuple[Array, Array]:
    _check(confidence)
    p, n = np.broadcast_arrays(np.asarray(points, dtype=np.float64), np.asarray(games, dtype=np.float64))
    if not np.all((p >= 0.0) & (p <= n) & np.isfinite(n)):
        raise ValueError("each rate needs 0 <= points <= games")
    return p, n


def _check(confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
