"""A coarse correlated equilibrium: a joint distribution that nobody gains by leaving for one fixed policy."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from eval.deviation import deviation_gains
from eval.linear import linear_program
from eval.max_entropy import max_entropy
from eval.meta_solvers.joint import Array, checked_payoffs

__all__ = ["cce"]


def cce(payoffs: ArrayLike, /, *, select: Literal["entropy", "welfare"] = "entropy") -> Array:
    """Return [n_1, ..., n_k] one coarse correlated equilibrium (Moulin and Vial, 1978) of a game of any kind.

    The meta-solver of JPSRO (Marris et al., "Multi-agent training beyond zero-sum with correlated equilibrium
    meta-solvers", ICML 2021). They spread by Gini impurity, we by entropy, which treats clones alike.

    Args:
        payoffs: [players, n_1, ..., n_k].
        select: which of many: that of maximum entropy; or that of the largest sum of all players' payoffs, and of several
            the one of maximum entropy.

    Raises:
        ValueError: for another `select`.
    """
    table = checked_payoffs(payoffs)
    if select not in ("entropy", "welfare"):
        raise ValueError(f"select must be 'entropy' or 'welfare', not {select!r}")
    conditions = deviation_gains(table)
    if select == "welfare":
        welfare = table.sum(axis=0).ravel()
        ones = np.ones((1, welfare.size))
        best = linear_program(-welfare, A_ub=conditions, b_ub=np.zeros(len(conditions)), A_eq=ones, b_eq=[1.0])
        enough = -best.fun - 1e-8 * np.abs(welfare).max()  # the program is no more exact than that
        conditions = np.vstack([conditions, enough - welfare])
    return max_entropy(conditions).reshape(table.shape[1:])
