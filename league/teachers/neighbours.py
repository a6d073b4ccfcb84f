"""The nearest of the points that came before, and what was noted there."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from games.compiled import kernel
from league.teachers.pack import pack, unpack

__all__ = ["Growing", "Neighbours", "Window"]

Array = NDArray[np.float64]

BUFFER = 512
"""Points of a growing history that are not yet in a tree."""


class Neighbours(Protocol):
    """Points, each with a value."""

    def __len__(self) -> int:
        """Return how many points there are."""
        ...

    def add(self, point: Array, value: float) -> None:
        """Add a point [D]."""
        ...

    def nearest(self, point: Array) -> float:
        """Return the value at the point that is nearest to this one [D]; NaN when there are none."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state."""
        ...


class Window:
    """The newest points only, all of them looked at: for some hundreds that is quicker than any tree.

    The newest of equally near points counts.

    Args:
        size: D.
        limit: points that are kept.
    """

    def __init__(self, size: int, limit: int) -> None:
        self._limit = limit
        # twice the room: the newest are always one piece, and are moved to the front when the end is reached
        self._points, self._values = np.zeros((2 * limit, size)), np.zeros(2 * limit)
        self._end = 0

    def __len__(self) -> int:
        return min(self._end, self._limit)

    @property
    def points(self) -> Array:
        """The points [n, D], the oldest first."""
        return self._points[self._end - len(self) : self._end]

    @property
    def values(self) -> Array:
        """Their values [n]."""
        return self._values[self._end - len(self) : self._end]

    def add(self, point: Array, value: float) -> None:
        """Add a point [D]; the oldest goes when there are too many."""
        if self._end == len(self._values):
            self._points[: self._limit], self._values[: self._limit] = self.points, self.values
            self._end = self._limit
        self._points[self._end], self._values[self._end] = point, value
        self._end += 1

    def nearest(self, point: Array) -> float:
        """Return the value at the nearest point; see `Neighbours`."""
        place, _ = _nearest(self._points, self._end - len(self), self._end, point)
        return float(self._values[place]) if place >= 0 else float("nan")

    def state_dict(self) -> dict[str, Any]:
        """Return the points and values."""
        return {"points": pack(self.points), "values": pack(self.values)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to points and values."""
        points, values = unpack(state["points"]), unpack(state["values"])
        self._end = len(values)
        self._points[: self._end], self._values[: self._end] = points, values


class Growing:
    """All points there ever were, in search trees that are made once and merged as they become many.

    After Bentley and Saxe, "Decomposable searching problems" (1980): the newest points wait in a buffer; each time it is full
    they become a tree, and two trees of one size become one of twice that. So of n points there are at most log2(n / 512)
    trees, and each point has been in as many of them. teachDeepRL instead builds one tree of all points whenever its
    buffer is full.

    Which of equally near points counts is left open.

    Args:
        size: D.
    """

    def __init__(self, size: int) -> None:
        self._points, self._values = np.zeros((BUFFER, size)), np.zeros(BUFFER)
        self._count = 0
        self._trees: list[tuple[int, cKDTree]] = []  # first point and tree, by age; their sizes are powers of 2

    def __len__(self) -> int:
        return self._count

    def add(self, point: Array, value: float) -> None:
        """Add a point [D]."""
        if self._count == len(self._values):
            self._points = np.concatenate((self._points, np.zeros_like(self._points)))
            self._values = np.concatenate((self._values, np.zeros_like(self._values)))
        self._points[self._count], self._values[self._count] = point, value
        self._count += 1
        if self._count % BUFFER == 0:
            self._grow(self._count)

    def _grow(self, end: int) -> None:
        """Make a tree of the points in the buffer, which end here, merged with trees of its size while there are any."""
        first = end - BUFFER
        while self._trees and self._trees[-1][1].n == end - first:
            first = self._trees.pop()[0]
        self._trees.append((first, cKDTree(self._points[first:end])))

    def nearest(self, point: Array) -> float:
        """Return the value at the nearest point; see `Neighbours`."""
        place, square = _nearest(self._points, self._count - self._count % BUFFER, self._count, point)
        distance = float(np.sqrt(square))
        for first, tree in self._trees:
            found, index = tree.query(point, distance_upper_bound=distance)
            if found < distance:
                distance, place = found, first + int(index)
        return float(self._values[place]) if place >= 0 else float("nan")

    def state_dict(self) -> dict[str, Any]:
        """Return the points and values."""
        return {"points": pack(self._points[: self._count]), "values": pack(self._values[: self._count])}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to points and values, and make the same trees of them."""
        points, values = unpack(state["points"]), unpack(state["values"])
        room = BUFFER
        while room < len(values):
            room *= 2
        self._points, self._values = np.zeros((room, points.shape[1])), np.zeros(room)
        self._count = len(values)
        self._points[: self._count], self._values[: self._count] = points, values
        self._trees = []
        left = self._count - self._count % BUFFER
        while left:  # the binary digits of the count, the largest first
            size = BUFFER * 2 ** ((left // BUFFER).bit_length() - 1)
            first = self._count - self._count % BUFFER - left
            self._trees.append((first, cKDTree(self._points[first : first + size])))
            left -= size


@kernel
def _nearest(points, start, end, point):  # type: ignore[no-untyped-def]
    """Return the place and squared distance of the nearest from start to end, the last of equals; -1 for none."""
    place, least = -1, np.inf
    for i in range(end - 1, start - 1, -1):
        square = 0.0
        for d in range(points.shape[1]):
            gap = points[i, d] - point[d]
            square += gap * gap
        if square < least:
            place, least = i, square
    return place, least
