"""The numbers of the treasure game and the layout of what a seat sees."""

from __future__ import annotations

import math

__all__ = [
    "ACCELERATION",
    "AVERAGED",
    "COLLECTOR_RADIUS",
    "COLLISION",
    "DEPOSIT_MASS",
    "DEPOSIT_RADIUS",
    "ENTITY",
    "HORIZON",
    "MAX_COLLECTORS",
    "MAX_DEPOSITS",
    "MAX_EXTENT",
    "OWN",
    "PRIZE",
    "SHAPING",
    "SPEED",
    "SPREAD",
    "TREASURE_RADIUS",
    "treasures",
]

MAX_COLLECTORS = 24
MAX_DEPOSITS = 4
"""One a colour."""
MAX_EXTENT = 3.0
"""Of the square in which everyone begins, half its side."""
HORIZON = 100
"""Steps of a match at most; the world would go on, so a match that reaches them is truncated."""

COLLECTOR_RADIUS = 0.05
DEPOSIT_RADIUS = 0.075
TREASURE_RADIUS = 0.025
DEPOSIT_MASS = 2.25
"""Collectors have a mass of 1."""
ACCELERATION = 1.5 * 1.5
"""Of a move action: the published scenario gives 1.5, and its physics multiply by it twice."""
SPEED = 1.0
"""The highest."""
SPREAD = 0.95
"""Treasures lie within this share of the square."""

PRIZE = 5.0
"""For everyone, for each pick-up and each delivery."""
COLLISION = 5.0
"""What a collector loses for each other collector that it touches."""
SHAPING = 0.1
"""What a unit of distance to the next aim costs."""
AVERAGED = 7
"""Collectors to whose middle a deposit is drawn while nobody carries anything for it."""

_COLOURS = tuple(f"colour_{k}" for k in range(MAX_DEPOSITS))
OWN = (
    "velocity_x",
    "velocity_y",
    "position_x",
    "position_y",
    "is_deposit",
    *_COLOURS,
    "collectors",
    "deposits",
    "treasures",
)
"""Fields of `self`: the colour is what a collector carries (none while it is free), or the deposit's own; the last three are
over their largest numbers."""
ENTITY = ("is_collector", "is_deposit", "offset_x", "offset_y", "velocity_x", "velocity_y", *_COLOURS)
"""Fields of one row of `entities`: treasures first, then the other seats in their order."""


def treasures(collectors: int, per_collector: float) -> int:
    """Return how many treasures a task has: at least one, at most one for each collector."""
    return max(1, math.floor(per_collector * collectors + 0.5))
