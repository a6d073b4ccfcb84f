"""The numbers of food collection."""

from __future__ import annotations

__all__ = [
    "ALL",
    "ALL_DECAY",
    "COLLISION",
    "COLLISIONS",
    "FULL",
    "MAX_AGENTS",
    "OCCUPIED",
    "OCCUPIED_SHARE",
    "RADIUS",
    "TOP_SPEED",
]

MAX_AGENTS = 48
RADIUS, TOP_SPEED = 0.05, 4.0

OCCUPIED = 6.0
"""Of everyone for each occupied food, over the number of agents."""
COLLISION = 3.0
"""Cost of each of two agents that touch, over the number of agents."""
ALL, ALL_DECAY = 10.0, 2.0
"""Of everyone when all foods are occupied; falls by so much until the match is over."""

OCCUPIED_SHARE, FULL, COLLISIONS = 0, 1, 2
"""Counts of a match, summed over steps: share of foods occupied, steps with all of them occupied, touching pairs."""
