"""The teacher that always sets the same tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from games import InputError, Scalar, TaskSpace
from league.teachers.teacher import Proposal, Result

__all__ = ["Fixed"]


class Fixed:
    """Sets the tasks of a list in turn.

    Args:
        space: the game's task space.
        tasks: parameter values of each task, defaults elsewhere. By default the default task alone.

    Raises:
        InputError: for an empty list, unknown parameters or values out of range.
    """

    def __init__(self, space: TaskSpace, *, tasks: Sequence[Mapping[str, Scalar]] = ({},)) -> None:
        if not tasks:
            raise InputError("teacher 'fixed' needs at least one task: its list of tasks is empty")
        self._tasks = tuple(space.task(values) for values in tasks)
        self._asked = 0

    def ask(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """Return the next n tasks of the list, from its beginning again after the last; see `Teacher`."""
        numbers = range(self._asked, self._asked + n)
        self._asked += n
        return [Proposal(k, self._tasks[k % len(self._tasks)], "fixed") for k in numbers]

    def tell(self, result: Result) -> None:
        """Results change nothing."""

    def state_dict(self) -> dict[str, Any]:
        """Return how many tasks were asked for."""
        return {"asked": self._asked}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on after so many tasks."""
        self._asked = int(state["asked"])
