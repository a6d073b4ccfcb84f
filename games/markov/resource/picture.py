"""A match as text for a terminal."""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING

import numpy as np

from games.markov.resource.rules import radii

if TYPE_CHECKING:
    from games.markov.resource.kernels import State

__all__ = ["picture"]

_EDGE = 1.25  # of the widest landmark; agents that went further out are drawn on the border
_NUMBERS = "123456789*+#"
_ROWS, _COLUMNS = 25, 50  # a character is twice as high as wide


def picture(state: State, slot: int) -> str:
    """Return the world of one slot: landmarks as dotted discs with their number, agents as letters by seat.

    The tenth to the twelfth landmark are `*`, `+` and `#`.
    """
    count = int(state.population[slot])
    landmarks = state.landmark[slot][np.isfinite(state.landmark[slot, :, 0])]
    edge = _EDGE * max(1.0, float(np.abs(landmarks).max()))
    x = np.linspace(-edge, edge, _COLUMNS)
    y = np.linspace(edge, -edge, _ROWS)
    canvas = np.full((_ROWS, _COLUMNS), " ")
    for (cx, cy), radius in zip(landmarks, radii(len(landmarks)), strict=True):
        canvas[(x[None, :] - cx) ** 2 + (y[:, None] - cy) ** 2 <= radius**2] = "."
    for number, place in zip(_NUMBERS, landmarks, strict=False):
        canvas[_cell(place, edge)] = number
    for letter, place in zip(ascii_letters, state.position[slot, :count], strict=False):
        canvas[_cell(place, edge)] = letter
    border = "+" + "-" * _COLUMNS + "+"
    returns = " ".join(
        f"{letter} {score:.1f}" for letter, score in zip(ascii_letters, state.score[slot, :count], strict=False)
    )
    head = f"step {state.clock[slot]}, {count} agents, {state.welfare[slot]:.1f} earned: {returns}"
    return "\n".join([head, border, *("|" + "".join(row) + "|" for row in canvas), border])


def _cell(place: np.ndarray, edge: float) -> tuple[int, int]:
    """Row and column of a position [2]."""
    x, y = (np.clip(place, -edge, edge) + edge) / (2 * edge)
    return round((1 - y) * (_ROWS - 1)), round(x * (_COLUMNS - 1))
