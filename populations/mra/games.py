"""The games that a learner has met, told apart by their populations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["KnownGames"]

_SAME = 1e-4  # populations nearer than this in every number are one


class KnownGames:
    """Numbers games in the order in which they are met, until there are `most` of them.

    Args:
        most: how many are kept.
        numbers: M, that describe one.

    Attributes:
        sizes: [G, M] float32, the games met.
    """

    def __init__(self, most: int, numbers: int) -> None:
        self.most = most
        self.sizes = np.zeros((0, numbers), np.float32)

    def __len__(self) -> int:
        return len(self.sizes)

    def labels(self, sizes: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the number [R] of each row's game, -1 where it is unknown and there is no room; enter those that are new."""
        found, inverse = np.unique(sizes, axis=0, return_inverse=True)
        number = np.empty(len(found), np.int64)
        for k, one in enumerate(found):
            same = np.flatnonzero((np.abs(self.sizes - one) < _SAME).all(axis=1))
            if len(same):
                number[k] = same[0]
            elif len(self) < self.most:
                number[k] = len(self)
                self.sizes = np.concatenate([self.sizes, one[np.newaxis]])
            else:
                number[k] = -1
        return number[inverse.reshape(-1)]
