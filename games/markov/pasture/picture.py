"""A match as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from games.markov.pasture.state import State

__all__ = ["picture"]

_ROWS, _COLUMNS = 25, 50  # a character is twice as high as wide
_FOOD, _DEAD = "*", "#"


def picture(state: State, slot: int, crowd: Sequence[str]) -> str:
    """Return the arena of one slot.

    Foods are stars. The agents of a first of two teams are small letters by their number in it, those of the second capital
    ones (one team alone has both), and the dead are hash signs.

    Args:
        state: of all matches.
        slot: which one.
        crowd: what the teams are called.
    """
    count, first, foods = (int(array[slot]) for array in (state.population, state.first, state.foods))
    extent = float(state.extent[slot]) or 1.0
    letters = ascii_letters if len(crowd) == 1 else ascii_lowercase[:first] + ascii_uppercase
    alive = state.alive[slot, :count]
    canvas = np.full((_ROWS, _COLUMNS), " ")
    for place in state.food[slot, :foods]:
        canvas[_cell(place, extent)] = _FOOD
    for i in sorted(range(count), key=lambda i: bool(alive[i])):  # the living over the dead
        canvas[_cell(state.position[slot, i], extent)] = letters[i] if alive[i] else _DEAD
    border = "+" + "-" * _COLUMNS + "+"
    sizes = (first, count - first)
    told = ", ".join(f"{size} {name}" for size, name in zip(sizes, crowd, strict=False))
    earned = " ".join(
        f"{letters[i] if alive[i] else letters[i] + _DEAD} {state.earned[slot, i]:.1f}" for i in range(count)
    )
    head = f"step {state.clock[slot]}, {told}: {earned}"
    return "\n".join([head, border, *("|" + "".join(row) + "|" for row in canvas), border])


def _cell(place: np.ndarray, edge: float) -> tuple[int, int]:
    """Row and column of a position [2]."""
    x, y = (np.clip(place, -edge, edge) + edge) / (2 * edge)
    return round((1 - y) * (_ROWS - 1)), round(x * (_COLUMNS - 1))
