"""Advantages: how much better a decision turned out than expected."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from games.compiled import kernel
from populations.learners.trajectories import ENDED, PENDING, Trajectories

__all__ = ["advantages"]


def advantages(batch: Trajectories, *, discount: float, trace: float, scale: float = 1.0) -> NDArray[np.float32]:
    """Return generalised advantage estimates [R] (Schulman et al. 2016, arXiv 1506.02438, equation 16).

    They run along each seat's own decisions, so the discount counts decisions, not steps of the game. A cut trajectory goes
    on with its bootstrapped value; a pending row gets 0, and only its value counts, for the decision before it.

    Args:
        batch: R decisions; every row comes before the one that follows it.
        discount: of the next decision's return, 0 to 1.
        trace: the lambda that weighs long against short estimates, 0 (one step) to 1 (the whole return).
        scale: multiplies the rewards (values and bootstraps are already in scaled units).
    """
    result = np.empty(len(batch), dtype=np.float32)
    _advantages(batch.reward, batch.value, batch.next, batch.bootstrap, discount, trace, scale, result)
    return result


@kernel
def _advantages(
    reward: Any, value: Any, follower: Any, bootstrap: Any, discount: float, trace: float, scale: float, result: Any
) -> None:
    for r in range(len(reward) - 1, -1, -1):
        n = follower[r]
        if n == PENDING:
            result[r] = 0.0
        elif n == ENDED:
            result[r] = scale * reward[r] - value[r]
        elif n < 0:  # cut
            result[r] = scale * reward[r] + discount * bootstrap[r] - value[r]
        else:
            result[r] = scale * reward[r] + discount * value[n] - value[r] + discount * trace * result[n]
