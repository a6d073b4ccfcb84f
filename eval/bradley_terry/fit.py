"""Bradley-Terry fits from tables or matches; they differ in where the errors come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.special import ndtri

from eval.bradley_terry.draws import RULES
from eval.bradley_terry.likelihood import Likelihood
from eval.bradley_terry.ratings import ELO, Draws, Estimate, Method, Ratings
from eval.bradley_terry.results import Results, of_cells, of_tables
from eval.matches import checked_matches

__all__ = ["Anchor", "bootstrap_bradley_terry", "cluster_bradley_terry", "fit_bradley_terry"]

Anchor = tuple[int, float] | Mapping[int, float] | None
"""What fixes the scale: an agent and its rating in Elo, several of them, or None for a mean of zero."""

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def fit_bradley_terry(
    wins: ArrayLike,
    draws: ArrayLike | None = None,
    *,
    anchor: Anchor = None,
    prior: float = 0.0,
    rule: Draws = "half",
    method: Literal["fisher", "sandwich"] | None = None,
    confidence: float = 0.95,
) -> Ratings:
    """Fit ratings to tables of counts by maximum likelihood, with errors that take all games as independent.

    Args:
        wins: [n, n] how often row beat column.
        draws: [n, n] symmetric, how often the pair drew.
        anchor: (agent, rating in Elo) that fixes the scale, or a mapping of several; by default the mean rating is zero.
            Several anchors that contradict the results bend the ratings of all who met them.
        prior: virtual wins added each way to every pair that has met (0.5 is one virtual draw). It keeps the rating of
            a winless or unbeaten agent finite and draws all ratings together a little.
        rule: how draws are explained (see `Draws`); each has a scale of its own.
        method: "fisher" inverts the curvature of the log-likelihood; "sandwich" also asks how far results scatter
            (White, "Maximum likelihood estimation of misspecified models", Econometrica 1982), virtual ones included,
            which is right where draws make them scatter less than wins and losses would. Default: sandwich where draws
            count half, else fisher.
        confidence: coverage of the normal intervals.

    Raises:
        Disconnected: when no finite ratings exist. A prior helps, unless groups of agents never met at all.
        ValueError: for tables that are no counts, options out of range, or a draw rule without draws.
    """
    if method not in (None, "fisher", "sandwich"):
        raise ValueError(f"method must be 'fisher' or 'sandwich', not {method!r}")
    _check_prior(prior)
    results = of_tables(wins, draws, prior=prior)
    likelihood, theta = _maximum(results, rule, False, anchor)
    covariance = likelihood.covariance(likelihood.information(theta))
    chosen = method or ("sandwich" if rule == "half" and results.counts[:, 1].any() else "fisher")
    if chosen == "sandwich":
        covariance = covariance @ likelihood.scatter(theta, results.counts) @ covariance
    games = int(results.counts[: results.real].sum())
    return _ratings(likelihood, theta, covariance, rule, chosen, games, anchor, prior, confidence)


def cluster_bradley_terry(
    first: ArrayLike,
    second: ArrayLike,
    score: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    agents: int | None = None,
    anchor: Anchor = None,
    prior: float = 0.0,
    rule: Draws = "half",
    seat: bool = False,
    confidence: float = 0.95,
) -> Ratings:
    """Fit ratings to matches by maximum likelihood, with errors that take clusters of games as independent.

    Games that share a seed, as the two games of a pair with seats swapped do, are not independent: the cluster is the unit.
    The errors are analytic, so a million games cost seconds: the sandwich covariance with the gradient summed within
    clusters (Liang and Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 1986), times
    clusters / (clusters - 1), which is usual and matters only for few. Virtual games of the prior are independent.

    Args:
        first: [M] index of the first agent of each match.
        second: [M] index of the second.
        score: [M] of the first agent: 1 for a win, 0.5 for a draw, 0 for a loss.
        cluster: [M] whole number that names the cluster of each match, for example its pair of games; by default every
            match is a cluster.
        agents: n; by default as many as the largest index needs.
        anchor: as for `fit_bradley_terry`.
        prior: as for `fit_bradley_terry`; virtual games have no seats.
        rule: as for `fit_bradley_terry`.
        seat: fit what sitting first adds to the rating, too.
        confidence: coverage of the normal intervals.

    Raises:
        Disconnected: as for `fit_bradley_terry`.
        ValueError: as for `aggregate` and `fit_bradley_terry`; with fewer than 2 clusters; or when the results do not fix
            the seat's advantage.
    """
    matches = _matches(first, second, score, cluster, agents, prior, seat)
    likelihood, theta = _maximum(matches.results, rule, seat, anchor)
    if matches.clusters < 2:
        raise ValueError("a single cluster of matches says nothing of how far clusters scatter: at least 2 are needed")
    covariance = likelihood.covariance(likelihood.information(theta))
    covariance = covariance @ _cluster_scatter(likelihood, theta, matches) @ covariance
    return _ratings(likelihood, theta, covariance, rule, "cluster", matches.clusters, anchor, prior, confidence)


def bootstrap_bradley_terry(
    first: ArrayLike,
    second: ArrayLike,
    score: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    agents: int | None = None,
    anchor: Anchor = None,
    prior: float = 0.0,
    rule: Draws = "half",
    seat: bool = False,
    samples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Ratings:
    """Fit ratings to matches by maximum likelihood, with errors from resampling clusters of games with replacement.

    Dearer than `cluster_bradley_terry`; its intervals may be skewed, as those of few games are, and its samples give
    simultaneous statements (see `rank_intervals`). Intervals are percentiles of the resampled ratings. Clusters that all
    agree, or a single one, give intervals without width, which is no proof. The prior stays on every pair that met in
    the whole data. A resample starts from the ratings of all data, so that two or three steps
    of Newton's method are enough.

    Args:
        first: [M] index of the first agent of each match.
        second: [M] index of the second.
        score: [M] of the first agent: 1 for a win, 0.5 for a draw, 0 for a loss.
        cluster: as for `cluster_bradley_terry`.
        agents: n; by default as many as the largest index needs.
        anchor: as for `fit_bradley_terry`.
        prior: as for `cluster_bradley_terry`.
        rule: as for `fit_bradley_terry`.
        seat: as for `cluster_bradley_terry`.
        samples: number of resamples, at least 2.
        seed: of the resampling; the same seed gives the same errors.
        confidence: coverage of the percentile intervals.

    Raises:
        Disconnected: when the data, or a resample of it, has no finite ratings; a prior of 0.5 mends that.
        ValueError: as for `cluster_bradley_terry`, also for a resample.
    """
    if samples < 2:
        raise ValueError(f"samples must be at least 2, not {samples}")
    matches = _matches(first, second, score, cluster, agents, prior, seat)
    whole, theta = _maximum(matches.results, rule, seat, anchor)
    rng = np.random.default_rng(seed)
    outcomes = 3 * matches.pair + matches.outcome
    found = np.empty((samples, whole.size))
    for sample in found:
        drawn = rng.integers(matches.clusters, size=matches.clusters)
        weight = np.bincount(drawn, minlength=matches.clusters)[matches.cluster]
        counts = matches.results.counts.copy()
        real = counts[: matches.results.real]
        real[:] = np.bincount(outcomes, weights=weight, minlength=real.size).reshape(real.shape)
        likelihood = replace(whole, results=replace(matches.results, counts=counts))
        likelihood.results.require_one_group(whole.anchors)
        sample[:] = likelihood.maximise(theta, tolerance=1e-6)
    covariance = np.atleast_2d(np.cov(found, rowvar=False))
    ratings = _ratings(whole, theta, covariance, rule, "bootstrap", matches.clusters, anchor, prior, confidence)
    elo = _elo(found[:, : whole.results.n], _anchors(anchor))
    low, high = np.quantile(elo, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0], axis=0)
    return replace(ratings, low=low, high=high, samples=elo)


@dataclass(frozen=True, eq=False)
class _Matches:
    """Matches with the number of their pair in the results, their outcome (0 win, 1 draw, 2 loss) and their cluster."""

    results: Results
    pair: Index
    outcome: Index
    cluster: Index
    clusters: int


def _matches(
    first: ArrayLike,
    second: ArrayLike,
    score: ArrayLike,
    cluster: ArrayLike | None,
    agents: int | None,
    prior: float,
    seat: bool,
) -> _Matches:
    i, j, s, n = checked_matches(first, second, score, agents)
    if np.any(i == j):
        raise ValueError("a match of an agent against itself says nothing about who is better: leave it out")
    labels, clusters = _labels(np.arange(len(i)) if cluster is None else np.asarray(cluster), len(i))
    _check_prior(prior)
    outcome = (2.0 - 2.0 * s).astype(np.int64)
    if not seat:  # who sat first does not matter: one pair for both orders
        swap = i > j
        i, j, outcome = np.where(swap, j, i), np.where(swap, i, j), np.where(swap, 2 - outcome, outcome)
    cell = i * n + j
    cells = np.bincount(3 * cell + outcome, minlength=3 * n * n).reshape(n, n, 3).astype(np.float64)
    results, pair = of_cells(cells, prior=prior, seats=seat)
    return _Matches(results, pair.ravel()[cell], outcome, labels, clusters)


def _labels(cluster: NDArray[np.int64], matches: int) -> tuple[Index, int]:
    """Return [M] clusters numbered from 0, and how many there are."""
    if cluster.shape != (matches,):
        raise ValueError(f"cluster must label every match: {len(cluster)} labels, {matches} matches")
    known, labels = np.unique(cluster, return_inverse=True)
    return labels, len(known)


def _maximum(results: Results, rule: Draws, seat: bool, anchor: Anchor) -> tuple[Likelihood, Array]:
    """Return the likelihood and the [K] parameters that maximise it."""
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(map(repr, RULES))}, not {rule!r}")
    anchors = _anchors(anchor)
    if not all(0 <= agent < results.n and np.isfinite(rating) for agent, rating in anchors.items()):
        raise ValueError(f"anchor must be (agent from 0 to {results.n - 1}, finite rating), not {anchor}")
    results.require_one_group(anchors)
    if RULES[rule].fitted and not 0.0 < results.draw_share() < 1.0:
        raise ValueError(f"the rule {rule!r} needs some games that were drawn and some that were not: use 'half'")
    # one anchor only shifts what all others found, so it is laid on afterwards
    fixed = {agent: rating / ELO for agent, rating in anchors.items()} if len(anchors) > 1 else {}
    likelihood = Likelihood(results, RULES[rule], seat, fixed)
    return likelihood, likelihood.maximise(likelihood.start())


def _cluster_scatter(likelihood: Likelihood, theta: Array, matches: _Matches) -> Array:
    """Return [K, K] the covariance of the gradient when clusters are independent."""
    results = matches.results
    by_delta, by_h = (
        slope[matches.pair, matches.outcome] for slope in likelihood.rule.slopes(*likelihood.split(theta))
    )
    columns = [results.first[matches.pair], results.second[matches.pair]]
    values = [by_delta, -by_delta]
    if likelihood.seat:
        columns.append(np.full(len(by_delta), results.n))
        values.append(by_delta)
    if likelihood.rule.fitted:
        columns.append(np.full(len(by_h), likelihood.size - 1))
        values.append(by_h)
    rows = np.tile(matches.cluster, len(columns))
    shape = (matches.clusters, likelihood.size)
    gradient = coo_array((np.concatenate(values), (rows, np.concatenate(columns))), shape=shape).tocsr()
    virtual = results.counts.copy()
    virtual[: results.real] = 0.0
    scatter = (gradient.T @ gradient).toarray() * (matches.clusters / (matches.clusters - 1))
    return scatter + likelihood.scatter(theta, virtual)


def _ratings(
    likelihood: Likelihood,
    theta: Array,
    covariance: Array,
    rule: Draws,
    method: Method,
    clusters: int,
    anchor: Anchor,
    prior: float,
    confidence: float,
) -> Ratings:
    """Return ratings in Elo of parameters and their covariance, with normal intervals."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    n, anchors = likelihood.results.n, _anchors(anchor)
    spread = np.sqrt(np.diag(covariance))
    among = covariance[:n, :n].copy()
    if len(anchors) == 1:
        (k,) = anchors
        among = among - among[:, [k]] - among[[k], :] + among[k, k]
    fixed = list(anchors)
    among[fixed, :] = among[:, fixed] = 0.0
    among = ELO**2 * (among + among.T) / 2.0
    rating, error = _elo(theta[:n], anchors), np.sqrt(np.diag(among))
    margin = float(ndtri(0.5 + confidence / 2.0)) * error
    return Ratings(
        rating=rating,
        error=error,
        low=rating - margin,
        high=rating + margin,
        confidence=confidence,
        covariance=among,
        games=likelihood.results.games(),
        clusters=clusters,
        method=method,
        draws=rule,
        draw=likelihood.rule.shown(float(theta[-1]), float(spread[-1])),
        seat=Estimate(float(ELO * theta[n]), float(ELO * spread[n])) if likelihood.seat else None,
        anchor=anchors,
        prior=prior,
        components=likelihood.results.groups(prior=False),
        log_likelihood=likelihood.value(theta),
    )


def _elo(strength: Array, anchors: Mapping[int, float]) -> Array:
    """Return [..., n] Elo; a single anchor, which was not held in the fit, is laid on."""
    elo = ELO * strength
    if len(anchors) == 1:
        (k,) = anchors
        elo -= elo[..., [k]] - anchors[k]
    elo[..., list(anchors)] = list(anchors.values())
    return elo


def _anchors(anchor: Anchor) -> dict[int, float]:
    if anchor is None:
        return {}
    return dict(anchor) if isinstance(anchor, Mapping) else {anchor[0]: anchor[1]}


def _check_prior(prior: float) -> None:
    if not 0.0 <= prior < np.inf:
        raise ValueError(f"prior must be a number from 0 upwards, not {prior}")
