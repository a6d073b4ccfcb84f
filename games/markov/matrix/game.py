"""Matrix games as one game: which of them is the task."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.game import Comparison, Seat
from games.markov.matrix.tables import TABLES
from games.markov.one_step import OneStepGame
from games.relabelled import Symmetry
from games.task import Categorical, Task, TaskSpace

__all__ = ["MatrixGame"]

_NAMES = tuple(TABLES)
_SEATS = max(len(table) for table in TABLES.values())
_ACTIONS = max(table.shape[1] for table in TABLES.values())


class MatrixGame(OneStepGame):
    """Two or three seats choose one of two to ten actions each, at once, and are paid by a table (`tables.TABLES`).

    A seat's score is what it is paid. The comparison is general-sum, because some of the tables are; in a zero-sum table the
    payoffs add up to zero all the same. `nash` has the exact gains of best answers to mixed strategies.

    Observation, float32: `game`, which table it is (one-hot), and `seat`, the own one (one-hot [3]).
    """

    name = "markov/matrix-v0"
    task_space = TaskSpace({"game": Categorical(_NAMES, "rps")})
    comparison = Comparison.GENERAL_SUM
    observation_space = spaces.Dict(
        {
            "game": spaces.Box(0.0, 1.0, (len(_NAMES),), np.float32),
            "seat": spaces.Box(0.0, 1.0, (_SEATS,), np.float32),
        }
    )
    action_space = spaces.Discrete(_ACTIONS)
    masked = True
    max_seats = _SEATS

    def __init__(self) -> None:
        self._payoff = np.zeros((len(_NAMES), *(_ACTIONS,) * _SEATS, _SEATS))  # a player too few always takes action 0
        self._legal = np.zeros((len(_NAMES), _ACTIONS), np.bool_)
        self._players = np.array([len(table) for table in TABLES.values()])
        for number, table in enumerate(TABLES.values()):
            players, actions = len(table), table.shape[1]
            where = tuple(slice(actions) if player < players else 0 for player in range(_SEATS))
            self._payoff[number][(*where, slice(players))] = np.moveaxis(table, 0, -1)
            self._legal[number, :actions] = True

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return a seat for each player, all for themselves."""
        return tuple(Seat(team=player) for player in range(len(TABLES[str(task["game"])])))

    def symmetries(self, task: Task) -> tuple[Symmetry, ...]:
        """Return the rotations of the nine levers that pay alike; none for other tables."""
        if task["game"] != "levers":
            return ()
        nine = np.arange(9)
        return tuple(Symmetry(np.append((nine + turn) % 9, 9)) for turn in range(1, 9))

    def number(self, task: Task) -> float:
        """Return the number of the table."""
        return float(_NAMES.index(str(task["game"])))

    def show(self, number: NDArray[np.float64], observation: dict[str, NDArray[Any]]) -> None:
        """Write table and seat."""
        observation["game"][:] = np.eye(len(_NAMES))[number.astype(int), None]
        observation["seat"][:] = np.eye(_SEATS)[: observation["seat"].shape[1]]

    def legal(self, number: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return the actions that the tables have."""
        return self._legal[number.astype(int)]

    def pay(self, number: NDArray[np.float64], actions: NDArray[Any]) -> NDArray[np.float64]:
        """Look up what everyone is paid."""
        which, seats = number.astype(int), actions.shape[1]
        chosen = np.zeros((len(actions), _SEATS), np.int64)
        chosen[:, :seats] = np.where(np.arange(seats) < self._players[which, None], actions[:, :, 0], 0)
        return self._payoff[which, *chosen.T][:, :seats]
