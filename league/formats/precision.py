"""How well the results of a tournament fix its ratings: what formats ask that stop when it is enough."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from eval import Disconnected, Ratings, cluster_bradley_terry, fit_bradley_terry
from games.errors import InputError
from league.formats.format import Played

__all__ = ["Comparisons", "check_width", "least_sure", "widest"]

_PRIOR = 0.5  # virtual wins each way: one virtual draw
_FEW = 10  # pairs of an agent below which their scatter says too little


class Comparisons:
    """The results of pairs as `eval` takes them: every two agents of every game.

    Args:
        agents: of the field.

    Attributes:
        pairs: [n] how many pairs each agent took part in.
    """

    def __init__(self, agents: tuple[str, ...]) -> None:
        self.pairs = np.zeros(len(agents), np.int64)
        self._index = {agent: k for k, agent in enumerate(agents)}
        self._wins = np.zeros((len(agents), len(agents)))
        self._draws = np.zeros_like(self._wins)
        self._rows: list[tuple[int, int, float, int]] = []  # first, second, score of the first, number of the pair

    def add(self, number: int, played: Played) -> None:
        """Enter a pair."""
        group = [self._index[agent] for agent in played.pair.group]
        self.pairs[group] += 1
        for scores in played.games:
            for a, b in combinations(range(len(group)), 2):
                points = 0.5 + 0.5 * ((scores[a] > scores[b]) - (scores[a] < scores[b]))
                self._rows.append((group[a], group[b], points, number))
                if points == 0.5:
                    self._draws[group[a], group[b]] += 1.0
                    self._draws[group[b], group[a]] += 1.0
                else:
                    winner, loser = (a, b) if points == 1.0 else (b, a)
                    self._wins[group[winner], group[loser]] += 1.0

    def tables(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return [n, n] how often row beat column, and how often they drew."""
        return self._wins, self._draws

    def ratings(self) -> Ratings | None:
        """Return Bradley-Terry ratings with a mean of zero, or None when agents have not met, directly or through others.

        As in leaderboards: errors take pairs of games as independent; where they are few, or all agree, games. A prior
        comes in only where there are no finite ratings without one.
        """
        if not self._rows:
            return None
        try:
            if self.pairs.min() >= _FEW:
                columns = (np.array(column) for column in zip(*self._rows, strict=True))
                found = cluster_bradley_terry(*columns, agents=len(self.pairs))
                if np.all(found.error > 0.0):
                    return found
            return fit_bradley_terry(self._wins, self._draws, method="fisher")
        except Disconnected:
            pass
        try:
            return fit_bradley_terry(self._wins, self._draws, prior=_PRIOR, method="fisher")
        except Disconnected:
            return None


def widest(ratings: Ratings | None) -> float:
    """Return the width of the widest 95 % interval in Elo; infinite without ratings."""
    return np.inf if ratings is None else float(np.max(ratings.high - ratings.low))


def least_sure(ratings: Ratings | None) -> float:
    """Return how probable it is that the least sure two neighbours in the ranking are in the right order; 0.5 if unknown."""
    if ratings is None:
        return 0.5
    order = np.argsort(-ratings.rating, kind="stable").tolist()
    return min(ratings.better(above, below) for above, below in pairwise(order))


def check_width(width: float | None, name: str) -> None:
    """Raise unless intervals can become as narrow as that.

    Raises:
        InputError: for a width that is no positive number.
    """
    if width is not None and not width > 0.0:
        raise InputError(f"width of {name} must be above 0 Elo, not {width}")
