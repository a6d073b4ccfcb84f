"""A match as text for a terminal."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING

import numpy as np

from games.markov.pursuit.rules import OBSTACLE

if TYPE_CHECKING:
    from games.markov.pursuit.kernels import State

__all__ = ["picture"]

_EDGE = 1.25  # of the arena; agents that went further out are drawn on the border
_ROWS, _COLUMNS = 25, 50  # a character is twice as high as wide
_PREDATORS = ascii_uppercase + digits


def picture(state: State, slot: int) -> str:
    """Return the world of one slot.

    Obstacles are discs of #, predators capitals by seat (then digits), prey small letters; the edge of the arena is dotted.
    """
    predators, prey = int(state.predators[slot]), int(state.prey[slot])
    arena = float(state.arena[slot]) or 1.0
    edge = _EDGE * arena
    x = np.linspace(-edge, edge, _COLUMNS)[None, :]
    y = np.linspace(edge, -edge, _ROWS)[:, None]
    canvas = np.full((_ROWS, _COLUMNS), " ")
    out = np.maximum(abs(x), abs(y)) > arena
    canvas[out & ~np.logical_and.reduce([np.roll(out, shift, axis) for shift in (-1, 1) for axis in (0, 1)])] = "."
    for cx, cy in state.obstacle[slot, : state.obstacles[slot]]:
        canvas[(x - cx) ** 2 + (y - cy) ** 2 <= state.radius[slot, OBSTACLE] ** 2] = "#"
    letters = _PREDATORS[:predators] + ascii_lowercase[:prey]
    for letter, place in zip(letters, state.position[slot], strict=False):
        canvas[_cell(place, edge)] = letter
    border = "+" + "-" * _COLUMNS + "+"
    losses = " ".join(
        f"{letter} {loss:.1f}" for letter, loss in zip(ascii_lowercase, state.lost[slot, predators:], strict=False)
    )
    head = f"step {state.clock[slot]}, {predators} predators, {prey} prey, {state.captures[slot]:.0f} captures; lost: {losses}"
    return "\n".join([head, border, *("|" + "".join(row) + "|" for row in canvas), border])


def _cell(place: np.ndarray, edge: float) -> tuple[int, int]:
    """Row and column of a position [2]."""
    x, y = (np.clip(place, -edge, edge) + edge) / (2 * edge)
    return round((1 - y) * (_ROWS - 1)), round(x * (_COLUMNS - 1))
