"""The numbers of grassland."""

from __future__ import annotations

__all__ = [
    "EATEN",
    "FOOD",
    "FOODS",
    "MAX_FOODS",
    "MAX_TEAM",
    "NEAR_FOOD",
    "NEAR_SHEEP",
    "SHEEP",
    "SHEEP_RADIUS",
    "SHEEP_SPEED",
    "WOLF_RADIUS",
    "WOLF_SPEED",
]

MAX_TEAM = 24
MAX_FOODS = 8
WOLF_RADIUS, WOLF_SPEED = 0.075, 2.0
SHEEP_RADIUS, SHEEP_SPEED = 0.05, 3.0

FOOD = 2.0
"""Of a sheep for each food that it touches."""
EATEN = 5.0
"""Of a wolf for each live sheep that it touches, and what that costs the sheep."""
NEAR_SHEEP = 0.1
"""Cost of a wolf's distance to the nearest live sheep."""
NEAR_FOOD = 0.1
"""Cost of a sheep's distance to the nearest food."""

FOODS, SHEEP = 0, 1
"""Counts of a match: foods and sheep that were eaten."""
