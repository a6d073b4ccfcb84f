"""Results as counts per pair of agents: what the likelihood is computed from, and whether it has a finite maximum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["Disconnected", "Results", "components", "of_cells", "of_tables", "total"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]


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
class Results:
    """Counts of P pairs of n agents.

    Attributes:
        n: number of agents.
        first, second: [P] the agents of each pair.
        counts: [P, 3] wins, draws and losses of the first.
        seated: [P] 1 where the first agent had the first seat, 0 where seats do not count, as in virtual games.
        real: of the P pairs, the first so many hold games; the others hold the prior.
    """

    n: int
    first: Index
    second: Index
    counts: Array
    seated: Array
    real: int

    def games(self) -> Array:
        """Return [n] the number of real games of each agent."""
        played = self.counts[: self.real].sum(axis=1)
        first, second = self.first[: self.real], self.second[: self.real]
        return total(first, played, self.n) + total(second, played, self.n)

    def draw_share(self) -> float:
        """Return what share of all games, real and virtual, was drawn."""
        win, draw, loss = self.counts.sum(axis=0)
        return float(draw / max(win + draw + loss, 1e-300))

    def groups(self, anchors: Iterable[int] = (), *, prior: bool = True) -> tuple[tuple[int, ...], ...]:
        """Return the strong components of the graph "first scored against second", the largest first.

        Args:
            anchors: agents of fixed ratings, which hold together whatever the results are.
            prior: whether virtual games count.
        """
        kept = slice(None) if prior else slice(self.real)
        win, draw, loss = self.counts[kept].T
        up, down = win + draw > 0.0, loss + draw > 0.0
        fixed = np.array(list(anchors), dtype=np.int64)
        ring = np.roll(fixed, 1)
        row = np.concatenate([self.first[kept][up], self.second[kept][down], fixed])
        column = np.concatenate([self.second[kept][up], self.first[kept][down], ring])
        graph = coo_array((np.ones(len(row), np.int8), (row, column)), shape=(self.n, self.n)).tocsr()
        count, label = connected_components(graph, directed=True, connection="strong")
        if count == 1:
            return (tuple(range(self.n)),)
        order = np.argsort(label, kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(label))[:-1])
        return tuple(sorted((tuple(part.tolist()) for part in parts), key=lambda group: (-len(group), group)))

    def require_one_group(self, anchors: Iterable[int]) -> None:
        """Raise unless the likelihood has a finite maximum in the strengths.

        It has one exactly when there is one strong component (Ford, "Solution of a ranking problem from binary
        comparisons", 1957): a group that never scored against the rest has no finite rating against it.

        Raises:
            Disconnected: for several components.
        """
        groups = self.groups(anchors)
        if len(groups) > 1:
            raise Disconnected(
                groups,
                "they must meet, directly or through others"
                if len(self.counts) > self.real
                else "more games, or a prior such as 0.5, would give finite ratings",
            )


def of_cells(cells: Array, *, prior: float, seats: bool) -> tuple[Results, Index]:
    """Return results of counts [n, n, 3], and [n, n] the number of each pair, -1 for pairs that have not met.

    Args:
        cells: wins, draws and losses of row against column.
        prior: virtual wins each way for every two agents that have met, in whatever order.
        seats: whether the first seat counts.
    """
    n = len(cells)
    met = cells.any(axis=2)
    first, second = np.nonzero(met)
    real = len(first)
    pair = np.full((n, n), -1)
    pair[first, second] = np.arange(real)
    counts, seated = cells[first, second], np.full(real, float(seats))
    if prior > 0.0:
        one, other = np.nonzero(np.triu(met | met.T))
        first, second = np.concatenate([first, one]), np.concatenate([second, other])
        counts = np.concatenate([counts, np.tile([prior, 0.0, prior], (len(one), 1))])
        seated = np.concatenate([seated, np.zeros(len(one))])
    return Results(n=n, first=first, second=second, counts=counts, seated=seated, real=real), pair


def of_tables(wins: ArrayLike, draws: ArrayLike | None, *, prior: float) -> Results:
    """Return results of tables [n, n]: wins of row against column, and symmetric draws.

    Raises:
        ValueError: for tables that are no counts.
    """
    won = np.asarray(wins, dtype=np.float64)
    drawn = np.zeros_like(won) if draws is None else np.asarray(draws, dtype=np.float64)
    if won.ndim != 2 or won.shape[0] != won.shape[1] or drawn.shape != won.shape or len(won) == 0:
        raise ValueError(f"wins and draws must be square and of one size: {won.shape}, {drawn.shape}")
    if not all(np.all(np.isfinite(t)) and np.all(t >= 0.0) and not np.any(np.diag(t)) for t in (won, drawn)):
        raise ValueError("wins and draws must be finite counts from 0 upwards, with zeros on the diagonal")
    if not np.array_equal(drawn, drawn.T):
        raise ValueError("draws must be symmetric: a draw counts once for row against column and once the other way")
    once = np.triu(np.ones_like(won))[:, :, None]
    return of_cells(np.stack([won, drawn, won.T], axis=2) * once, prior=prior, seats=False)[0]


def total(index: Index, values: Array, n: int) -> Array:
    """Return [n] the sum of values [P] with each index [P]."""
    return np.bincount(index, values, n).astype(np.float64, copy=False)


def components(wins: ArrayLike, draws: ArrayLike | None = None) -> tuple[tuple[int, ...], ...]:
    """Return the strong components of the graph "row scored against column", the largest first.

    Ratings are finite only when there is one (see `Results.require_one_group`).

    Raises:
        ValueError: for tables that are no counts.
    """
    return of_tables(wins, draws, prior=0.0).groups()
