"""Ratings of agents from matches of teams and free-for-alls, all at once and with errors.

Every two teams of a game are compared once: the better one has won. In a game of k teams each comparison weighs 1 / (k - 1),
so that a team's result weighs as much as in a game of two. A team's strength is the sum (or the mean) of its members', and
strengths explain comparisons as in Bradley and Terry's model. For teams of one that is a composite likelihood of Plackett
and Luce's model of rankings, whose pairs are Bradley and Terry's; unlike it, it takes draws as they come, half a win each.
Comparisons of one game are not independent, so errors are those of clusters (`cluster_bradley_terry` says how).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.special import expit, log_expit, ndtri

from eval.bradley_terry import ELO, Estimate, Ratings

__all__ = ["TeamRatings", "rate_teams"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_TOLERANCE = 1e-10  # of the largest Newton step, in log-odds
_ITERATIONS = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class TeamRatings(Ratings):
    """Ratings of n agents from games of teams. `games` counts those that an agent took part in.

    Attributes:
        team: how strengths of members make that of their team.
        member: what one more member of average strength is worth to a team, in Elo; None where all teams that met were
            equally large, or where means count.
    """

    team: Literal["sum", "mean"]
    member: Estimate | None


def rate_teams(
    game: ArrayLike,
    team: ArrayLike,
    agent: ArrayLike,
    score: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    agents: int | None = None,
    strength: Literal["sum", "mean"] = "sum",
    anchor: tuple[int, float] | None = None,
    prior: float = 0.5,
    confidence: float = 0.95,
) -> TeamRatings:
    """Fit ratings to games of any number of teams of any size.

    A rating is what an agent adds to a team, more or less than the average agent (or the anchor) does. Members who always
    play together get equal ratings with large errors, since nothing tells them apart. Where teams of unequal sizes met and
    strengths add up, the results also show what a member is worth at all.

    Args:
        game: [S] whole number that names the game of each seat.
        team: [S] whole number that names the seat's team within its game.
        agent: [S] index of the agent on the seat; it may hold several.
        score: [S] of the seat's team; more is better, equal is a draw.
        cluster: [S] whole number that names the cluster of the seat's game; by default every game is a cluster.
        agents: n; by default as many as the largest index needs.
        strength: whether a team is as strong as the sum of its members or as their mean.
        anchor: (agent, rating in Elo) that fixes the scale; by default the mean rating is zero.
        prior: virtual wins each way of every agent against one that adds nothing to a team: more than 0, so that ratings
            are finite whatever the results are.
        confidence: coverage of the normal intervals.

    Raises:
        ValueError: for arrays of unequal length, seats of one team with different scores, fewer than 2 clusters, or options
            out of range.
    """
    compared = _compare(game, team, agent, score, cluster, agents, strength)
    n = compared.design.shape[1]
    _check(n, anchor, prior, confidence)
    x = _maximise(compared, prior)
    covariance = ELO**2 * _covariance(compared, x, prior)
    origin = np.full(n, 1.0 / n) if anchor is None else np.eye(n)[anchor[0]]
    centred = np.eye(n) - origin  # takes from every agent what the origin has
    among = centred @ covariance @ centred.T
    rating, error = ELO * (centred @ x) + (anchor[1] if anchor else 0.0), np.sqrt(np.diag(among))
    margin = float(ndtri(0.5 + confidence / 2.0)) * error
    sized = strength == "sum" and bool(np.any(compared.design.sum(axis=1)))
    return TeamRatings(
        rating=rating,
        error=error,
        low=rating - margin,
        high=rating + margin,
        confidence=confidence,
        covariance=among,
        games=compared.games,
        clusters=compared.clusters,
        method="cluster",
        draws="half",
        draw=None,
        seat=None,
        anchor={} if anchor is None else {anchor[0]: anchor[1]},
        prior=prior,
        components=(tuple(range(n)),),
        log_likelihood=_value(compared, x, prior),
        team=strength,
        member=Estimate(float(ELO * x.mean()), float(np.sqrt(covariance.mean()))) if sized else None,
    )


@dataclass(frozen=True, eq=False)
class _Compared:
    """Comparisons of two teams.

    Attributes:
        design: [C, n] how often (or with what share) each agent is in the first team, less in the second.
        points: [C] of the first team: 1, 0.5 or 0.
        weight: [C].
        cluster: [C] from 0.
        clusters: how many there are.
        games: [n] that each agent took part in.
    """

    design: csr_array
    points: Array
    weight: Array
    cluster: Index
    clusters: int
    games: Array


def _compare(
    game: ArrayLike,
    team: ArrayLike,
    agent: ArrayLike,
    score: ArrayLike,
    cluster: ArrayLike | None,
    agents: int | None,
    strength: str,
) -> _Compared:
    """Return all comparisons of seats [S]."""
    if strength not in ("sum", "mean"):
        raise ValueError(f"strength must be 'sum' or 'mean', not {strength!r}")
    seats = [np.asarray(x) for x in (game, team, agent, score, game if cluster is None else cluster)]
    if seats[0].ndim != 1 or not len(seats[0]) or len({x.shape for x in seats}) != 1:
        raise ValueError(f"there must be seats, and all arrays of one length, not {[x.shape for x in seats]}")
    who, points = seats[2].astype(np.int64), seats[3].astype(np.float64)
    n = int(who.max()) + 1 if agents is None else agents
    if who.min() < 0 or who.max() >= n:
        raise ValueError(f"agent indices must lie in 0 to {n - 1}")
    games, of_game = np.unique(seats[0], return_inverse=True)
    numbers, number = np.unique(seats[1], return_inverse=True)
    teams, of_team = np.unique(of_game * len(numbers) + number, return_inverse=True)
    its_game = teams // len(numbers)
    its_score = _common(points, of_team, len(teams), "all seats of a team must have one score, and a finite one")
    known, label = np.unique(seats[4], return_inverse=True)
    if len(known) < 2:
        raise ValueError("a single cluster of games says nothing of how far clusters scatter: at least 2 are needed")
    of_cluster = _common(label.astype(np.float64), of_game, len(games), "all seats of a game must have one cluster")
    members = coo_array((np.ones(len(who)), (of_team, who)), shape=(len(teams), n)).tocsr()
    if strength == "mean":
        members = diags_array(1.0 / np.bincount(of_team)) @ members
    size = np.bincount(its_game)
    # teams are in order of games, so that those of one game are neighbours, next neighbours and so on
    apart = [np.flatnonzero(its_game[d:] == its_game[:-d]) for d in range(1, int(size.max()))]
    one = np.concatenate([np.empty(0, np.int64), *apart])
    other = one + np.repeat(np.arange(len(apart)) + 1, np.array([len(first) for first in apart], np.int64))
    return _Compared(
        design=csr_array(members[one] - members[other]),
        points=0.5 + 0.5 * np.sign(its_score[one] - its_score[other]),
        weight=1.0 / (size[its_game[one]] - 1.0),
        cluster=of_cluster[its_game[one]].astype(np.int64),
        clusters=len(known),
        games=np.bincount(np.unique(of_game * n + who) % n, minlength=n).astype(np.float64),
    )


def _common(values: Array, group: Index, groups: int, must: str) -> Array:
    """Return [groups] the value that all members of a group share."""
    found = np.empty(groups)
    found[group] = values
    if not np.array_equal(found[group], values) or not np.all(np.isfinite(values)):
        raise ValueError(must)
    return found


def _value(compared: _Compared, x: Array, prior: float) -> float:
    """Return the log-likelihood of the comparisons and the virtual games."""
    delta = compared.design @ x
    terms = compared.points * log_expit(delta) + (1.0 - compared.points) * log_expit(-delta)
    return float(compared.weight @ terms + prior * np.sum(log_expit(x) + log_expit(-x)))


def _information(compared: _Compared, x: Array, prior: float) -> Array:
    delta = compared.design @ x
    weighted = diags_array(compared.weight * expit(delta) * expit(-delta)) @ compared.design
    return (compared.design.T @ weighted).toarray() + np.diag(2.0 * prior * expit(x) * expit(-x))


def _slopes(compared: _Compared, x: Array) -> Array:
    """Return [C] the derivative of each comparison's log-likelihood by the difference of its teams."""
    return compared.weight * (compared.points - expit(compared.design @ x))


