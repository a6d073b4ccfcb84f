"""Rankings of agents over tasks that cannot be compared: each task, seed or judge is a voter who only ranks.

Where scores have no common scale, only their order within a task counts (Lanctot et al., "Evaluating agents using social
choice theory", arXiv 2312.03121). Every rule here starts from one table, `preferences`: how many voters put the row above
the column. A table of wins over all pairs is one too, with matches as the voters.

Which rule: `maximal_lottery` and `schulze` do not change when an agent is cloned and never rank a Condorcet winner, who
beats everyone, below another; `copeland` has only the second property, and `borda` neither: it is a mean win rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.max_entropy import max_entropy

__all__ = ["borda", "copeland", "maximal_lottery", "preferences", "schulze"]

Array = NDArray[np.float64]


def preferences(scores: ArrayLike, *, weights: ArrayLike | None = None) -> Array:
    """Return [m, m] how many of the voters who ranked both put the row above the column; a tie is half a vote each way.

    Args:
        scores: [V, m] what each voter gives each of m agents: higher is better, only the order within a row counts, NaN
            is not ranked (so partial rankings say nothing of whom they leave out). For ballots of places, negate them.
        weights: [V] how many voters each row stands for; 1 by default.

    Raises:
        ValueError: for scores that are no table, or weights that are not one number from 0 upwards a voter.
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"scores must be a table [voters, agents], not of shape {table.shape}")
    votes = np.ones(len(table)) if weights is None else np.asarray(weights, dtype=np.float64)
    if votes.shape != (len(table),) or not np.all(np.isfinite(votes)) or np.any(votes < 0):
        raise ValueError(f"{len(table)} voters need as many weights, finite and not negative")
    above = table[:, :, None] > table[:, None, :]
    level = table[:, :, None] == table[:, None, :]
    counts = np.einsum("v,vij->ij", votes, above + 0.5 * level)
    np.fill_diagonal(counts, 0.0)
    return counts


def borda(preferred: ArrayLike) -> Array:
    """Return [m] how many votes each agent gets against all others; with full rankings, m - 1 for a first place and so on.

    Source: de Borda, 1781; partial rankings count as in "preferences", so being ranked often helps.

    Args:
        preferred: [m, m] as from `preferences`.
    """
    return _checked(preferred).sum(axis=1)


def copeland(preferred: ArrayLike) -> Array:
    """Return [m] how many others each agent beats by majority; a tie is half.

    Source: Copeland, 1951.

    Args:
        preferred: [m, m] as from `preferences`.
    """
    table = _checked(preferred)
    return (np.sign(table - table.T) / 2.0 + 0.5).sum(axis=1) - 0.5


def schulze(preferred: ArrayLike) -> Array:
    """Return [m] how many others each agent beats by its strongest path of majorities; a tie is half.

    A path is as strong as the weakest majority on it. Beating by the strongest paths is transitive, so these numbers
    order the agents. Source: Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent
    single-winner election method", Social Choice and Welfare 2011; majorities are measured by their margins.

    Args:
        preferred: [m, m] as from `preferences`.
    """
    table = _checked(preferred)
    path = np.maximum(table - table.T, 0.0)
    for middle in range(len(path)):  # Floyd and Warshall's order
        path = np.maximum(path, np.minimum(path[:, middle, None], path[None, middle, :]))
    np.fill_diagonal(path, 0.0)
    return (np.sign(path - path.T) / 2.0 + 0.5).sum(axis=1) - 0.5


def maximal_lottery(preferred: ArrayLike) -> Array:
    """Return [m] probabilities with which to draw a winner, such that no other lottery is preferred to it on average.

    The equilibrium of the game whose payoff is the margin of votes (Kreweras, 1965; Fishburn, "Probabilistic social
    choice based on simple voting comparisons", Review of Economic Studies 1984); of several, that of maximum entropy.

    Args:
        preferred: [m, m] as from `preferences`.
    """
    table = _checked(preferred)
    return max_entropy(table - table.T)


def _checked(preferred: ArrayLike) -> Array:
    table = np.asarray(preferred, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not table.size or not np.all(np.isfinite(table)):
        raise ValueError(f"preferences must be a square table of finite numbers, not of shape {table.shape}")
    return table
