"""The numbers of the pursuit game, the names of its parameters, and the layout of what a seat sees."""

from __future__ import annotations

import math

from numba import njit

__all__ = [
    "CONTACT",
    "ENTITY",
    "MAX_OBSTACLES",
    "MAX_PREDATORS",
    "MAX_PREY",
    "OBSTACLE",
    "OWN",
    "PARAMETERS",
    "PREDATOR",
    "PREY",
    "SHAPING",
    "SPREAD",
    "outside",
]

MAX_PREDATORS = 32
MAX_PREY = 16
MAX_OBSTACLES = 4
CONTACT = 10.0
"""What a predator in touch with a prey takes from it in a step; also what all predators get for it, each of them."""
SHAPING = 0.1
"""Per unit of distance, where rewards are shaped."""
SPREAD = 0.9
"""Obstacles are placed in a square of this share of the arena."""

PREDATOR, PREY, OBSTACLE = 0, 1, 2
"""Kinds, as indices."""

PARAMETERS = (
    "predators",
    "prey",
    "obstacles",
    "predator_radius",
    "prey_radius",
    "obstacle_radius",
    "predator_speed",
    "prey_speed",
    "predator_acceleration",
    "prey_acceleration",
    "arena",
    "shaping",
    "horizon",
)
"""Of a task, in the order in which the kernels take them."""

OWN = (
    "velocity_x",
    "velocity_y",
    "position_x",
    "position_y",
    "is_predator",
    "is_prey",
    "radius",
    "speed",
    "acceleration",
    "arena",
    "predators",
    "prey",
)
"""Fields of `self`; `predators` and `prey` are their numbers over `MAX_PREDATORS` and `MAX_PREY`."""
ENTITY = ("is_predator", "is_prey", "offset_x", "offset_y", "velocity_x", "velocity_y", "radius", "speed")
"""Fields of one row of `entities`: up to `MAX_OBSTACLES` obstacles, then the other agents in the order of their seats."""


@njit(inline="always")
def outside(coordinate: float, arena: float) -> float:
    """Return what a prey loses in a step for one of its coordinates: nothing up to 0.1 within the edge, then ever more."""
    x = abs(coordinate) - (arena - 1.0)
    fine = 0.0
    if x >= 1.0:
        fine = min(math.exp(2.0 * x - 2.0), 10.0)
    elif x >= 0.9:
        fine = (x - 0.9) * 10.0
    return fine
