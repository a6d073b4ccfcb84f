"""What a Bradley-Terry fit gives: ratings, their errors, and everything that a table of them must say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

__all__ = ["ELO", "Draws", "Estimate", "Method", "Ratings"]

ELO = 400.0 / np.log(10.0)
"""Elo points per unit of log-odds."""

Draws = Literal["half", "rao-kupper", "davidson"]
"""How a draw is explained; each rule has a scale of its own, so never mix two on one axis."""

Method = Literal["fisher", "sandwich", "cluster", "bootstrap"]
"""Where errors come from."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number and its standard error."""

    value: float
    error: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratings:
    """Ratings of n agents.

    Attributes:
        rating: [n] Elo, on the scale of the draw rule.
        error: [n] standard errors, in Elo; zero for anchors.
        low, high: [n] the interval of each rating, in Elo.
        confidence: what the interval covers, for example 0.95.
        covariance: [n, n] of the ratings, in squared Elo.
        games: [n] how many games each agent's rating rests on.
        clusters: how many independent units the errors rest on: clusters of games, or games.
        method: where the errors come from.
        draws: how a draw is explained.
        draw: the parameter of the draw rule: for Rao and Kupper the threshold in Elo, for Davidson nu; else None.
        seat: what sitting first adds to the rating, in Elo; None when it was not fitted.
        anchor: agent to the rating that it was given, which fixes the scale; empty when the mean is zero.
        prior: virtual wins each way per pair that has met; for `rate_teams`, per agent.
        components: groups that the results alone would leave apart, so that only the prior or several anchors relate
            their ratings; one group of all agents when the results suffice.
        log_likelihood: of the results and the prior, natural logarithm.
        samples: [samples, n] the ratings of each resample of a bootstrap; else None.
    """

    rating: Array
    error: Array
    low: Array
    high: Array
    confidence: float
    covariance: Array
    games: Array
    clusters: int
    method: Method
    draws: Draws
    draw: Estimate | None
    seat: Estimate | None
    anchor: Mapping[int, float]
    prior: float
    components: tuple[tuple[int, ...], ...]
    log_likelihood: float
    samples: Array | None = None

    @property
    def scale(self) -> str:
        """The unit of the ratings, in words."""
        own = {"half": "", "rao-kupper": ", on Rao and Kupper's scale", "davidson": ", on Davidson's scale"}
        return f"Elo, 400 points are odds of ten to one{own[self.draws]}"

    @property
    def interval(self) -> Literal["normal", "percentile"]:
        """The kind of the intervals."""
        return "percentile" if self.method == "bootstrap" else "normal"

    def difference(self, i: int, j: int) -> tuple[float, float]:
        """Return rating i minus rating j and its standard error, in Elo.

        Compare two agents with this, not by whether their intervals overlap: their errors are correlated.
        """
        variance = self.covariance[i, i] + self.covariance[j, j] - 2.0 * self.covariance[i, j]
        return float(self.rating[i] - self.rating[j]), float(np.sqrt(max(variance, 0.0)))

    def better(self, i: int, j: int) -> float:
        """Return the probability that agent i is stronger than agent j, by the normal approximation."""
        difference, error = self.difference(i, j)
        if error == 0.0:
            return 0.5 + 0.5 * float(np.sign(difference))
        return float(ndtr(difference / error))
