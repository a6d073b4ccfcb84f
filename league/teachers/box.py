"""The teacher that stays within a box, which may widen."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from games import InputError, Real, Scalar, TaskSpace
from games.errors import suggestion
from league.teachers.checks import require_least
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure

__all__ = ["Box", "edges"]


class Box(CubeTeacher):
    """Draws tasks uniformly from a box, which may widen to the whole task space.

    The box widens linearly from its first bounds to those of the space, by one part in `over` with each result: the
    annealed box of Sullivan et al., "Syllabus" (arXiv 2411.11318). With `above` it does so only while the learner copes, as
    their expanding box does; theirs asks for a number of successes in a row, ours for a mean over the newest results, which
    one bad result does not set back to the beginning.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read; matters with `above` alone.
        low: parameter to its lowest value at first; that of the space for all others. The choices of a categorical
            parameter count in their declared order.
        high: parameter to its highest value at first, included.
        over: results until the box is the whole space; 0 for a box that stays.
        above: the box widens only with results after which the mean value of the newest ones is above this.
        newest: how many these are; it does not widen before there are so many.

    Raises:
        InputError: for unknown parameters, values out of their range, a `low` above its `high`, or a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        low: Mapping[str, Scalar] = {},
        high: Mapping[str, Scalar] = {},
        over: int = 0,
        above: float | None = None,
        newest: int = 20,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        if over < 0:
            raise InputError(f"teacher 'box': over must be 0 or above, not {over}")
        require_least("box", newest=(newest, 1))
        if above is not None and not over:
            raise InputError("teacher 'box': above says when the box widens, so over must be above 0")
        self._first = np.array([edges("box", space, "low", low, 0), edges("box", space, "high", high, 1)])
        for name, a, b in zip(space, *self._first, strict=True):
            if a > b:
                raise InputError(f"teacher 'box': low of {name!r} is above its high")
        self._over, self._above = over, above
        self._newest: deque[float] = deque(maxlen=newest)
        self._widened = 0  # results

    @property
    def width(self) -> float:
        """How far the box is from the first one, 0, to the whole space, 1."""
        return self._widened / self._over if self._over else 0.0

    @property
    def bounds(self) -> np.ndarray:
        """Lowest and highest coordinates [2, D] float64 of the box in the unit cube now."""
        return (1.0 - self.width) * self._first + self.width * np.array([[0.0], [1.0]])

    def draw(self, learner: str) -> Draw:
        """Return any task of the box."""
        low, high = self.bounds
        return Draw(low + (high - low) * self.rng.random(self.size), "box")

    def learn(self, told: Told) -> None:
        """Widen the box."""
        self._newest.append(told.value)
        copes = self._above is None or (
            len(self._newest) == self._newest.maxlen and float(np.mean(self._newest)) > self._above
        )
        if copes and self._widened < self._over:
            self._widened += 1

    def own_metrics(self) -> dict[str, float]:
        """Return how far the box is on its way to the whole space."""
        return {"width": self.width} if self._over else {}

    def sketch(self) -> list[dict[str, Any]]:
        """Return the box."""
        low, high = self.bounds.tolist()
        return [{"low": low, "high": high, "weight": 1.0}]

    def own_state(self) -> dict[str, Any]:
        """Return how far the box is, and the newest values."""
        return {"widened": self._widened, "newest": list(self._newest)}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a box."""
        self._widened = state["widened"]
        self._newest.clear()
        self._newest.extend(state["newest"])


def edges(teacher: str, space: TaskSpace, option: str, given: Mapping[str, Scalar], side: int) -> list[float]:
    """Return the lower (0) or upper (1) edges [D] of a box in the unit cube.

    Args:
        teacher: its name, for errors.
        space: of the tasks.
        option: its name, for errors.
        given: parameter to its value at that edge; the end of the range for all others.
        side: which.

    Raises:
        InputError: for an unknown parameter, or a value out of its range.
    """
    for name in given:
        if name not in space:
            hint = suggestion(name, space) or f" (this game has: {', '.join(space) or 'none'})"
            raise InputError(f"teacher {teacher!r}: {option} has an unknown parameter {name!r}{hint}")
    found = []
    for name, parameter in space.items():
        if name not in given:
            found.append(float(side))
            continue
        try:
            value = parameter.check(given[name])
        except ValueError as error:
            raise InputError(f"teacher {teacher!r}: {option} of {name!r} {error}") from None
        middle = parameter.to_unit(value)
        if isinstance(parameter, Real):
            found.append(middle if parameter.high > parameter.low else float(side))
        else:  # each value owns a part of the interval, and `to_unit` is its middle
            count = len(parameter.choices) if hasattr(parameter, "choices") else parameter.high - parameter.low + 1
            found.append(middle + (side - 0.5) / count)
    return found
