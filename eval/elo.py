"""How much better is B than A? Elo, normalised Elo and likelihood of superiority from the results of one match."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from eval.intervals import Interval, wilson

__all__ = ["EloDifference", "checked_counts", "elo_difference", "pair_counts"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EloDifference:
    """B against A. Intervals are normal, of the mean score of units; `count` of each is the number of units.

    Where all units ended alike, a normal interval would have no width: it is Wilson's then, of wins and losses.

    Attributes:
        score: mean score of a game, from 0 to 1.
        elo: of the score, 400 points are odds of ten to one; infinite where all or nothing was won.
        normalized: Elo per standard deviation of a game, so that equal numbers take equally many games to prove whatever
            the share of draws; infinite where all units ended alike and not even.
        superiority: likelihood that B is the better one, LOS.
        confidence: what the intervals cover.
        unit: what is taken as independent.
    """

    score: Interval
    elo: Interval
    normalized: Interval
    superiority: float
    confidence: float
    unit: Literal["games", "pairs"]


def elo_difference(counts: ArrayLike, *, confidence: float = 0.95) -> EloDifference:
    """Return how much better B is than A.

    Args:
        counts: [3] losses, draws and wins of B, or [5] of its points in pairs of games (see `pair_counts`).
        confidence: of the intervals.

    Raises:
        ValueError: for other counts, or none.
    """
    tally = checked_counts(counts)
    units = int(tally.sum())
    if not units:
        raise ValueError("without any games there is no score")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    atoms = np.linspace(0.0, 1.0, len(tally))
    score = float(tally @ atoms / units)
    deviation = float(np.sqrt(tally @ (atoms - score) ** 2 / units))
    z, root = float(ndtri(0.5 + confidence / 2.0)), math.sqrt(units)
    if deviation > 0.0:
        low, high = max(score - z * deviation / root, 0.0), min(score + z * deviation / root, 1.0)
        per_unit = [(score - 0.5) / deviation + side * z / root for side in (0, -1, 1)]
        superiority = ndtr(per_unit[0] * root)
    else:  # all units ended alike: how far they scatter is unknown, and at most as far as wins and losses
        low, high = (float(end) for end in wilson(score * units, units, confidence=confidence))
        per_unit = [_of_wins(score), _of_wins(low), _of_wins(high)]
        superiority = ndtr((score - 0.5) * 2.0 * root)
    # a pair's mean score has half the variance of a game's
    per_game = 800.0 / math.log(10.0) / math.sqrt(2.0 if len(tally) == 5 else 1.0)
    return EloDifference(
        score=Interval(score, low, high, units),
        elo=Interval(_elo(score), _elo(low), _elo(high), units),
        normalized=Interval(per_game * per_unit[0], per_game * per_unit[1], per_game * per_unit[2], units),
        superiority=float(superiority),
        confidence=confidence,
        unit="pairs" if len(tally) == 5 else "games",
    )


def _elo(score: float) -> float:
    with np.errstate(divide="ignore"):
        return float(400.0 * (np.log10(score) - np.log10(1.0 - score)))


def _of_wins(score: float) -> float:
    """Return how many standard deviations a score lies above one half, when there are wins and losses only."""
    with np.errstate(divide="ignore"):
        return float(np.float64(score - 0.5) / np.sqrt(score * (1.0 - score)))


def pair_counts(points: ArrayLike, pair: ArrayLike) -> NDArray[np.int64]:
    """Return [5], how many pairs of games gave 0, 0.5, 1, 1.5 and 2 points; pairs that lack a game are left out.

    Args:
        points: [M] of one and the same agent: 1 for a win, 0.5 for a draw, 0 for a loss.
        pair: [M] whole number that names the pair of each game.

    Raises:
        ValueError: for arrays of unequal length, other points, or more than two games in one pair.
    """
    x, label = np.asarray(points, dtype=np.float64), np.asarray(pair)
    if x.ndim != 1 or x.shape != label.shape:
        raise ValueError(f"points and pair must be of one length, not {x.shape} and {label.shape}")
    if not np.all((x == 0.0) | (x == 0.5) | (x == 1.0)):
        raise ValueError("points must be 1 for a win, 0.5 for a draw or 0 for a loss")
    _, index, size = np.unique(label, return_inverse=True, return_counts=True)
    if np.any(size > 2):
        raise ValueError("a pair is two games, seats swapped: some label has more")
    total = np.bincount(index, weights=x, minlength=len(size))
    return np.bincount((2.0 * total[size == 2]).astype(np.int64), minlength=5)


def checked_counts(counts: ArrayLike) -> Array:
    """Return counts of games [3] or of pairs [5] as float64.

    Raises:
        ValueError: for anything else.
    """
    tally = np.asarray(counts, dtype=np.float64)
    if tally.shape not in ((3,), (5,)):
        raise ValueError(f"counts must be 3 of games or 5 of pairs of games, not of shape {tally.shape}")
    if not (np.all(np.isfinite(tally)) and np.all(tally >= 0.0) and np.array_equal(tally, np.floor(tally))):
        raise ValueError(f"counts must be whole numbers from 0 upwards, not {tally.tolist()}")
    return tally
