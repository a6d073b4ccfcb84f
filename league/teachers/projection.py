"""A task space on paper: which two of its parameters are worth a look, their scales, and a teacher's shapes on them.

Everything is drawn in the unit cube, where a teacher thinks; the ticks are in the parameters' own units.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from games import Categorical, Integer, Parameter, Task, TaskSpace

__all__ = ["Outline", "Projection", "outline", "ticks"]

Array = NDArray[np.float64]
Pair = tuple[int, int]

PARTS = 6
"""Equal parts of a parameter's range, in which tasks are counted."""
DRAWS = 4096
"""Uniform tasks that those of a teacher are compared with."""
_ROUND = 48  # corners of an ellipse
_LABEL = 12  # characters of a choice's name


class Projection:
    """Tasks as points, and how far their distribution over two parameters is from that of uniform tasks.

    The distance is the Kullback-Leibler divergence of counts in `PARTS` by `PARTS` parts, less what chance alone would
    give (Miller 1955: half the degrees of freedom over the number of points, for both samples).

    Args:
        space: that the tasks are from.

    Attributes:
        space: as given.
        free: places of the parameters that have more than one value.
    """

    def __init__(self, space: TaskSpace) -> None:
        self.space = space
        self.free = tuple(k for k, parameter in enumerate(space.values()) if parameter.count > 1)
        rng = np.random.default_rng(0)
        uniform = self.points(space.sample(rng) for _ in range(DRAWS)) if len(self.free) > 1 else np.zeros((0, 0))
        self._expected = {pair: _counts(uniform, pair) for pair in combinations(self.free, 2)}

    def points(self, tasks: Iterable[Task]) -> Array:
        """Return tasks as points [n, D] of the unit cube; NaN where a parameter means nothing."""
        found = []
        for task in tasks:
            point = self.space.to_unit(task)
            if self.space.conditions:
                active = self.space.active(task)
                point[[name not in active for name in self.space]] = np.nan
            found.append(point)
        return np.array(found).reshape(-1, len(self.space))

    def divergence(self, points: Array) -> dict[Pair, float]:
        """Return for each two free parameters how far points [n, D] are from uniform, in nats; 0 for none at all."""
        return {pair: _divergence(_counts(points, pair), expected) for pair, expected in self._expected.items()}


def _counts(points: Array, pair: Pair) -> Array:
    """Count points in the parts of two parameters, [PARTS * PARTS]."""
    chosen = points[:, pair]
    chosen = chosen[np.isfinite(chosen).all(axis=1)]
    parts = np.clip((chosen * PARTS).astype(np.int64), 0, PARTS - 1)
    return np.bincount(parts[:, 0] * PARTS + parts[:, 1], minlength=PARTS * PARTS).astype(np.float64)


def _divergence(counts: Array, expected: Array) -> float:
    total = counts.sum()
    if not total or not expected.sum():
        return 0.0
    expected = np.where((counts > 0) & (expected == 0), 0.5, expected)  # no more than seldom
    used = counts > 0
    share, even = counts[used] / total, expected[used] / expected.sum()
    chance = 0.5 * (np.count_nonzero(expected) - 1) * (1.0 / total + 1.0 / expected.sum())
    return max(float((share * np.log(share / even)).sum() - chance), 0.0)


class Outline(NamedTuple):
    """A shape of a teacher's sketch on two parameters.

    Attributes:
        kind: what it is.
        path: [n, 2] corners, closed; one row for a point.
        weight: probability with which tasks are drawn from it.
    """

    kind: Literal["ellipse", "box", "point"]
    path: Array
    weight: float


def outline(shape: Mapping[str, Any], pair: Pair) -> Outline:
    """Return a shape of `league.teachers.Sketches` on two parameters.

    Of an ellipse, two standard deviations of what is left of the Gaussian when all other parameters are ignored.
    """
    weight, at = float(shape["weight"]), list(pair)
    if "point" in shape:
        return Outline("point", np.array(shape["point"], dtype=float)[None, at], weight)
    if "low" in shape:
        low, high = (np.array(shape[end], dtype=float)[at] for end in ("low", "high"))
        corners = [low, (high[0], low[1]), high, (low[0], high[1]), low]
        return Outline("box", np.array(corners), weight)
    mean = np.array(shape["mean"], dtype=float)[at]
    values, vectors = np.linalg.eigh(np.array(shape["covariance"], dtype=float)[np.ix_(at, at)])
    angle = np.linspace(0.0, 2.0 * math.pi, _ROUND + 1)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    path = mean[:, None] + 2.0 * vectors @ (np.sqrt(np.maximum(values, 0.0))[:, None] * circle)
    return Outline("ellipse", path.T, weight)


def ticks(parameter: Parameter, most: int = 6) -> list[tuple[float, str]]:
    """Return (place in the unit interval, label) of some values of a parameter, from low to high."""
    values: list[Any]
    if isinstance(parameter, Categorical):
        every = max(math.ceil(len(parameter.choices) / most), 1)
        values = list(parameter.choices[::every])
    elif parameter.count == 1:
        values = [parameter.low]
    elif getattr(parameter, "log", False):
        powers = range(math.floor(math.log10(parameter.low)), math.ceil(math.log10(parameter.high)) + 1)
        fine = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
        values = [v for v in fine if parameter.low <= v <= parameter.high]
        values = values if len(values) <= most else [v for v in values if _first_digit(v) == 1]
        values = values if len(values) >= 2 else [parameter.low, parameter.high]
        values = values[:: math.ceil(len(values) / most)]
    else:
        step = _nice((parameter.high - parameter.low) / most)
        if isinstance(parameter, Integer):
            step = max(step, 1.0)
        first, last = math.ceil(parameter.low / step - 1e-9), math.floor(parameter.high / step + 1e-9)
        values = [min(max(k * step, parameter.low), parameter.high) for k in range(first, last + 1)]
        values = [round(v) for v in values] if isinstance(parameter, Integer) else values
    return [(parameter.to_unit(value), _label(value)) for value in values]


def _nice(step: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, ... times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(digit * power for digit in (1.0, 2.0, 5.0, 10.0) if digit * power >= step * (1.0 - 1e-9))


def _first_digit(value: float) -> int:
    return int(f"{value:e}"[0])


def _label(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"
