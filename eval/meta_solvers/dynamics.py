"""What the iterative solvers share: the payoff of each policy against the others' mixtures, fast.

Strategies of all players lie in one vector, player after player; `offset` [players + 1] says where each begins.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from eval.meta_solvers.joint import Array

__all__ = ["add_joint", "flatten", "policy_values"]


def flatten(payoffs: Array) -> tuple[Array, NDArray[np.int64]]:
    """Return [players, n_1 * ... * n_k] payoffs, each row with its player's axis first, and [players + 1] offsets."""
    rows = [np.moveaxis(payoff, player, 0).ravel() for player, payoff in enumerate(payoffs)]
    return np.array(rows), np.concatenate([[0], np.cumsum(payoffs.shape[1:])]).astype(np.int64)


@njit(cache=True)
def _outer(strategy, offset, skipped, weights):  # type: ignore[no-untyped-def]
    """Write the probabilities of all combinations of policies, but for one player's, and return how many there are."""
    weights[0] = 1.0
    length = 1
    for player in range(len(offset) - 1):
        if player == skipped:
            continue
        first, last = offset[player], offset[player + 1]
        for i in range(length - 1, -1, -1):  # from behind, as each entry makes way for several
            weight = weights[i]
            for a in range(last - first):
                weights[i * (last - first) + a] = weight * strategy[first + a]
        length *= last - first
    return length


@njit(cache=True, fastmath=True)
def policy_values(payoff, offset, strategy, weights, values):  # type: ignore[no-untyped-def]
    """Write [sum of n] the expected payoff of every policy against the others' strategies.

    `weights` [n_1 * ... * n_k] is scratch space.
    """
    for player in range(len(payoff)):
        rest = _outer(strategy, offset, player, weights)
        for a in range(offset[player + 1] - offset[player]):
            total = 0.0
            for r in range(rest):
                total += payoff[player, a * rest + r] * weights[r]
            values[offset[player] + a] = total


@njit(cache=True)
def add_joint(strategy, offset, share, weights, joint):  # type: ignore[no-untyped-def]
    """Add a share of the product of all strategies to `joint` [n_1 * ... * n_k]."""
    for i in range(_outer(strategy, offset, -1, weights)):
        joint[i] += share * weights[i]
