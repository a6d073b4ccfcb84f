"""Tracks to walk on: flat ground with obstacles whose shapes a task describes.

Stump Tracks and Hexagon Tracks of Portelas, Colas, Hofmann and Oudeyer, "Teacher algorithms for curriculum learning of
deep RL in continuously parameterized environments" (CoRL 2019, arXiv 1910.07224). A task is a distribution: the shape of
each single obstacle is drawn around the task's numbers.

Where we differ from their code: all chance comes from one generator that the match's seed starts, and the ground goes on to
the end of the track (theirs ends at the last obstacle, up to six units before the goal).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from games.adapters.gymnasium.walker.bodies import SCALE
from games.task import Real, TaskSpace

__all__ = ["END", "GOAL", "GROUND", "PAD", "STEP", "TRACKS", "Polygon", "Track", "hexagons", "stumps"]

Polygon = list[tuple[float, float]]
"""Corners, in units of the world."""

STEP = 14 / SCALE
"""What obstacles are measured in."""
PAD, GOAL, END = 20 * STEP, 190 * STEP, 200 * STEP
"""Where the first obstacle stands, where the match is won, where the ground ends."""
GROUND = 400 / SCALE / 4
"""Height of the ground."""

_NOISE = 0.1  # standard deviation of a single obstacle around its task, in steps
_HEXAGON = ((-0.5, 0.0), (-0.5, 0.25), (-0.25, 0.5), (0.25, 0.5), (0.5, 0.25), (0.5, 0.0))
_HEXAGON_ROOM = 1.0 + 8.0  # from one hexagon to the next


@dataclass(frozen=True, slots=True)
class Track:
    """A kind of track.

    Attributes:
        space: its tasks.
        build: a task and a generator to the obstacles of one track, from the left.
        body: who walks on it unless another is named.
    """

    space: TaskSpace
    build: Callable[[Mapping[str, Any], np.random.Generator], list[Polygon]]
    body: str = "default"


def stumps(task: Mapping[str, Any], rng: np.random.Generator) -> list[Polygon]:
    """Return walls, a step wide, with `obstacle_spacing` units (at least 0.01) of flat ground between them.

    The height of each is normal around `stump_height` steps with deviation 0.1, and at least 0.05.
    """
    gap, polygons, x = max(float(task["obstacle_spacing"]), 0.01), [], PAD
    while x < END:
        top = GROUND + STEP * max(rng.normal(task["stump_height"], _NOISE), 0.05)
        polygons.append([(x, GROUND), (x + STEP, GROUND), (x + STEP, top), (x, top)])
        x += STEP + gap
    return polygons


def hexagons(task: Mapping[str, Any], rng: np.random.Generator) -> list[Polygon]:
    """Return hexagons nine units apart, whose corners are moved by about (`x0`, `y0`) .. (`x5`, `y5`) steps.

    Each offset is normal around its parameter with deviation 0.1. The first and the last corner stay on the ground, so `y0`
    and `y5` have no effect. Corners inside of the others' hull have none either.
    """
    means = np.array([[task[f"x{corner}"], task[f"y{corner}"]] for corner in range(6)], np.float64)
    polygons = []
    for x in np.arange(PAD, END, _HEXAGON_ROOM):
        moved = rng.normal(means, _NOISE)
        moved[[0, -1], 1] = 0.0
        polygons.append([(float(px), float(py)) for px, py in [x, GROUND] + STEP * (np.array(_HEXAGON) + moved)])
    return polygons


TRACKS = {
    "stump-tracks-v0": Track(
        TaskSpace({"stump_height": Real(0.0, 3.0, 0.5), "obstacle_spacing": Real(0.0, 6.0, 3.0)}), stumps
    ),
    "hexagon-tracks-v0": Track(
        TaskSpace({f"{axis}{corner}": Real(0.0, 4.0, 0.0) for corner in range(6) for axis in "xy"}), hexagons, "quadru"
    ),
}
"""By the name of the game."""
