"""Deviation ratings: what an agent would gain by stepping out of the strictest agreement that nobody regrets.

For any number of players and payoffs of any kind, where Nash averages exist only for two-player zero-sum games. Like those
they do not change when agents are cloned; nor do they when a payoff is shifted for all of a player's own choices (Marris
et al., "Deviation ratings: a general, clone-invariant rating method", ICLR 2025). In two-player zero-sum games they are
the Nash averages.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.linear import linear_program

__all__ = ["deviation_gains", "deviation_ratings"]

Array = NDArray[np.float64]

_DUAL = 1e-7  # a multiplier above it says that the condition holds with equality in every solution


def deviation_gains(payoffs: ArrayLike) -> Array:
    """Return [n_1 + ... + n_k, n_1 * ... * n_k] what a player gains in each profile by one of its strategies instead.

    The rows are the strategies of the first player, then those of the second, and so on; columns are profiles in C order.

    Args:
        payoffs: [k, n_1, ..., n_k] what each player earns in each profile.

    Raises:
        ValueError: for payoffs of another shape or not finite.
    """
    table = np.asarray(payoffs, dtype=np.float64)
    if table.ndim < 2 or table.ndim != len(table) + 1 or not table.size or not np.all(np.isfinite(table)):
        raise ValueError(f"payoffs must be finite, of shape [players, n_1, ..., n_k], not {list(table.shape)}")
    gains = []
    for player, payoff in enumerate(table):
        for strategy in range(payoff.shape[player]):
            gains.append((payoff.take([strategy], axis=player) - payoff).ravel())
    return np.array(gains)


def deviation_ratings(payoffs: ArrayLike) -> tuple[Array, ...]:
    """Return the deviation ratings of every player's strategies (for symmetric games, of the agents).

    The players agree on a joint distribution such that the largest gain of leaving for good for one fixed strategy is as
    small as possible; then the second largest, and so on. What each strategy would still gain is its rating: at most 0,
    since an agreement that nobody gains by leaving, a coarse correlated equilibrium, always exists.

    One linear program with a variable for each profile settles at least one rating, so the time grows with the product
    of all numbers of strategies: 30 by 30 take seconds. We settle all strategies with a positive multiplier at once.

    Args:
        payoffs: [k, n_1, ..., n_k] what each player earns in each profile.

    Returns:
        k arrays, [n_1] to [n_k], in units of the payoffs.

    Raises:
        ValueError: for payoffs of another shape or not finite.
    """
    gains = deviation_gains(payoffs)
    rows, profiles = gains.shape
    size = max(float(np.abs(gains).max()), np.finfo(np.float64).tiny)
    table = gains / size
    settled = np.full(rows, np.nan)
    while np.isnan(settled).any():
        left = np.isnan(settled)
        found = linear_program(
            np.append(np.zeros(profiles), 1.0),
            A_ub=np.column_stack([table, -left.astype(np.float64)]),
            b_ub=np.where(left, 0.0, settled),
            A_eq=np.append(np.ones(profiles), 0.0)[None, :],
            b_eq=[1.0],
            bounds=[(0.0, None)] * profiles + [(None, None)],
        )
        multiplier = -found.ineqlin.marginals
        settled[left & (multiplier > min(_DUAL, multiplier[left].max() / 2.0))] = found.x[-1]
    ends = np.cumsum(np.asarray(payoffs).shape[1:])[:-1]
    return tuple(np.split(settled * size, ends))
