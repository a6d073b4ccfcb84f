"""The numbers that the three pasture games share, and the layout of what a seat sees."""

from __future__ import annotations

__all__ = [
    "ACCEL",
    "BODY",
    "ENTITY",
    "FEWEST_STEPS",
    "FOOD_RADIUS",
    "HORIZON",
    "LONGEST",
    "MAX_ACCEL",
    "MAX_EXTENT",
    "MAX_POPULATION",
    "MIN_ACCEL",
    "OWN",
    "RADIUS",
    "ROLE",
    "SPREAD",
    "TOP_SPEED",
]

MAX_POPULATION = 48
MAX_EXTENT = 3.0
"""Of the square that nobody leaves, half its side; the fastest get about four units far in a match."""
HORIZON = 25
"""Steps of a match unless the task says otherwise; the world would go on, so a match that reaches them is truncated."""
FEWEST_STEPS, LONGEST = 5, 100
"""Bounds of the horizon."""
FOOD_RADIUS = 0.03
SPREAD = 0.9
"""Foods lie in a square of this part of the arena."""
MIN_ACCEL, MAX_ACCEL = 1.0, 5.0
"""Bounds of the force of a move. Against the damping, a force f ends in a speed of 0.4 f."""

BODY = ("radius", "accel", "top_speed", "role")
"""What the members of one team have in common, in the order of `State.body`."""
RADIUS, ACCEL, TOP_SPEED, ROLE = range(4)

OWN = ("velocity_x", "velocity_y", "position_x", "position_y", "live", "role", "accel", "extent", "kin", "foes")
"""Fields of `self`.

`live` is 0 once dead, `role` 1 for members of the second of two unlike teams, `accel` the force of a move, `extent` half the
side of the arena, `kin` and `foes` the sizes of the own and of the other team at the start over `MAX_POPULATION`.
"""
ENTITY = ("is_food", "is_friend", "is_foe", "offset_x", "offset_y", "velocity_x", "velocity_y")
"""Fields of one row of `entities`: the foods, then the other agents in the order of their seats."""
