"""The teacher that always sets the same tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from games import Game, InputError, Scalar, TaskSpace
from league.teachers.ledger import Ledger
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

    needs_values = False
    players: tuple[str, ...] = ()

    def __init__(
        self, space: TaskSpace, seed: int, *, tasks: Mapping[str, Scalar] | Sequence[Mapping[str, Scalar]] = ({},)
    ) -> None:
        listed = (tasks,) if isinstance(tasks, Mapping) else tasks
        if not isinstance(listed, list | tuple) or not listed or not all(isinstance(t, Mapping) for t in listed):
            raise InputError(
                f"teacher 'fixed' needs tasks: parameter values of one task, or a list of them, not {tasks!r}"
            )
        self._tasks = tuple(space.task(values) for values in listed)
        self._ledger = Ledger(space)

    def max_seats(self, game: Game) -> int:
        """Return the largest population in the list."""
        return max(len(game.seats(task)) for task in self._tasks)

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return the next n tasks of the list, from its beginning again after the last; see `Teacher`."""
        return [self._ledger.open(self._tasks[self._ledger.asked % len(self._tasks)], "fixed") for _ in range(n)]

    def tell(self, result: Result) -> None:
        """Count the result; it changes nothing."""
        self._ledger.close(result, result.total_return)

    def metrics(self) -> dict[str, float]:
        """Return nothing: the tasks are in the configuration."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Return how many tasks were asked for, and what is known of them."""
        return self._ledger.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on after so many tasks."""
        self._ledger.load_state_dict(state)
