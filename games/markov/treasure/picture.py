"""A match as text for a terminal."""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from games.markov.treasure.kernels import State

__all__ = ["picture"]

_EDGE = 1.25  # of the square in which everyone begins; who went further out is drawn on the border
_ROWS, _COLUMNS = 25, 50  # a character is twice as high as wide
_TREASURES, _DEPOSITS = "*+ox", "1234"


def picture(state: State, slot: int) -> str:
    """Return the world of one slot: collectors as letters by seat, deposits as 1 to 4, treasures as `*`, `+`, `o` and `x`.

    They stand for the colours 1 to 4; the line above says who carries which.
    """
    collectors, count = int(state.collectors[slot]), int(state.collectors[slot] + state.deposits[slot])
    edge = _EDGE * float(state.extent[slot])
    canvas = np.full((_ROWS, _COLUMNS), " ")
    for m in np.flatnonzero(state.there[slot]):
        canvas[_cell(state.treasure[slot, m], edge)] = _TREASURES[state.kind[slot, m]]
    for mark, place in zip(_DEPOSITS, state.position[slot, collectors:count], strict=False):
        canvas[_cell(place, edge)] = mark
    for letter, place in zip(ascii_letters, state.position[slot, :collectors], strict=False):
        canvas[_cell(place, edge)] = letter
    carried = " ".join(
        f"{letter}{_TREASURES[colour]}"
        for letter, colour in zip(ascii_letters, state.colour[slot, :collectors], strict=False)
        if colour >= 0
    )
    head = (
        f"step {state.clock[slot]}, {state.pick_ups[slot]:.0f} picked up, {state.deliveries[slot]:.0f} delivered, "
        f"{state.collisions[slot]:.0f} collisions; carried: {carried or 'nothing'}"
    )
    border = "+" + "-" * _COLUMNS + "+"
    return "\n".join([head, border, *("|" + "".join(row) + "|" for row in canvas), border])


def _cell(place: np.ndarray, edge: float) -> tuple[int, int]:
    """Row and column of a position [2]."""
    if edge == 0.0:  # no match yet
        return 0, 0
    x, y = (np.clip(place, -edge, edge) + edge) / (2 * edge)
    return round((1 - y) * (_ROWS - 1)), round(x * (_COLUMNS - 1))
