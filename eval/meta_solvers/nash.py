"""The Nash equilibrium of maximum entropy of a two-player zero-sum game."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eval.meta_solvers.joint import Array, checked_payoffs
from eval.nash import zero_sum_equilibrium

__all__ = ["nash"]


def nash(payoffs: ArrayLike, /) -> Array:
    """Return [n_1, n_2] the product of both players' equilibrium strategies; see `eval.zero_sum_equilibrium`.

    Args:
        payoffs: [2, n_1, n_2] whose sum over players is the same everywhere.

    Raises:
        ValueError: for more players, or when the sum differs: then use `cce`.
    """
    table = checked_payoffs(payoffs)
    if len(table) != 2:
        raise ValueError(f"the nash meta-solver is for two players, not {len(table)}; use cce")
    if np.ptp(table.sum(axis=0)) > 1e-9 * np.abs(table).max():
        raise ValueError("the nash meta-solver needs payoffs that sum to the same for both players everywhere; use cce")
    found = zero_sum_equilibrium((table[0] - table[1]) / 2.0)
    return np.outer(found.row, found.column)
