"""Ratings of the agents of a tournament, and what they rest on, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from arena.outcomes import Outcomes
from eval import Disconnected, Ratings, aggregate, cluster_bradley_terry, fit_bradley_terry

__all__ = ["Basis", "rate"]

_PRIOR = 0.5  # virtual wins each way: one virtual draw
_METHOD = "Bradley-Terry maximum likelihood"
_FEW = 10  # pairs of an agent below which their scatter says too little
_CLUSTERED = "sandwich estimate that takes pairs as independent, not matches"
_QUANTILE = 1.959964  # of the normal distribution, for 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """How ratings were made: what the head of a table of them has to say.

    Attributes:
        method: the estimator. Over every two agents of larger matches it is a composite likelihood of Plackett and Luce's
            model of rankings.
        scale: the unit.
        zero: what has rating 0.
        draws: what a draw counts.
        prior: what was added to the results.
        games, pairs: what they rest on; the pair is the unit of statistics.
        interval: the kind of the intervals, which cover 95 %.
    """

    method: str
    scale: str = "Elo, 400 points are odds of ten to one"
    zero: str
    draws: str = "half a win for each"
    prior: str = "none"
    games: int
    pairs: int
    interval: str

    def __str__(self) -> str:
        return (
            f"Ratings: {self.method} from {self.games:,} matches in {self.pairs:,} pairs; scale: {self.scale}; at 0:"
            f" {self.zero}; a draw: {self.draws}; prior: {self.prior}; 95 % intervals: {self.interval}."
        )


def rate(outcomes: Outcomes, anchor: str | None) -> tuple[Ratings | None, Basis | None, tuple[str, ...]]:
    """Return ratings and what they rest on, None where there can be none; and sentences on what else must be known."""
    compared, names = outcomes.compared, outcomes.agents
    if not len(compared.points):
        return None, None, ("No agent has met another yet: there are no ratings.",)
    fixed = None if anchor is None else (names.index(anchor), 0.0)
    zero = "the mean rating" if anchor is None else f"{anchor}, the anchor"
    basis = Basis(
        method=_METHOD if outcomes.sides <= 2 else f"{_METHOD} over every two agents of a match",
        zero=zero,
        games=outcomes.games,
        pairs=outcomes.pairs,
        interval="Fisher information",
    )
    wins, draws = aggregate(compared.first, compared.second, compared.points, agents=len(names))
    try:
        plain = fit_bradley_terry(wins, draws, anchor=fixed, method="fisher")
    except Disconnected as apart:
        groups = apart.components
    else:
        if _pairs_each(outcomes).min() < _FEW:
            few = f"Fisher information, as some agent has fewer than {_FEW} pairs"
            return plain, replace(basis, interval=few), ()
        ratings = _clustered(outcomes, fixed)
        if np.any(np.delete(ratings.error, fixed[0] if fixed else []) == 0.0):
            return plain, replace(basis, interval="Fisher information, as all pairs agree"), ()
        return ratings, replace(basis, interval=_CLUSTERED), _seat(ratings)
    try:
        ratings = fit_bradley_terry(wins, draws, anchor=fixed, prior=_PRIOR, method="fisher")
    except Disconnected:
        return None, None, ("Some agents have not met, directly or through others: there are no common ratings.",)
    basis = replace(basis, prior="one virtual draw for every two agents that met")
    return ratings, basis, tuple(_apart(names, groups, ratings.rating, wins, draws))


def _pairs_each(outcomes: Outcomes) -> NDArray[np.int64]:
    """Return [n] in how many pairs of games each agent took part."""
    owner, _, unit = outcomes.scores
    taken = np.unique(np.stack([owner, unit]), axis=1)[0]
    return np.bincount(taken, minlength=len(outcomes.agents))


def _clustered(outcomes: Outcomes, fixed: tuple[int, float] | None) -> Ratings:
    """Return ratings with errors that take pairs as independent, with the advantage of a seat where it can be told."""
    fit = partial(cluster_bradley_terry, *outcomes.compared, agents=len(outcomes.agents), anchor=fixed)
    if outcomes.sides == 2:
        with suppress(ValueError):  # nobody, or not enough agents, had both seats
            return fit(seat=True)
    return fit()


def _seat(ratings: Ratings) -> tuple[str, ...]:
    seat = ratings.seat
    if seat is None:
        return ()
    margin = _QUANTILE * seat.error
    return (
        f"Sitting first is worth {seat.value:+.0f} Elo [{seat.value - margin:+.0f}, {seat.value + margin:+.0f}],"
        " fitted with the ratings.",
    )


def _apart(
    names: Sequence[str],
    groups: Sequence[Sequence[int]],
    rating: NDArray[np.float64],
    wins: NDArray[np.float64],
    draws: NDArray[np.float64],
) -> Iterator[str]:
    """Yield why the results alone give no finite ratings."""
    ordered = sorted(groups, key=lambda group: -float(np.mean(rating[list(group)])))
    yield (
        "The results alone give no finite ratings: nobody below ever scored on those above in"
        f" {' > '.join(_named(group, names) for group in ordered)}. The prior draws ratings together."
    )
    unbeaten = [n for k, n in enumerate(names) if not wins[:, k].any() and not draws[k].any() and wins[k].any()]
    winless = [n for k, n in enumerate(names) if not wins[k].any() and not draws[k].any() and wins[:, k].any()]
    if unbeaten:
        yield f"Won all matches: {', '.join(unbeaten)}."
    if winless:
        yield f"Lost all matches: {', '.join(winless)}."


def _named(group: Sequence[int], names: Sequence[str]) -> str:
    inside = ", ".join(names[k] for k in group)
    return inside if len(group) == 1 else f"{{{inside}}}"
