"""The numbers of the resource game and the layout of what a seat sees."""

from __future__ import annotations

__all__ = [
    "AGENT_RADIUS",
    "ENTITY",
    "FORCE",
    "HORIZON",
    "LANDMARKS",
    "MAX_EXTENT",
    "MAX_LANDMARKS",
    "MAX_POPULATION",
    "OWN",
    "RADII",
    "VALUES",
    "radii",
    "values",
]

MAX_POPULATION = 48
MAX_EXTENT = 4.0
"""Of the square in which everyone is placed, half its side; an agent gets about four units far in a match."""
HORIZON = 20
"""Steps of a match; the world would go on, so a match that reaches them is truncated."""
AGENT_RADIUS = 0.05
FORCE = 5.0
"""Of a move action."""
LANDMARKS = 6
"""Of the published game."""
MAX_LANDMARKS = 12
"""Where their number is part of the task."""


def radii(landmarks: int) -> tuple[float, ...]:
    """Return the radius of each landmark, smallest first."""
    return tuple(0.05 * k for k in range(1, landmarks + 1))


def values(landmarks: int) -> tuple[float, ...]:
    """Return what each landmark pays a step, ten times its radius, to all who touch it together."""
    return tuple(0.5 * k for k in range(1, landmarks + 1))


RADII = radii(LANDMARKS)
VALUES = values(LANDMARKS)

OWN = ("velocity_x", "velocity_y", "position_x", "position_y", "population")
"""Fields of `self`; `population` is the number of agents over `MAX_POPULATION`."""
ENTITY = ("is_agent", "offset_x", "offset_y", "velocity_x", "velocity_y", "radius")
"""Fields of one row of `entities`: the landmarks, smallest first, then the other agents in the order of their seats.

The first agent's row is the same in all tasks of a game: where a task has fewer landmarks than others, rows stay empty."""