def _maximise(compared: _Compared, prior: float) -> Array:
    """Newton's method, with the step halved where it would lose likelihood; the prior makes the maximum exist."""
    x = np.zeros(compared.design.shape[1])
    value = _value(compared, x, prior)
    for _ in range(_ITERATIONS):
        gradient = compared.design.T @ _slopes(compared, x) + prior * (expit(-x) - expit(x))
        step = solve(_information(compared, x, prior), gradient, assume_a="pos")
        while (ahead := _value(compared, x + step, prior)) < value - 1e-12 * abs(value):
            step /= 2.0
        x, value = x + step, ahead
        if np.max(np.abs(step)) < _TOLERANCE:
            break
    return x


def _covariance(compared: _Compared, x: Array, prior: float) -> Array:
    """Return [n, n] the sandwich covariance over clusters; virtual games are clusters of their own."""
    inverse = np.linalg.inv(_information(compared, x, prior))
    rows = diags_array(_slopes(compared, x)) @ compared.design
    count = len(compared.cluster)
    shape = (compared.clusters, count)
    gradient = csr_array((np.ones(count), (compared.cluster, np.arange(count))), shape=shape) @ rows
    scatter = (gradient.T @ gradient).toarray() * (compared.clusters / (compared.clusters - 1))
    scatter += np.diag(prior * (expit(x) ** 2 + expit(-x) ** 2))
    return inverse @ scatter @ inverse


def _check(n: int, anchor: tuple[int, float] | None, prior: float, confidence: float) -> None:
    if anchor is not None and not (0 <= anchor[0] < n and np.isfinite(anchor[1])):
        raise ValueError(f"anchor must be (agent from 0 to {n - 1}, finite rating), not {anchor}")
    if not 0.0 < prior < np.inf:
        raise ValueError(f"prior must be a number above 0, not {prior}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
