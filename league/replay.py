"""What was played in a match, small enough to keep: the actions of all seats, step by step.

A match follows from its task, its seed and its actions, so that this is all that is needed to see it again, whoever played.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import ActionLayout

__all__ = ["pack", "unpack"]


def pack(actions: NDArray[Any]) -> bytes:
    """Return the actions [T, S, heads] of one match as a few bytes. Seats that did not act have zeros."""
    return zlib.compress(np.ascontiguousarray(actions).tobytes(), 1)


def unpack(data: bytes, seats: int, layout: ActionLayout) -> NDArray[Any]:
    """Return the actions [T, S, heads] that `pack` was given.

    Args:
        data: of one match.
        seats: S, of the match's task.
        layout: of the game's actions.
    """
    dtype = layout.empty(1, 1).dtype
    return np.frombuffer(zlib.decompress(data), dtype).reshape(-1, seats, layout.heads)
