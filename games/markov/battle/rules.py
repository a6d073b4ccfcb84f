"""The numbers of adversarial battle."""

from __future__ import annotations

__all__ = [
    "ATTACKERS",
    "FOOD",
    "FOODS",
    "KILL",
    "MAX_FOODS",
    "MAX_TEAM",
    "NEAR_ENEMY",
    "NEAR_FOOD",
    "RADIUS",
    "TOP_SPEED",
]

MAX_TEAM = 24
MAX_FOODS = 8
RADIUS, TOP_SPEED = 0.08, 3.0

ATTACKERS = 2
"""Live enemies that must touch an agent at once to kill it."""
KILL = 6.0
"""What a death costs, and what those who touch the victim get together."""
FOOD = 1.0
"""Of an agent for each food that it touches."""
NEAR_FOOD, NEAR_ENEMY = 0.1, 0.04
"""Costs of the distances to the nearest food and to the nearest live enemy."""

FOODS = 0
"""Count of a match: foods that were eaten."""
