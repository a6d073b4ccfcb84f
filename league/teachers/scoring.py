"""Tasks that are played to be scored, some times each, before anything is concluded about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from league.teachers.pack import pack, unpack

__all__ = ["Scoring", "of_learner"]

Array = NDArray[np.float64]
T = TypeVar("T")

LEARNERS = 64
"""Learners of whom something is remembered."""


class Scoring:
    """Points of the unit cube, each of which is to be played some times.

    Matches may be lost. So when all have been handed out, only a number of further questions is waited for those that did not
    come back.

    Args:
        points: [m, D].
        times: how often each is to be played.
        patience: questions that are waited for the last results.

    Attributes:
        points: [m, D].
        count: [m] results of each.
        total: [m] sum of their values.
    """

    def __init__(self, points: Array, times: int, patience: int) -> None:
        self.points, self._times, self._patience = points, times, patience
        self.count, self.total = np.zeros(len(points), np.int64), np.zeros(len(points))
        self._issued = self._came = self._waited = 0

    def next(self) -> int | None:
        """Return the index of the point to play next; None where all are handed out, which counts as a question."""
        if self._issued < len(self.points) * self._times:
            self._issued += 1
            return (self._issued - 1) % len(self.points)
        self._waited += 1
        return None

    def add(self, index: int, value: float) -> None:
        """Enter the value of one play."""
        self.count[index] += 1
        self.total[index] += value
        self._came += 1

    @property
    def over(self) -> bool:
        """Whether all came back, or the others are given up."""
        return self._came >= len(self.points) * self._times or self._waited > self._patience

    @property
    def mean(self) -> Array:
        """Mean value [m] of each point; NaN for those without a result."""
        return np.where(self.count > 0, self.total / np.maximum(self.count, 1), np.nan)

    def state_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "arrays": [pack(self.points), pack(self.count), pack(self.total)],
            "counts": [self._times, self._patience, self._issued, self._came, self._waited],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Scoring:
        """Return the one of a state."""
        points, count, total = (unpack(array) for array in state["arrays"])
        times, patience, issued, came, waited = state["counts"]
        scoring = cls(points, times, patience)
        scoring.count, scoring.total = count, total
        scoring._issued, scoring._came, scoring._waited = issued, came, waited
        return scoring


def of_learner(known: dict[str, T], learner: str, make: Callable[[], T]) -> T:
    """Return what is known of a learner, made where there is nothing; who asked longest ago is forgotten beyond 64."""
    found = known.pop(learner) if learner in known else make()
    known[learner] = found
    if len(known) > LEARNERS:
        del known[next(iter(known))]
    return found
