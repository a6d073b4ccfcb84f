"""The teacher that always sets the same tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from games import Game, InputError, Scalar, TaskSpace
from league.teachers.teacher import Proposal, Result

__all__ = ["Fixed"]


class Fixed:
    """Sets the tasks of a list in turn.

    Args:
        space: the game's task space.
        seed: changes nothing: the order of the tasks is given.
        tasks: parameter values of one task, or of each task of a list, defaults elsewhere. By default the default task.

    Raises:
        InputError: for anything else, an empty list, unknown parameters or values out of range.
    """

    def __init__(
        self, space: TaskSpace, seed: int, *, tasks: Mapping[str, Scalar] | Sequence[Mapping[str, Scalar]] = ({},)
    ) -> None:
        listed = (tasks,) if isinstance(tasks, Mapping) else tasks
        if not isinstance(listed, list | tuple) or not listed or not all(isinstance(t, Mapping) for t in listed):
            raise InputError(
                f"teacher 'fixed' needs tasks: parameter values of one task, or a list of them, not {tasks!r}"
            )
        self._tasks = tuple(space.task(values) for values in listed)
        self._asked = 0

    def max_seats(self, game: Game) -> int:
        """Return the largest population in the list."""
        return max(len(game.seats(task)) for task in self._tasks)

    def ask(self, n: int) -> list[Proposal]:
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
