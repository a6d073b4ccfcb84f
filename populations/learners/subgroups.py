"""Random sub-groups: what a seat would see if the world were split in two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["split"]


def split(mask: NDArray[np.bool_], rng: np.random.Generator) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Split what each row sees into its own group and the other one, as REFIL does (Iqbal et al. 2021, arXiv 2006.04222).

    For each row p ~ U(0, 1); then the seat itself and every entity join the first group with probability p. There, groups are
    drawn once an episode, for all agents together. Here, every decision has its own: rows do not tell which of their entities
    are the same.

    Args:
        mask: [R, N], which entities there are.
        rng: for the draws.

    Returns:
        Two masks [R, N] that are disjoint and together `mask`: the entities of the seat's own group, and all others.
    """
    rows, entities = mask.shape
    share = rng.random((rows, 1))
    first = rng.random((rows, 1 + entities)) < share
    own = first[:, 1:] == first[:, :1]
    return mask & own, mask & ~own
