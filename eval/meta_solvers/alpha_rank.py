"""The stationary distribution of alpha-Rank, over profiles or over the policies of a symmetric game."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eval.alpha_rank import alpha_rank as of_one_population
from eval.alpha_rank import alpha_rank_profiles
from eval.meta_solvers.joint import Array, checked_payoffs

__all__ = ["alpha_rank"]


def alpha_rank(
    payoffs: ArrayLike,
    /,
    *,
    alpha: float | None = np.inf,
    population: int = 50,
    epsilon: float = 1e-6,
    one_population: bool = False,
) -> Array:
    """Return [n_1, ..., n_k] how long evolution dwells on each profile.

    Source: Muller et al., "A generalized training approach for multiagent learning", ICLR 2020.

    Args:
        payoffs: [players, n_1, ..., n_k].
        alpha: strength of selection; infinite for the limit model, None to raise it until nothing changes.
        population: size of each population; of no effect in the limit model.
        epsilon: rate of takeovers by worse policies in the limit model; of no effect elsewhere.
        one_population: whether both players' policies are the same and evolve as one population; the joint is then the
            product of the distribution with itself, and the time is cubic in n instead of n * n.

    Raises:
        ValueError: for one population when the game is not a symmetric two-player one; for options out of range.
    """
    table = checked_payoffs(payoffs)
    if not one_population:
        return alpha_rank_profiles(table, alpha=alpha, population=population, epsilon=epsilon).distribution
    if len(table) != 2 or table.shape[1] != table.shape[2] or not np.allclose(table[0], table[1].T):
        raise ValueError("one population needs a symmetric two-player game: payoffs[1] must be payoffs[0] transposed")
    found = of_one_population(table[0], alpha=alpha, population=population, epsilon=epsilon).distribution
    return np.outer(found, found)
