"""Is B better than A? The generalised sequential probability ratio test, which stops as soon as that is clear.

Wald's test of H0 "B is elo0 better" against H1 "B is elo1 better" (Wald, "Sequential tests of statistical hypotheses", Annals
of Mathematical Statistics 1945). How often each outcome comes is unknown, so both hypotheses take the frequencies that
explain the results best under them, by empirical likelihood, as is usual in testing chess engines (Van den Bergh's notes
on the generalised test; the same quantities as fastchess's). After it has stopped, an Elo estimate from the same games
leans to the side that won: take it from a fresh match.

Counts go up from the worst outcome to the best: 3 of games (losses, draws, wins of B), or 5 of pairs of games that share their
seed with seats swapped (of 0, 0.5, 1, 1.5 and 2 points of B). Pairs are the better unit: what luck the seed brings
cancels, and the two games need not be independent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from eval.elo import checked_counts

__all__ = ["Decision", "Scale", "Sprt", "Verdict"]

Scale = Literal["logistic", "normalized", "bayesian"]
"""The unit of elo0 and elo1: Elo of the mean score; Elo per standard deviation of a game; BayesElo."""

Decision = Literal["H0", "H1", "continue"]

Array = NDArray[np.float64]

_EMPTY = 1e-3  # stands for a count of zero
_ROUNDS = 100
_EDGE = 1e-14  # how near to the ends of its interval a multiplier is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Where a test stands.

    Attributes:
        llr: logarithm of how much likelier the results are under H1 than under H0; NaN where it cannot be computed.
        decision: H0 or H1 was accepted, or the match goes on.
        lower, upper: H0 is accepted at `lower` or below, H1 at `upper` or above.
        count: number of units that it rests on.
        unit: what was counted.
    """

    llr: float
    decision: Decision
    lower: float
    upper: float
    count: int
    unit: Literal["games", "pairs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprt:
    """A sequential test.

    A wide gap between elo0 and elo1 needs few games. When the truth lies between them, either answer may come, and late:
    cap the number of games. `normalized` (the default) needs the same number of games whatever the share of draws.

    Attributes:
        elo0: what H0 claims.
        elo1: what H1 claims, more than elo0.
        alpha: chance to accept H1 although H0 is true.
        beta: chance to accept H0 although H1 is true.
        scale: the unit of elo0 and elo1; bounds of one scale mean something else on another.

    Raises:
        ValueError: for hypotheses or error rates that allow no test.
    """

    elo0: float
    elo1: float
    alpha: float = 0.05
    beta: float = 0.05
    scale: Scale = "normalized"

    def __post_init__(self) -> None:
        if not -np.inf < self.elo0 < self.elo1 < np.inf:
            raise ValueError(f"elo0 must be less than elo1, both finite, not {self.elo0} and {self.elo1}")
        if not (0.0 < self.alpha < 1.0 and 0.0 < self.beta < 1.0 and self.alpha + self.beta < 1.0):
            raise ValueError(
                f"alpha and beta must lie between 0 and 1, their sum below 1, not {self.alpha}, {self.beta}"
            )
        if self.scale not in _SOLVERS:
            raise ValueError(f"scale must be one of {', '.join(map(repr, _SOLVERS))}, not {self.scale!r}")

    @property
    def lower(self) -> float:
        """H0 is accepted when the ratio falls to this."""
        return float(np.log(self.beta / (1.0 - self.alpha)))

    @property
    def upper(self) -> float:
        """H1 is accepted when the ratio rises to this."""
        return float(np.log((1.0 - self.beta) / self.alpha))

    def llr(self, counts: ArrayLike) -> float:
        """Return the log-likelihood ratio; NaN where it cannot be computed, as it may be at very lopsided results.

        Args:
            counts: [3] losses, draws, wins, or [5] of pairs of games. An empty cell counts as 0.001, so that no outcome
                is impossible.

        Raises:
            ValueError: for other counts, or pairs on the bayesian scale, which knows single games only.
        """
        tally = checked_counts(counts)
        if self.scale == "bayesian" and len(tally) == 5:
            raise ValueError("the bayesian scale knows no pairs: give losses, draws and wins, or take another scale")
        if not tally.any() or (self.scale == "bayesian" and not (tally[0] and tally[2])):
            return 0.0
        filled = np.where(tally == 0.0, _EMPTY, tally)
        total = filled.sum()
        solve = _SOLVERS[self.scale]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            one, zero = (solve(filled / total, elo) for elo in (self.elo1, self.elo0))
            return float(filled @ (np.log(one) - np.log(zero)))

    def test(self, counts: ArrayLike) -> Verdict:
        """Return where the test stands; an infinite or unknown ratio decides nothing.

        Args:
            counts: as for `llr`.

        Raises:
            ValueError: as for `llr`.
        """
        llr = self.llr(counts)
        tally = checked_counts(counts)
        decision: Decision = "continue"
        if np.isfinite(llr) and not self.lower < llr < self.upper:
            decision = "H1" if llr >= self.upper else "H0"
        return Verdict(
            llr=llr,
            decision=decision,
            lower=self.lower,
            upper=self.upper,
            count=int(tally.sum()),
            unit="pairs" if len(tally) == 5 else "games",
        )


# Each solver returns the distribution that explains the observed frequencies best when a hypothesis holds.


def _logistic(observed: Array, elo: float) -> Array:
    return _of_mean(observed, 1.0 / (1.0 + 10.0 ** (-elo / 400.0)))


def _bayesian(observed: Array, elo: float) -> Array:
    lost, _, won = observed
    draw_elo = 200.0 * np.log10((1.0 - lost) / lost * (1.0 - won) / won)
    win, loss = (1.0 / (1.0 + 10.0 ** ((draw_elo + side) / 400.0)) for side in (-elo, elo))
    return _of_mean(observed, float(win + (1.0 - win - loss) / 2.0))


def _normalized(observed: Array, elo: float) -> Array:
    """The mean lies t standard deviations above one half: made linear around a guess, and solved again and again."""
    atoms = np.linspace(0.0, 1.0, len(observed))
    t = elo * np.log(10.0) / 800.0 * np.sqrt(2.0 if len(observed) == 5 else 1.0)
    found = np.full(len(observed), 1.0 / len(observed))
    for _ in range(_ROUNDS):
        mean = found @ atoms
        deviation = np.sqrt(found @ (atoms - mean) ** 2)
        phi = atoms - 0.5 - 0.5 * t * deviation * (1.0 + ((atoms - mean) / deviation) ** 2)
        before, found = found, _tilted(observed, phi)
        if not np.all(np.isfinite(found)) or np.max(np.abs(found - before)) < 1e-12:
            break
    return found


def _of_mean(observed: Array, mean: float) -> Array:
    return _tilted(observed, np.linspace(0.0, 1.0, len(observed)) - mean)


def _tilted(observed: Array, phi: Array) -> Array:
    """Return the likeliest distribution under which phi has mean zero (Owen, "Empirical likelihood", 2001, section 2.9).

    It is observed / (1 + theta phi). The multiplier theta is the root of a falling function between two poles; the bracket
    always holds it, unless phi has one sign only, where no distribution exists and NaN comes back.
    """
    if not (phi.min() < 0.0 < phi.max()):
        return np.full_like(observed, np.nan)
    low, high = -(1.0 - _EDGE) / phi.max(), -(1.0 - _EDGE) / phi.min()

    def excess(theta: float) -> float:
        return float(observed @ (phi / (1.0 + theta * phi)))

    if excess(low) <= 0.0:
        theta = low
    elif excess(high) >= 0.0:
        theta = high
    else:
        theta = brentq(excess, low, high, xtol=1e-15, rtol=8.9e-16)
    return observed / (1.0 + theta * phi)


_SOLVERS: dict[Scale, Callable[[Array, float], Array]] = {
    "logistic": _logistic,
    "normalized": _normalized,
    "bayesian": _bayesian,
}
