"""Ratings that move with every result: for live display and for choosing opponents, not for a published table.

They depend on the order of results and on constants that one must choose, and carry no joint errors. What is published
comes from `eval.bradley_terry`, of all results at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

__all__ = ["Glicko", "elo_update", "glicko_update"]

Array = NDArray[np.float64]

_SCALE = 400.0 / np.log(10.0)  # rating points per unit of log-odds


def elo_update(rating: float, opponent: float, score: float, *, k: float = 32.0) -> tuple[float, float]:
    """Return both ratings after one game (Elo, "The rating of chessplayers", 1978): k times the surprise changes hands.

    Args:
        rating: of the agent.
        opponent: the other's rating.
        score: of the agent: 1 for a win, 0.5 for a draw, 0 for a loss.
        k: how fast ratings move; large ones follow a learner, small ones settle.

    Raises:
        ValueError: for a score outside 0 to 1 or a k that is not positive.
    """
    if not 0.0 <= score <= 1.0:
        raise ValueError(f"score must lie between 0 and 1, not {score}")
    if not 0.0 < k < np.inf:
        raise ValueError(f"k must be a positive number, not {k}")
    moved = k * (score - 1.0 / (1.0 + 10.0 ** ((opponent - rating) / 400.0)))
    return rating + moved, opponent - moved


@dataclass(frozen=True, slots=True)
class Glicko:
    """A Glicko-2 rating.

    Attributes:
        rating: a newcomer has 1500.
        deviation: its standard error.
        volatility: how erratic the agent is from one period to the next, in log-odds; means nothing for a frozen one.
    """

    rating: float = 1500.0
    deviation: float = 350.0
    volatility: float = 0.06


def glicko_update(
    agent: Glicko, rating: ArrayLike = (), deviation: ArrayLike = (), score: ArrayLike = (), *, tau: float = 0.5
) -> Glicko:
    """Return an agent's Glicko-2 rating after one rating period (Glickman, "Example of the Glicko-2 system", 2013).

    A period should hold some ten games an agent. All opponents count as they were when it began, so update all agents from
    the old ratings. Without games only the deviation grows.

    Args:
        agent: its rating before.
        rating: [M] of the opponent in each game of the period.
        deviation: [M] of the opponents.
        score: [M] of the agent in each game: 1 for a win, 0.5 for a draw, 0 for a loss.
        tau: how much volatility may change, 0.3 to 1.2.

    Raises:
        ValueError: for arrays of unequal length, scores outside 0 to 1, or deviations or a tau that are not positive.
    """
    theirs, spread, points = (np.asarray(x, dtype=np.float64) for x in (rating, deviation, score))
    if points.ndim != 1 or not theirs.shape == spread.shape == points.shape:
        raise ValueError(
            f"rating, deviation and score must be of one length, not {theirs.shape}, {spread.shape}, {points.shape}"
        )
    if not np.all((points >= 0.0) & (points <= 1.0)):
        raise ValueError("score must lie between 0 and 1")
    if not (tau > 0.0 and np.all(spread > 0.0)):
        raise ValueError("tau and deviations must be positive")
    phi = agent.deviation / _SCALE
    if not len(points):
        return Glicko(agent.rating, float(_SCALE * np.hypot(phi, agent.volatility)), agent.volatility)
    g = 1.0 / np.sqrt(1.0 + 3.0 * (spread / _SCALE / np.pi) ** 2)
    expected = 1.0 / (1.0 + np.exp(-g * (agent.rating - theirs) / _SCALE))
    variance = 1.0 / float(np.sum(g**2 * expected * (1.0 - expected)))
    surprise = float(np.sum(g * (points - expected)))
    volatility = _volatility(agent.volatility, phi, variance, variance * surprise, tau)
    phi = 1.0 / np.sqrt(1.0 / (phi**2 + volatility**2) + 1.0 / variance)
    return Glicko(float(agent.rating + _SCALE * phi**2 * surprise), float(_SCALE * phi), volatility)


def _volatility(before: float, phi: float, variance: float, gain: float, tau: float) -> float:
    """Return the new volatility: the root of the falling function of Glickman's step 5, in x = 2 ln volatility."""
    start = 2.0 * np.log(before)

    def slope(x: float) -> float:
        total = phi**2 + variance + np.exp(x)
        return float(np.exp(x) * (gain**2 - total) / (2.0 * total**2) - (x - start) / tau**2)

    low = high = start
    while slope(low) < 0.0:
        low -= tau
    while slope(high) > 0.0:
        high += tau
    return float(np.exp(brentq(slope, low, high, xtol=1e-12) / 2.0)) if low < high else before
