"""How a body of the particle games comes to rest where it wants to be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from games.markov.particles import DAMPING, DT

__all__ = ["steer"]

_COAST = DT * (1 - DAMPING) / DAMPING
"""How far a body still goes without a push, per unit of its velocity."""


def steer(aim: NDArray[np.floating], velocity: NDArray[np.floating], strength: float) -> NDArray[np.int32]:
    """Return actions [R, 1] that bring bodies to rest at an offset.

    Left alone, a body would miss the aim by its offset less the way that it coasts. A push shortens the larger miss of the
    two axes by a stride, also against the motion; below half of that, rest is better.

    Args:
        aim: [R, 2] where to, from the body.
        velocity: [R, 2] of the body.
        strength: acceleration of a move action.
    """
    stride = DT * DT * strength / DAMPING  # how far one push carries in the end
    miss = aim - _COAST * velocity
    rows = np.arange(len(miss))
    axis = np.abs(miss).argmax(axis=1)
    along = miss[rows, axis]
    action = np.where(np.abs(along) > stride / 2, 1 + 2 * axis + (along < 0), 0)
    return action.astype(np.int32)[:, None]
