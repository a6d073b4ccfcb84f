"""Bradley-Terry ratings in Elo units: one number per agent that explains who beats whom, with its uncertainty.

The model (Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 1952) gives agent i strength x_i and
says that i beats j with probability sigma(x_i - x_j). A draw counts as half a win for each side. Elo is C * x, with
C = 400 / ln 10, so 400 points are odds of ten to one.

Only differences of strengths show in results. The free constant is fixed by an anchor, an agent whose rating is given, or
by a mean of zero. The choice changes the standard errors: an anchor has none, and the others carry its doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve, solve
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, ndtr, ndtri

from eval.matches import aggregate, checked_matches

__all__ = ["ELO", "Disconnected", "Method", "Ratings", "bootstrap_bradley_terry", "components", "fit_bradley_terry"]

ELO = 400.0 / np.log(10.0)
"""Elo points per unit of log-odds."""

Method = Literal["fisher", "sandwich", "bootstrap"]
Array = NDArray[np.float64]

_TOLERANCE = 1e-10  # of the largest Newton step, in log-odds
_ITERATIONS = 100


class Disconnected(ValueError):
    """The results do not fix all differences of ratings: some group of agents was never beaten, or never met another.

    Attributes:
        components: the groups whose ratings would run away from each other, as tuples of agent indices.
    """

    def __init__(self, components: tuple[tuple[int, ...], ...], advice: str) -> None:
        shown = ", ".join("{" + ", ".join(map(str, group)) + "}" for group in components[:8])
        more = f" and {len(components) - 8} more" if len(components) > 8 else ""
        super().__init__(f"the results do not tie these groups of agents together: {shown}{more}; {advice}")
        self.components = components


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratings:
    """Ratings of n agents.

    Attributes:
        rating: [n] Elo.
        error: [n] standard errors, in Elo; zero for the anchor.
        low, high: [n] the interval of each rating, in Elo.
        confidence: what the interval covers, for example 0.95.
        covariance: [n, n] of the ratings, in squared Elo.
        games: [n] how many games each agent's rating rests on.
        method: where the errors come from.
        anchor: (agent, rating) that fixes the scale, or None when the mean is zero.
        prior: virtual wins each way per pair that has met.
        components: groups that the results alone would leave apart, so that only the prior relates their ratings; one
            group of all agents when the results suffice.
        log_likelihood: of the results and the prior, natural logarithm.
    """

    rating: Array
    error: Array
    low: Array
    high: Array
    confidence: float
    covariance: Array
    games: Array
    method: Method
    anchor: tuple[int, float] | None
    prior: float
    components: tuple[tuple[int, ...], ...]
    log_likelihood: float

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


def components(wins: ArrayLike, draws: ArrayLike | None = None) -> tuple[tuple[int, ...], ...]:
    """Return the strong components of the graph "row scored against column", the largest first.

    The maximum likelihood exists only when there is one (Ford, "Solution of a ranking problem from binary comparisons",
    1957): a group that never lost a point to the rest has no finite rating against it.
    """
    won, drawn = _table(wins, draws)
    return _groups(won + drawn)


def fit_bradley_terry(
    wins: ArrayLike,
    draws: ArrayLike | None = None,
    *,
    anchor: tuple[int, float] | None = None,
    prior: float = 0.0,
    method: Literal["fisher", "sandwich"] | None = None,
    confidence: float = 0.95,
) -> Ratings:
    """Fit ratings by maximum likelihood.

    Newton's method on the log-likelihood, which is concave, with the step halved where it would lose likelihood.

    Args:
        wins: [n, n] how often row beat column.
        draws: [n, n] symmetric, how often the pair drew.
        anchor: (agent, rating in Elo) that fixes the scale; by default the mean rating is zero.
        prior: virtual wins added each way to every pair that has met (0.5 is one virtual draw). It keeps the rating of
            a winless or unbeaten agent finite and draws all ratings together a little.
        method: "fisher" inverts the information that the model expects; "sandwich" also asks how far results scatter
            (White, "Maximum likelihood estimation of misspecified models", Econometrica 1982), which is right where
            draws make them scatter less than wins and losses would. Default: sandwich where games were drawn,
            else fisher. Both take games as independent; `bootstrap_bradley_terry` does not.
        confidence: coverage of the normal intervals.

    Raises:
        Disconnected: when no finite ratings exist. A prior helps, unless groups of agents never met at all.
        ValueError: for tables that are no counts, or options out of range.
    """
    won, drawn = _table(wins, draws)
    _check(len(won), anchor, prior, confidence)
    if method not in (None, "fisher", "sandwich"):
        raise ValueError(f"method must be 'fisher' or 'sandwich', not {method!r}")
    virtual = _virtual(won + won.T + drawn, prior)
    score = won + drawn / 2.0 + virtual
    _require_one_group(score, prior)
    x = _maximise(score, np.zeros(len(won)))
    likely, information = _curvature(score, x)
    covariance = _inverse(information)
    chosen: Literal["fisher", "sandwich"] = method or ("sandwich" if drawn.any() else "fisher")
    if chosen == "sandwich":
        covariance = covariance @ _scatter(won + virtual, drawn, likely) @ covariance
    rating, covariance = _in_elo(x, covariance, anchor)
    error = np.sqrt(np.diag(covariance))
    margin = float(ndtri(0.5 + confidence / 2.0)) * error
    return Ratings(
        rating=rating,
        error=error,
        low=rating - margin,
        high=rating + margin,
        confidence=confidence,
        covariance=covariance,
        games=(won + won.T + drawn).sum(axis=1),
        method=chosen,
        anchor=anchor,
        prior=prior,
        components=_groups(won + drawn),
        log_likelihood=_log_likelihood(score, x),
    )


def bootstrap_bradley_terry(
    first: ArrayLike,
    second: ArrayLike,
    score: ArrayLike,
    cluster: ArrayLike,
    *,
    agents: int | None = None,
    anchor: tuple[int, float] | None = None,
    prior: float = 0.0,
    samples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Ratings:
    """Fit ratings by maximum likelihood, with errors from resampling clusters of games with replacement.

    Games that share a seed, as the two games of a pair with seats swapped do, are not independent: the cluster is the unit.
    Intervals are percentiles of the resampled ratings. The prior stays on every pair that met in the whole data.

    Args:
        first: [M] index of the first agent of each match.
        second: [M] index of the second.
        score: [M] of the first agent: 1 for a win, 0.5 for a draw, 0 for a loss.
        cluster: [M] label of the cluster of each match, for example the number of its pair of games.
        agents: n; by default as many as the largest index needs.
        anchor: as for `fit_bradley_terry`.
        prior: as for `fit_bradley_terry`.
        samples: number of resamples, at least 2.
        seed: of the resampling; the same seed gives the same errors.
        confidence: coverage of the percentile intervals.

    Raises:
        Disconnected: when the data, or a resample of it, has no finite ratings; a prior of 0.5 mends that.
        ValueError: as for `aggregate` and `fit_bradley_terry`.
    """
    i, j, s, n = checked_matches(first, second, score, agents)
    labels = np.unique(np.asarray(cluster), return_inverse=True)[1].ravel()
    if labels.shape != i.shape:
        raise ValueError(f"cluster must label every match: {len(labels)} labels, {len(i)} matches")
    if samples < 2:
        raise ValueError(f"samples must be at least 2, not {samples}")
    whole = fit_bradley_terry(*aggregate(i, j, s, agents=n), anchor=anchor, prior=prior, confidence=confidence)
    pairs, cell = np.unique(np.concatenate([i * n + j, j * n + i]), return_inverse=True)
    points = np.concatenate([s, 1.0 - s])
    by_cluster = csr_array((points, (np.tile(labels, 2), cell)), shape=(int(labels.max()) + 1, len(pairs)))
    virtual = _virtual(np.bincount(pairs, minlength=n * n).reshape(n, n).astype(np.float64), prior)
    rng = np.random.default_rng(seed)
    count = by_cluster.shape[0]
    start = whole.rating / ELO
    drawn = np.empty((samples, n))
    for sample in drawn:
        weights = np.bincount(rng.integers(count, size=count), minlength=count).astype(np.float64)
        resampled = virtual.copy()
        resampled.ravel()[pairs] += weights @ by_cluster
        _require_one_group(resampled, prior)
        sample[:] = _shift(ELO * _maximise(resampled, start), anchor)
    low, high = np.quantile(drawn, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0], axis=0)
    covariance = np.atleast_2d(np.cov(drawn, rowvar=False))
    error = np.sqrt(np.diag(covariance))
    return replace(whole, error=error, low=low, high=high, covariance=covariance, method="bootstrap")


# The mathematics, in log-odds. `score` [n, n] holds points of row against column: wins, half draws and the prior.


def _log_likelihood(score: Array, x: Array) -> float:
    return -float(np.sum(score * np.logaddexp(0.0, x[None, :] - x[:, None])))


def _curvature(score: Array, x: Array) -> tuple[Array, Array]:
    """Return [n, n] expected scores of row against column and the [n, n] Fisher information."""
    likely = expit(x[:, None] - x[None, :])
    weight = (score + score.T) * likely * likely.T
    return likely, np.diag(weight.sum(axis=1)) - weight


def _maximise(score: Array, x: Array) -> Array:
    total = score + score.T
    value = _log_likelihood(score, x)
    for _ in range(_ITERATIONS):
        likely, information = _curvature(score, x)
        gradient = (score - total * likely).sum(axis=1)
        # adding 1/n everywhere removes the null direction (all ratings up together) and leaves the step unchanged
        step = solve(information + 1.0 / len(x), gradient, assume_a="pos", overwrite_a=True, check_finite=False)
        while (ahead := _log_likelihood(score, x + step)) < value - 1e-12 * abs(value):
            step /= 2.0
        x, value = x + step, ahead
        if np.max(np.abs(step)) < _TOLERANCE:
            break
    return x - x.mean()


def _inverse(information: Array) -> Array:
    """Pseudo-inverse of the information: the covariance of ratings whose mean is zero."""
    n = len(information)
    return cho_solve(cho_factor(information + 1.0 / n), np.eye(n)) - 1.0 / n


def _scatter(wins: Array, draws: Array, likely: Array) -> Array:
    """Covariance [n, n] of the gradient, from how far each result lies from its expected score."""
    lost = 1.0 - likely
    weight = wins * lost**2
    weight = weight + weight.T + draws * (0.5 - likely) ** 2
    return np.diag(weight.sum(axis=1)) - weight


def _in_elo(x: Array, covariance: Array, anchor: tuple[int, float] | None) -> tuple[Array, Array]:
    rating = _shift(ELO * x, anchor)
    if anchor is not None:
        k = anchor[0]
        covariance = covariance - covariance[:, [k]] - covariance[[k], :] + covariance[k, k]
        covariance[k, :] = covariance[:, k] = 0.0
    return rating, ELO**2 * (covariance + covariance.T) / 2.0


def _shift(rating: Array, anchor: tuple[int, float] | None) -> Array:
    return rating if anchor is None else rating - rating[anchor[0]] + anchor[1]


def _groups(score: Array) -> tuple[tuple[int, ...], ...]:
    count, label = connected_components(csr_array(score > 0.0), directed=True, connection="strong")
    groups = (tuple(int(i) for i in np.flatnonzero(label == k)) for k in range(count))
    return tuple(sorted(groups, key=lambda group: (-len(group), group)))


def _require_one_group(score: Array, prior: float) -> None:
    groups = _groups(score)
    if len(groups) > 1:
        raise Disconnected(
            groups,
            "they must meet, directly or through others"
            if prior > 0.0
            else "more games, or a prior such as 0.5, would give finite ratings",
        )


def _virtual(met: Array, prior: float) -> Array:
    return np.where(met > 0.0, prior, 0.0)


# Checks of what comes in.


def _table(wins: ArrayLike, draws: ArrayLike | None) -> tuple[Array, Array]:
    won = np.asarray(wins, dtype=np.float64)
    drawn = np.zeros_like(won) if draws is None else np.asarray(draws, dtype=np.float64)
    if won.ndim != 2 or won.shape[0] != won.shape[1] or drawn.shape != won.shape or len(won) == 0:
        raise ValueError(f"wins and draws must be square and of one size: {won.shape}, {drawn.shape}")
    if not all(np.all(np.isfinite(t)) and np.all(t >= 0.0) and not np.any(np.diag(t)) for t in (won, drawn)):
        raise ValueError("wins and draws must be finite counts from 0 upwards, with zeros on the diagonal")
    if not np.array_equal(drawn, drawn.T):
        raise ValueError("draws must be symmetric: a draw counts once for row against column and once the other way")
    return won, drawn


def _check(n: int, anchor: tuple[int, float] | None, prior: float, confidence: float) -> None:
    if anchor is not None and not (0 <= anchor[0] < n and np.isfinite(anchor[1])):
        raise ValueError(f"anchor must be (agent from 0 to {n - 1}, finite rating), not {anchor}")
    if not 0.0 <= prior < np.inf:
        raise ValueError(f"prior must be a number from 0 upwards, not {prior}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
