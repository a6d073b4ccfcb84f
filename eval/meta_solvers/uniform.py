"""All profiles equally often, which makes policy-space response oracles a form of fictitious play."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eval.meta_solvers.joint import Array, checked_payoffs

__all__ = ["uniform"]


def uniform(payoffs: ArrayLike, /) -> Array:
    """Return [n_1, ..., n_k] equal probabilities.

    Args:
        payoffs: [players, n_1, ..., n_k].
    """
    shape = checked_payoffs(payoffs).shape[1:]
    return np.full(shape, 1.0 / np.prod(shape))
