"""A picture of the newest tasks of a run and of what its teacher believes, as pixels for TensorBoard."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from games import Task, TaskSpace
from league.teachers.projection import Outline, Projection, outline, ticks

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = ["Portrait"]

Array = NDArray[np.float64]
Pair = tuple[int, int]
Axis = tuple[str, list[tuple[float, str]]]  # name, and ticks: place in the unit interval, and label

NEWEST = 600
"""Tasks in a picture."""
SHAPES = 40
"""Shapes of a sketch in a picture: the heaviest ones."""

_FINE = 2  # pixels drawn for one that is kept, each way
_SIDE, _LEFT, _TOP, _BELOW, _RIGHT = 320, 64, 34, 50, 16  # of a panel and what is around it
_PAPER, _INK, _FRAME = "#fbfaf7", "#222222", "#c8c8c2"
_COLOURS = ("#1f5fa8", "#c2571a", "#2b7a4b", "#8a4fa3", "#9a8218", "#5b6770", "#b23a5e", "#2a8c99")
_TEXT = 12
_EDGE = 0.03  # of a panel, outside of the unit interval


class Portrait:
    """Remembers the newest tasks, and draws them over the two parameters that matter most.

    These are the two over which the pictures so far differed most from uniform tasks (`Projection`); the axes say which. A
    space with one parameter is drawn over the order of the tasks. What is remembered is no part of a run's state: after a
    resume the first picture has fewer tasks.

    Args:
        space: that the tasks are from.
    """

    def __init__(self, space: TaskSpace) -> None:
        self.space = space
        self._projection = Projection(space)
        self._tasks: deque[tuple[Task, str]] = deque(maxlen=NEWEST)
        self._far: dict[Pair, float] = {}
        self._origins: dict[str, int] = {}  # to numbers, so that a colour stays with its word

    def add(self, tasks: Iterable[tuple[Task, str]]) -> None:
        """Remember tasks and why they were set."""
        self._tasks += tasks

    def draw(self, shapes: Sequence[Mapping[str, Any]]) -> NDArray[np.uint8] | None:
        """Return a picture [height, width, 3] of the tasks and the shapes of a sketch; None for less than two tasks."""
        if len({task for task, _ in self._tasks}) < 2 or not self._projection.free:
            return None
        points = self._projection.points(task for task, _ in self._tasks)
        origins = [self._origins.setdefault(origin, len(self._origins)) for _, origin in self._tasks]
        pair = self._pair(points)
        best = sorted(shapes, key=lambda shape: -shape["weight"])[:SHAPES]
        names = list(self.space)
        axes: tuple[Axis, Axis]
        if pair[0] == pair[1]:  # one parameter: over time, oldest first
            places = np.stack([np.linspace(0.0, 1.0, len(points)), points[:, pair[1]]], axis=1)
            axes = ("the newest tasks, in their order", []), (names[pair[1]], self._ticks(pair[1]))
            outlines = [_upright(outline(shape, pair), k) for k, shape in enumerate(best)]
        else:
            places = self._blurred(points)[:, pair]
            axes = (names[pair[0]], self._ticks(pair[0])), (names[pair[1]], self._ticks(pair[1]))
            outlines = [outline(shape, pair) for shape in best]
        return self._paint(places, origins, outlines, axes)

    def _pair(self, points: Array) -> Pair:
        for pair, far in self._projection.divergence(points).items():
            self._far[pair] = self._far.get(pair, 0.0) + far
        return max(self._far, key=lambda pair: self._far[pair]) if self._far else (self._projection.free[0],) * 2

    def _ticks(self, d: int) -> list[tuple[float, str]]:
        return ticks(list(self.space.values())[d])

    def _blurred(self, points: Array) -> Array:
        """Move whole and named values a little, so that equal tasks do not hide each other."""
        grain = np.array([1.0 / parameter.count for parameter in self.space.values()])
        moved: Array = points + grain * np.random.default_rng(0).uniform(-0.35, 0.35, points.shape)
        return moved

    def _paint(
        self,
        places: Array,
        origins: Sequence[int],
        outlines: Sequence[Outline],
        axes: tuple[Axis, Axis],
    ) -> NDArray[np.uint8]:
        from PIL import Image, ImageDraw  # only for those who train

        size = (_LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BELOW)
        image = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), _PAPER)
        inside = Image.new("RGB", (_SIDE * _FINE, _SIDE * _FINE), _PAPER)
        pen = ImageDraw.Draw(inside, "RGBA")
        for (x, y), k in zip(_pixels(places), origins, strict=True):
            if np.isfinite(x + y):
                pen.ellipse(_around(x, y, 2.2 * _FINE), fill=_COLOURS[k % len(_COLOURS)] + "99")
        most = max((shape.weight for shape in outlines), default=0.0)
        for shape in outlines:
            _trace(pen, shape, shape.weight / most if most > 0.0 else 1.0)
        image.paste(inside, (_LEFT * _FINE, _TOP * _FINE))
        self._frame(ImageDraw.Draw(image), axes)
        return np.asarray(image.resize(size, Image.Resampling.LANCZOS))

    def _frame(self, pen: ImageDraw, axes: tuple[Axis, Axis]) -> None:
        from PIL import ImageFont

        font = ImageFont.load_default(_TEXT * _FINE)
        left, top, side = _LEFT * _FINE, _TOP * _FINE, _SIDE * _FINE
        pen.rectangle((left, top, left + side, top + side), outline=_FRAME, width=_FINE)
        (across, below), (up, beside) = axes
        for place, label in below:
            pen.text((left + _inset(place) * side, top + side + 4 * _FINE), label, _INK, font, anchor="ma")
        for place, label in beside:
            pen.text((left - 6 * _FINE, top + _inset(1.0 - place) * side), label, _INK, font, anchor="rm")
        pen.text((left + side / 2, top + side + 36 * _FINE), across, _INK, font, anchor="mm")
        pen.text((4 * _FINE, 16 * _FINE), up, _INK, font, anchor="lm")
        x = float(left + side)
        for origin, k in reversed(self._origins.items()):  # from the right, as many as there is room for
            x -= pen.textlength(origin, font) + 18 * _FINE
            if x < left + pen.textlength(up, font) - 50 * _FINE:
                break
            pen.ellipse(_around(x, 16 * _FINE, 4 * _FINE), fill=_COLOURS[k % len(_COLOURS)])
            pen.text((x + 8 * _FINE, 16 * _FINE), origin, _INK, font, anchor="lm")


def _pixels(places: Array) -> Array:
    """Return where places [n, 2] of the unit square are in a panel, whose first row is the topmost."""
    found: Array = _inset(np.stack([places[:, 0], 1.0 - places[:, 1]], axis=1)) * _SIDE * _FINE
    return found


def _inset(place: Any) -> Any:
    """Return where a place of the unit interval is in a panel from 0 to 1: not quite at its edges, for dots have a size."""
    return _EDGE + (1.0 - 2.0 * _EDGE) * place


def _around(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return (x - radius, y - radius, x + radius, y + radius)


def _upright(shape: Outline, k: int) -> Outline:
    """Return the k-th shape on one parameter, as an upright line near the right end."""
    low, high = shape.path[:, 1].min(), shape.path[:, 1].max()
    x = 1.02 - 0.012 * k
    path = [(x, low), (x, high)] if high > low else [(x, low)]
    return Outline(shape.kind, np.array(path), shape.weight)


def _trace(pen: ImageDraw, shape: Outline, weight: float) -> None:
    """Draw a shape; `weight` is relative to the heaviest one."""
    path = _pixels(np.clip(shape.path, -1.0, 2.0))
    if len(path) == 1:  # a task
        pen.ellipse(_around(path[0, 0], path[0, 1], (2.5 + 3.0 * weight) * _FINE), outline=_INK, width=_FINE)
    else:
        shade = f"{round(110 + 145 * weight):02x}"
        pen.line([tuple(place) for place in path], fill=_INK + shade, width=round((1.0 + 1.5 * weight) * _FINE))
