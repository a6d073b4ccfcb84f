"""The teacher that widens a box, bound by bound, where results at a bound are good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from games import InputError, Scalar, TaskSpace
from league.teachers.checks import require_least, require_positive
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.gaussian_teacher import widths
from league.teachers.measure import Measure

__all__ = ["Adr"]

LOW, HIGH = 0.2, 0.8
"""Thresholds, as places in the range of values, where the options name none."""


class Adr(CubeTeacher):
    """Widens a box of tasks, bound by bound, where results at the bound are good (ADR).

    Automatic domain randomisation: OpenAI, "Solving Rubik's cube with a robot hand" (2019, arXiv 1910.07113), algorithm 1, as
    Romac et al., "TeachMyAgent" (ICML 2021, arXiv 2103.09815), have it. The box begins as one task. With probability
    `boundary` a task has one parameter on a bound of the box, all else uniform in it. Values of tasks that lie on a bound
    are collected, and of every `queue` of them the mean decides: at `high` or above the bound moves outward by `step`, at
    `low` or below inward, though never past the other bound.

    Where it differs from the code of TeachMyAgent:

    - It notes at which bounds a task lies when it is drawn, where theirs compares rounded numbers afterwards; results that
      come after their bound has moved are left out.
    - A step is a part of the range, or with `faithful` a number of the parameter's units.
    - Its draws go on where theirs begin anew with the same ones after each move.

    All learners share one box; `per_learner` gives each its own.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read.
        start: parameters of the first task; defaults elsewhere.
        step: how far a bound moves.
        boundary: share of tasks that lie on a bound.
        queue: values that a decision needs.
        low: in the units of what is measured; None for a fifth of the way up its range.
        high: likewise; None for four fifths.
        faithful: whether to do as published.

    Raises:
        InputError: for a number out of its range, or a first task that is not of the space.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        start: Mapping[str, Scalar] = {},
        step: float = 0.05,
        boundary: float = 0.5,
        queue: int = 10,
        low: float | None = None,
        high: float | None = None,
        faithful: bool = False,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        require_positive("adr", step=step)
        if not 0.0 < boundary <= 1.0:
            raise InputError(f"teacher 'adr': boundary must be above 0 and at most 1, not {boundary}")
        require_least("adr", queue=(queue, 1))
        if low is not None and high is not None and not low < high:
            raise InputError(f"teacher 'adr': low must be below high, not {low} and {high}")
        self._steps = step / widths(space) if faithful else np.full(self.size, step)
        self._boundary, self._queue, self._low, self._high = boundary, queue, low, high
        try:
            first = space.to_unit(space.task(start))
        except InputError as error:
            raise InputError(f"teacher 'adr': start: {error}") from None
        self._bounds = np.stack([first, first])  # [2, D] in the unit cube
        self._moves = np.zeros((2, self.size), np.int64)  # of each bound so far
        self._queues: list[list[list[float]]] = [[[] for _ in range(self.size)] for _ in range(2)]

    @property
    def bounds(self) -> np.ndarray:
        """The box [2, D]: its low and its high corner in the unit cube."""
        return self._bounds.copy()

    def draw(self, learner: str) -> Draw:
        """Return a task in the box, and where it lies on a bound."""
        low, high = self._bounds
        point = low + (high - low) * self.rng.random(self.size)
        origin = "inside"
        if self.rng.random() < self._boundary:
            side, d = int(self.rng.integers(2)), int(self.rng.integers(self.size))
            point[d] = self._bounds[side, d]
            origin = "boundary"
        on = [
            [side, d, int(self._moves[side, d])]
            for side in range(2)
            for d in np.flatnonzero(point == self._bounds[side]).tolist()
        ]
        return Draw(point, origin, note=on)

    def learn(self, told: Told) -> None:
        """Add a value to each bound that its task lay on, and move those of which there are enough."""
        for side, d, moves in told.note:
            if moves != self._moves[side, d]:
                continue
            queue = self._queues[side][d]
            queue.append(told.value)
            if len(queue) >= self._queue:
                self._decide(side, d, float(np.mean(queue)))
                queue.clear()

    def _decide(self, side: int, d: int, mean: float) -> None:
        least, most = self.meter.bounds
        low = least + LOW * (most - least) if self._low is None else self._low
        high = least + HIGH * (most - least) if self._high is None else self._high
        outward = self._steps[d] * (1.0 if side else -1.0)
        before = self._bounds[side, d]
        if mean >= high and most > least:
            after = min(max(before + outward, 0.0), 1.0)
        elif mean <= low:
            other = self._bounds[1 - side, d]
            after = max(before - outward, other) if side else min(before - outward, other)
        else:
            return
        if after != before:
            self._bounds[side, d] = after
            self._moves[side, d] += 1

    def own_metrics(self) -> dict[str, float]:
        """Return the mean width of the box as a share of the ranges, and how often bounds moved."""
        low, high = self._bounds
        return {"width": float((high - low).mean()) if self.size else 1.0, "moves": float(self._moves.sum())}

    def sketch(self) -> list[dict[str, Any]]:
        """Return the box."""
        low, high = self._bounds.tolist()
        return [{"low": low, "high": high, "weight": 1.0}]

    def own_state(self) -> dict[str, Any]:
        """Return the box and what waits for a decision."""
        return {"bounds": self._bounds.tolist(), "moves": self._moves.tolist(), "queues": self._queues}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a box."""
        self._bounds, self._moves = np.array(state["bounds"], np.float64), np.array(state["moves"], np.int64)
        self._queues = [[list(queue) for queue in side] for side in state["queues"]]
