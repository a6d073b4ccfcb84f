"""The teacher that is told what is hard, and moves a window there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from games import InputError, TaskSpace
from games.errors import suggestion
from league.teachers.checks import require_least
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure

__all__ = ["Oracle"]

ABOVE = 0.8
"""What is good enough, as a place in the range of values, where the options do not say."""


class Oracle(CubeTeacher):
    """Moves a window from easy to hard tasks by hand-made rules, when results are good.

    The oracle of Portelas, Colas, Hofmann and Oudeyer (CoRL 2019, arXiv 1910.07224), as in their code: tasks are uniform in a
    window that begins at the easy end of each range; of every `window` results the mean decides, and above `above` the window
    moves towards the hard end by `step`, until it is there. Windows and steps are parts of the ranges; theirs are a sixth, and
    0.1 of 3 and 0.2 of 6 in the Stump Tracks, which is a thirtieth.

    All learners share one window; `per_learner` gives each its own. A result that comes after the window has moved counts as
    one in the new window, as in their code.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read.
        falling: parameters whose low end is the hard one.
        fixed: parameters that have nothing to do with it, and are drawn from all of their range.
        width: of the window.
        step: how far it moves.
        window: results that a decision needs.
        above: in the units of what is measured; None for four fifths of the way up its range.

    Raises:
        InputError: for an unknown parameter or a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        falling: Sequence[str] = (),
        fixed: Sequence[str] = (),
        width: float = 1 / 6,
        step: float = 1 / 30,
        window: int = 50,
        above: float | None = None,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        for option, names in (("falling", falling), ("fixed", fixed)):
            for name in names:
                if name not in space:
                    known = ", ".join(space) or "none"
                    raise InputError(
                        f"teacher 'oracle': {option}: unknown task parameter {name!r}{suggestion(name, space)} "
                        f"(this game has: {known})"
                    )
        for option, share in (("width", width), ("step", step)):
            if not 0.0 < share <= 1.0:
                raise InputError(f"teacher 'oracle': {option} must be above 0 and at most 1, not {share}")
        require_least("oracle", window=(window, 1))
        names = list(space)
        self._falling = np.array([name in falling for name in names], np.bool_)
        self._widths = np.array([1.0 if name in fixed else width for name in names])
        self._step, self._window, self._above = step, window, above
        self._moved = 0.0  # part of the ranges, from the easy end
        self._values: list[float] = []

    @property
    def low(self) -> np.ndarray:
        """The low corner [D] of the window in the unit cube."""
        place = np.minimum(self._moved, 1.0 - self._widths)
        return np.where(self._falling, 1.0 - self._widths - place, place)

    def draw(self, learner: str) -> Draw:
        """Return a task in the window."""
        return Draw(self.low + self._widths * self.rng.random(self.size), "window")

    def learn(self, told: Told) -> None:
        """Move on when the newest results are good enough."""
        self._values.append(told.value)
        if len(self._values) < self._window:
            return
        least, most = self.meter.bounds
        above = least + ABOVE * (most - least) if self._above is None else self._above
        if float(np.mean(self._values)) > above:
            self._moved = min(self._moved + self._step, 1.0)
        self._values.clear()

    def own_metrics(self) -> dict[str, float]:
        """Return how far the window has moved, 0 to 1."""
        return {
            "moved": self._moved / (1.0 - float(self._widths.min())) if self.size and self._widths.min() < 1 else 0.0
        }

    def sketch(self) -> list[dict[str, Any]]:
        """Return the window."""
        return [{"low": self.low.tolist(), "high": (self.low + self._widths).tolist(), "weight": 1.0}]

    def own_state(self) -> dict[str, Any]:
        """Return where the window is and what waits for a decision."""
        return {"moved": self._moved, "values": list(self._values)}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a window."""
        self._moved, self._values = state["moved"], list(state["values"])
