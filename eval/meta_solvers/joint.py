"""What meta-solvers take and give: payoffs of profiles, joint distributions over them, and the targets that follow."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["MetaSolver", "checked_payoffs", "marginals", "opponents_given", "rectified", "symmetric_payoffs"]

Array = NDArray[np.float64]

_TIE = 1e-12  # relative to the largest payoff
_NOTHING = 1e-12  # probability below which nobody is left to train against


class MetaSolver(Protocol):
    """Any of the solvers, with its options bound."""

    def __call__(self, payoffs: ArrayLike, /) -> Array:
        """Return [n_1, ..., n_k] probabilities of profiles from payoffs [players, n_1, ..., n_k]."""
        ...


def checked_payoffs(payoffs: ArrayLike) -> Array:
    """Return payoffs as float64.

    Raises:
        ValueError: unless they are finite, of shape [players, n_1, ..., n_k] with as many axes as players after the first.
    """
    table = np.asarray(payoffs, dtype=np.float64)
    if table.ndim < 2 or table.ndim != len(table) + 1 or not table.size:
        raise ValueError(f"payoffs must have shape [players, n_1, ..., n_k], not {list(table.shape)}")
    if not np.all(np.isfinite(table)):
        raise ValueError("payoffs must be finite: every profile of policies must have been played")
    return table


def symmetric_payoffs(table: ArrayLike) -> Array:
    """Return [2, n, n] payoffs of a game in which both players choose from the same policies.

    Args:
        table: [n, n] mean payoff of the row's policy against the column's, over both seats.

    Raises:
        ValueError: when the table is not square.
    """
    row = np.asarray(table, dtype=np.float64)
    if row.ndim != 2 or row.shape[0] != row.shape[1]:
        raise ValueError(f"a symmetric game needs a square table, not one of shape {row.shape}")
    return np.stack([row, row.T])


def marginals(joint: ArrayLike) -> list[Array]:
    """Return k arrays, [n_1] to [n_k]: how often each player uses each of its policies.

    Args:
        joint: [n_1, ..., n_k] probabilities.
    """
    table = np.asarray(joint, dtype=np.float64)
    return [table.sum(axis=tuple(q for q in range(table.ndim) if q != player)) for player in range(table.ndim)]


def opponents_given(joint: ArrayLike, player: int) -> Array:
    """Return how often the others use each combination of their policies, drawn together: the target of JPSRO's oracle.

    Source: Marris et al., "Multi-agent training beyond zero-sum with correlated equilibrium meta-solvers", ICML 2021,
    section 4 (the target for coarse correlated equilibria).

    Args:
        joint: [n_1, ..., n_k] probabilities.
        player: whose opponents.

    Returns:
        The shape of `joint` without the player's axis.
    """
    return np.asarray(joint, dtype=np.float64).sum(axis=player)


def rectified(joint: ArrayLike, payoffs: ArrayLike, player: int, policy: int) -> Array:
    """Return how often to meet the others' policies, when only those count to which a policy does not lose.

    Of the opponents that the joint names, those remain against which the policy earns at least the mean over players in
    that profile. When none remain, all stay: a policy that loses to everyone still has to train.

    Source: Balduzzi et al., "Open-ended learning in symmetric zero-sum games", ICML 2019, section 5.

    Args:
        joint: [n_1, ..., n_k] probabilities.
        payoffs: [players, n_1, ..., n_k].
        player: who trains.
        policy: which of its policies.

    Returns:
        The shape of `joint` without the player's axis, as `opponents_given`.
    """
    target = opponents_given(joint, player)
    here: Array = np.take(checked_payoffs(payoffs), policy, axis=player + 1)
    kept = np.where(here[player] >= here.mean(axis=0) - _TIE * np.abs(here).max(), target, 0.0)
    total = kept.sum()
    return kept / total if total > _NOTHING else target
