"""The disc game: no point of a disc is best, unless skill counts too."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.game import Comparison, Seat
from games.markov.disc.nash import payoff
from games.markov.one_step import OneStepGame
from games.task import Real, Task, TaskSpace

__all__ = ["DiscGame"]


class DiscGame(OneStepGame):
    """Two seats choose a point of the unit disc each, x and y, at once, and the first is paid what the second loses.

    That is (1 - transitive) * (x_1 y_0 - x_0 y_1) + transitive * (x_0 - y_0) / 2, between -1 and 1. The first part is the
    disc game of Balduzzi et al., "Open-ended learning in symmetric zero-sum games" (arXiv 1901.08106): the point a quarter
    turn ahead wins, so everyone can be beaten. The second is pure skill. `nash` has exploitability and equilibrium.

    An action is a point of the square [-1, 1]^2; one outside of the disc counts as the nearest point of the disc.
    A seat's score is what it is paid: who wins is its sign, and a draw has no width.

    Observation: `transitive` [1] float32, the task.
    """

    name = "markov/disc-v0"
    task_space = TaskSpace({"transitive": Real(0.0, 1.0, 0.0)})
    comparison = Comparison.ZERO_SUM
    observation_space = spaces.Dict({"transitive": spaces.Box(0.0, 1.0, (1,), np.float32)})
    action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return two seats against each other."""
        return Seat(team=0), Seat(team=1)

    def number(self, task: Task) -> float:
        """Return the share of skill."""
        return float(task["transitive"])

    def show(self, number: NDArray[np.float64], observation: dict[str, NDArray[Any]]) -> None:
        """Write the task."""
        observation["transitive"][:] = number[:, None, None]

    def pay(self, number: NDArray[np.float64], actions: NDArray[Any]) -> NDArray[np.float64]:
        """Return what both are paid."""
        first = payoff(actions[:, 0], actions[:, 1], number)
        return np.stack([first, -first], axis=1)
