"""Projected replicator dynamics: policies that earn more than the mean grow, but none dies out."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from eval.meta_solvers.dynamics import add_joint, flatten, policy_values
from eval.meta_solvers.joint import Array, checked_payoffs

__all__ = ["replicator"]


def replicator(payoffs: ArrayLike, /, *, step: float = 1e-3, iterations: int = 100_000, floor: float = 1e-6) -> Array:
    """Return [n_1, ..., n_k] the average of the dynamics from a uniform start.

    Source: Lanctot et al., "A unified game-theoretic approach to multiagent reinforcement learning", NeurIPS 2017, section
    3.1. What is averaged is the joint play of all players; its marginals are the usual averages of each player's strategy.

    Args:
        payoffs: [players, n_1, ..., n_k]; only `step` times a difference of them counts.
        step: of time, in units of one over the payoffs'.
        iterations: number of steps.
        floor: least probability of each policy; the projection is to the nearest distribution that keeps it.

    Raises:
        ValueError: for options out of range.
    """
    table = checked_payoffs(payoffs)
    if not step > 0.0 or iterations < 1 or not 0.0 <= floor * max(table.shape[1:]) < 1.0:
        raise ValueError(
            f"step must be above 0, iterations at least 1 and floor from 0 to below 1 / {max(table.shape[1:])}, "
            f"not {step}, {iterations} and {floor}"
        )
    payoff, offset = flatten(table)
    return _run(payoff, offset, step, iterations, floor).reshape(table.shape[1:])


@njit(cache=True)
def _run(payoff, offset, step, iterations, floor):  # type: ignore[no-untyped-def]
    joint, weights = np.zeros(payoff.shape[1]), np.empty(payoff.shape[1])
    values, strategy = np.empty(offset[-1]), np.empty(offset[-1])
    for player in range(len(payoff)):
        strategy[offset[player] : offset[player + 1]] = 1.0 / (offset[player + 1] - offset[player])
    share = 1.0 / (iterations + 1)
    add_joint(strategy, offset, share, weights, joint)
    for _ in range(iterations):
        policy_values(payoff, offset, strategy, weights, values)
        for player in range(len(payoff)):
            first, last = offset[player], offset[player + 1]
            mean = 0.0
            for a in range(first, last):
                mean += strategy[a] * values[a]
            for a in range(first, last):
                strategy[a] += step * strategy[a] * (values[a] - mean)
            _project(strategy[first:last], floor)
        add_joint(strategy, offset, share, weights, joint)
    return joint


@njit(cache=True)
def _project(x, floor):  # type: ignore[no-untyped-def]
    """Move x, which sums to about one, to the nearest vector that sums to one with no entry below the floor.

    That lowers all entries by the same amount, but for those that end on the floor; each pass finds more of these.
    """
    settled = -1
    while True:
        total, below = 0.0, 0
        for a in range(len(x)):
            if x[a] <= floor:
                x[a] = floor
                below += 1
            total += x[a]
        if below in (settled, len(x)):
            return
        settled = below
        excess = (total - 1.0) / (len(x) - below)
        for a in range(len(x)):
            if x[a] > floor:
                x[a] -= excess
