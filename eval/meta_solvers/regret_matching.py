"""Regret matching: play each policy in proportion to how much one would have gained by having always played it."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from eval.meta_solvers.dynamics import add_joint, flatten, policy_values
from eval.meta_solvers.joint import Array, checked_payoffs

__all__ = ["regret_matching"]


def regret_matching(payoffs: ArrayLike, /, *, iterations: int = 100_000, explore: float = 1e-6) -> Array:
    """Return [n_1, ..., n_k] the average of play in which all players match regrets at once.

    Source: Hart and Mas-Colell, "A simple adaptive procedure leading to correlated equilibrium", Econometrica 2000, section
    4(c), with expected instead of drawn play. The average joint play tends to the coarse correlated equilibria of any game;
    its marginals to a Nash equilibrium of a two-player zero-sum game.

    Args:
        payoffs: [players, n_1, ..., n_k].
        iterations: number of rounds.
        explore: share of uniform play.

    Raises:
        ValueError: for options out of range.
    """
    table = checked_payoffs(payoffs)
    if iterations < 1 or not 0.0 <= explore <= 1.0:
        raise ValueError(f"iterations must be at least 1 and explore from 0 to 1, not {iterations} and {explore}")
    payoff, offset = flatten(table)
    return _run(payoff, offset, iterations, explore).reshape(table.shape[1:])


@njit(cache=True)
def _run(payoff, offset, iterations, explore):  # type: ignore[no-untyped-def]
    joint, weights = np.zeros(payoff.shape[1]), np.empty(payoff.shape[1])
    values, strategy, regret = np.empty(offset[-1]), np.empty(offset[-1]), np.zeros(offset[-1])
    for _ in range(iterations):
        for player in range(len(payoff)):
            first, last = offset[player], offset[player + 1]
            total = 0.0
            for a in range(first, last):
                total += max(regret[a], 0.0)
            for a in range(first, last):
                matched = max(regret[a], 0.0) / total if total > 0.0 else 1.0 / (last - first)
                strategy[a] = explore / (last - first) + (1.0 - explore) * matched
        add_joint(strategy, offset, 1.0 / iterations, weights, joint)
        policy_values(payoff, offset, strategy, weights, values)
        for player in range(len(payoff)):
            first, last = offset[player], offset[player + 1]
            mean = 0.0
            for a in range(first, last):
                mean += strategy[a] * values[a]
            for a in range(first, last):
                regret[a] += values[a] - mean
    return joint
