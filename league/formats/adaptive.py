"""Adaptive: the next games are those that make the ranking surer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from eval import fit_bradley_terry
from eval.bradley_terry.ratings import ELO
from games.errors import InputError
from league.formats.format import Field, Pair, Results, Verdict
from league.formats.precision import Comparisons, check_width, least_sure, widest

__all__ = ["Adaptive"]

_SHARE = 32  # a batch is at least 1/32 of what was played, so that few of many games wait for each other
_TIE = 1e-9  # choices that differ by less are equal, so that the rounding of a machine does not choose

_COLUMNS = ("pairs", "before the next")

Array = NDArray[np.float64]


class Adaptive:
    """Lets those meet whose games tell most about the ranking: mostly neighbours whose order is not clear yet.

    At first every two neighbours in the field meet once. Then ratings are fitted again and again (Bradley-Terry, with one
    virtual draw of everyone against an average player), and a batch of pairs is chosen, one after the other: the one whose
    games would shrink a sum of variances most. These are the variances of the differences between every two agents, each
    weighted by the normal density at difference / error, which is large where their order is in doubt. Games between equals
    tell most, as their outcome is least certain; games against somebody who was met often tell less. (The criterion is that
    of A-optimal design, Chaloner and Verdinelli, "Bayesian experimental design", Statistical Science 1995, section 2, for the
    differences in doubt.) With a width, the variances are those of the agents whose intervals are too wide. Groups are two
    agents, whatever the game's sides.

    Args:
        encounters: ends when as many pairs were played as a round robin of so many encounters would have; None never.
        width: ends when no 95 % interval of a rating is wider than so many Elo.
        certainty: ends when every two neighbours in the ranking are in the right order with this probability.

    Raises:
        InputError: for numbers out of range.
    """

    def __init__(
        self, *, encounters: int | None = 50, width: float | None = None, certainty: float | None = None
    ) -> None:
        if encounters is not None and encounters < 1:
            raise InputError(f"encounters of an adaptive tournament must be at least 1, not {encounters}")
        check_width(width, "an adaptive tournament")
        if certainty is not None and not 0.5 < certainty < 1.0:
            raise InputError(f"certainty of an adaptive tournament must lie between 0.5 and 1, not {certainty}")
        self.encounters, self.width, self.certainty = encounters, width, certainty

    def pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Return batches of pairs, with a wait after each; see `Format`."""
        field.need_opponents("an adaptive tournament")
        return self._pairs(field, results)

    def _pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        agents, n = field.agents, len(field.agents)
        most = None if self.encounters is None else self.encounters * field.conditions * n * (n - 1) // 2
        known = Comparisons(agents)
        batch = [(k, k + 1) for k in range(n - 1)]
        met: Counter[tuple[int, int]] = Counter()
        asked = turn = 0
        while batch:
            for one, other in batch:
                first, second = (one, other) if met[one, other] % 2 == 0 else (other, one)
                met[one, other] += 1
                yield Pair(turn, (agents[first], agents[second]))
            yield None
            for number in range(asked, asked + len(batch)):
                known.add(number, results.played[number])
            asked, turn = asked + len(batch), turn + 1
            size = max(n, asked // _SHARE)
            batch = self._choose(known, size if most is None else min(size, most - asked))

    def _choose(self, known: Comparisons, size: int) -> list[tuple[int, int]]:
        """Return the next pairs; none when all is known well enough."""
        strength, covariance = _fit(known)
        wide = None
        if self.width is not None or self.certainty is not None:
            ratings = known.ratings()
            assert ratings is not None  # all are tied together since the first batch
            if self.width is not None and widest(ratings) > self.width:
                wide = ratings.high - ratings.low > self.width
            elif self.certainty is None or least_sure(ratings) >= self.certainty:
                return []
        target = _in_doubt(strength, covariance) if wide is None else np.diag(wide.astype(np.float64))
        return _best(strength, covariance, target, size)

    def verdict(self, field: Field, results: Results) -> Verdict | None:
        """Return the ranking, with the probability that each is before the next."""
        known = Comparisons(field.agents)
        for number in sorted(results.played):
            known.add(number, results.played[number])
        ratings = known.ratings()
        if ratings is None:
            rows: tuple[tuple[Any, ...], ...] = tuple((int(pairs), None) for pairs in known.pairs)
            return Verdict(order=field.agents, columns=_COLUMNS, rows=rows)
        order = np.argsort(-ratings.rating, kind="stable").tolist()
        sure = [round(ratings.better(i, j), 3) for i, j in pairwise(order)]
        return Verdict(
            order=tuple(field.agents[k] for k in order),
            columns=_COLUMNS,
            rows=tuple((int(known.pairs[k]), p) for k, p in zip(order, [*sure, None], strict=True)),
            sentences=(
                f"The widest 95 % interval of a rating is {widest(ratings):.0f} Elo.",
                f"Every two neighbours in this ranking are in the right order with {100 * min(sure):.1f} % or more.",
            ),
        )


def _fit(known: Comparisons) -> tuple[Array, Array]:
    """Return [n] strengths and [n, n] their covariance, in log-odds; everybody drew once with an average player, who has 0."""
    wins, draws = known.tables()
    n = len(wins)
    wins, draws = np.pad(wins, (0, 1)), np.pad(draws, (0, 1))
    draws[n, :n] = draws[:n, n] = 1.0
    ratings = fit_bradley_terry(wins, draws, anchor=(n, 0.0), method="fisher")
    return ratings.rating[:n] / ELO, ratings.covariance[:n, :n] / ELO**2


def _spread(covariance: Array) -> Array:
    """Return [n, n] the quadratic form of a matrix at the difference of every two unit vectors: variances of differences."""
    diagonal = np.diag(covariance)
    return diagonal[:, None] + diagonal[None, :] - 2.0 * covariance


def _in_doubt(strength: Array, covariance: Array) -> Array:
    """Return [n, n] the quadratic form that adds up squared differences, each weighted by the doubt about its sign."""
    error = np.sqrt(np.maximum(_spread(covariance), 0.0)) + np.eye(len(strength))
    weight = np.exp(-0.5 * ((strength[:, None] - strength[None, :]) / error) ** 2)
    np.fill_diagonal(weight, 0.0)
    return np.diag(weight.sum(axis=1)) - weight


def _best(strength: Array, covariance: Array, target: Array, size: int) -> list[tuple[int, int]]:
    """Return pairs of agents whose games shrink trace(target covariance) most, each in the light of those before it.

    Two games of a pair add the information s = 2 p (1 - p) along the difference e of its agents. The covariance C becomes
    C - C e e' C s / (1 + s e'Ce) (Sherman and Morrison), which takes s e'CTCe / (1 + s e'Ce) from the trace.
    """
    n = len(strength)
    chance = expit(strength[:, None] - strength[None, :])
    information = 2.0 * chance * (1.0 - chance)
    centre = np.eye(n) - 1.0 / n  # ratings have a mean of zero
    covariance = centre @ covariance @ centre
    gain = covariance @ target @ covariance
    upper = np.triu_indices(n, 1)
    found = []
    for _ in range(size):
        spread = _spread(covariance)
        value = (information * _spread(gain) / (1.0 + information * spread))[upper]
        k = int(np.argmax(value >= value.max() * (1.0 - _TIE)))
        i, j = int(upper[0][k]), int(upper[1][k])
        found.append((i, j))
        step = information[i, j] / (1.0 + information[i, j] * spread[i, j])
        along = covariance[:, i] - covariance[:, j]
        pulled = target @ along
        across = covariance @ pulled
        gain += step**2 * (along @ pulled) * np.outer(along, along)
        gain -= step * (np.outer(along, across) + np.outer(across, along))
        covariance -= step * np.outer(along, along)
    return found
