"""Matches between two agents as arrays: what ratings and payoffs are computed from."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["aggregate", "checked_matches"]


def checked_matches(
    first: ArrayLike, second: ArrayLike, score: ArrayLike, agents: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], int]:
    """Return the matches as arrays [M] int64, int64, float64, and the number of agents.

    Raises:
        ValueError: for arrays of unequal length, indices out of range, or scores other than 0, 0.5 and 1.
    """
    i, j = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    s = np.asarray(score, dtype=np.float64)
    if i.ndim != 1 or i.shape != j.shape or i.shape != s.shape:
        raise ValueError(f"first, second and score must be of one length, not {i.shape}, {j.shape} and {s.shape}")
    needed = int(max(i.max(), j.max())) + 1 if len(i) else 0
    n = needed if agents is None else agents
    if needed > n or (len(i) and min(i.min(), j.min()) < 0):
        raise ValueError(f"agent indices must lie in 0 to {n - 1}")
    if not np.all((s == 0.0) | (s == 0.5) | (s == 1.0)):
        raise ValueError("score must be 1 for a win of the first agent, 0.5 for a draw or 0 for a loss")
    return i, j, s, n


def aggregate(
    first: ArrayLike, second: ArrayLike, score: ArrayLike, *, agents: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count matches.

    Args:
        first: [M] index of the first agent of each match.
        second: [M] index of the second.
        score: [M] of the first agent: 1 for a win, 0.5 for a draw, 0 for a loss.
        agents: n; by default as many as the largest index needs.

    Returns:
        wins [n, n] float64, the number of times that row beat column, and draws [n, n] float64, symmetric.

    Raises:
        ValueError: for arrays of unequal length, indices out of range, other scores, or a match of an agent against
            itself, which says nothing about who is better.
    """
    i, j, s, n = checked_matches(first, second, score, agents)
    if np.any(i == j):
        raise ValueError("a match of an agent against itself says nothing about who is better: leave it out")

    def count(row: NDArray[np.int64], column: NDArray[np.int64], which: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(row[which] * n + column[which], minlength=n * n).reshape(n, n).astype(np.float64)

    drawn = count(i, j, s == 0.5)
    return count(i, j, s == 1.0) + count(j, i, s == 0.0), drawn + drawn.T
