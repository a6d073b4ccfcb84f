"""Order the one unit that is at hand to a beacon, through functions whose arguments are masked."""
# ruff: noqa: D102 - undocumented methods do what `SlotwiseGame` says

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.game import Comparison, Seat
from games.task import Integer, Task, TaskSpace
from games.testkit.slotwise import Match, SlotwiseGame

__all__ = ["Commands"]

SIDE, UNITS = 8, 2
NOOP, SELECT, MOVE = 0, 1, 2
_FAR = 2 * (SIDE - 1)  # the longest way between two cells


class Commands(SlotwiseGame):
    """One seat gives `commands` orders; each is a function with the arguments that this function uses.

    `noop()` does nothing. `select(unit)` takes up a unit; only the one that this match has at hand is legal. `move(x, y)`
    is legal once a unit is selected: it puts the unit on that cell, pays 1 - distance / 14 (Manhattan distance to the
    beacon), and the beacon jumps to a random cell. The match ends by its rules after the last command.

    Score: the sum of rewards. Selecting first and then always moving onto the beacon gives commands - 1 (7 by default,
    the most there is); random legal orders give 1.25.

    Observation: `planes` [2, 8, 8] uint8, the unit and the beacon as ones; `vector` [4] float32: which unit is at hand
    (one-hot), whether it is selected, the share of commands left.
    """

    name = "testkit/commands-v0"
    task_space = TaskSpace({"commands": Integer(2, 16, 8)})
    comparison = Comparison.GENERAL_SUM
    observation_space = spaces.Dict(
        {
            "planes": spaces.Box(0, 1, (2, SIDE, SIDE), np.uint8),
            "vector": spaces.Box(0.0, 1.0, (4,), np.float32),
        }
    )
    action_space = spaces.MultiDiscrete([3, UNITS, SIDE, SIDE])
    uses = np.array([[True, False, False, False], [True, True, False, False], [True, False, True, True]])
    metrics = ("moves",)
    masked = True

    def seats(self, task: Task) -> tuple[Seat, ...]:
        return (Seat("commander"),)

    def state(self, seats: int) -> dict[str, NDArray[Any]]:
        scalars = ("commands", "unit", "selected", "moves")
        return {
            "position": np.zeros(2, np.int64),  # x, y
            "beacon": np.zeros(2, np.int64),
            "paid": np.zeros((), np.float64),
            **{name: np.zeros((), np.int64) for name in scalars},
        }

    def begin(self, match: Match, task: Task) -> None:
        match["commands"][...] = task["commands"]
        match["unit"][...] = match.draw(0, UNITS)
        match["position"][:] = match.draw(1, SIDE), match.draw(2, SIDE)
        match["beacon"][:] = match.draw(3, SIDE), match.draw(4, SIDE)

    def advance(self, match: Match, actions: NDArray[Any], reward: NDArray[np.float32]) -> bool:
        function, unit, x, y = (int(head) for head in actions[0])
        if function == SELECT and unit == match["unit"]:
            match["selected"][...] = True
        elif function == MOVE and match["selected"]:
            reward[0] = 1 - np.abs(match["beacon"] - (x, y)).sum() / _FAR
            match["paid"] += reward[0]
            match["moves"] += 1
            match["position"][:] = x, y
            match["beacon"][:] = match.draw(0, SIDE), match.draw(1, SIDE)
        return bool(match["length"] == match["commands"])

    def show(self, match: Match, observation: dict[str, NDArray[Any]], acting: NDArray[np.bool_]) -> None:
        acting[0] = True
        for plane, (x, y) in enumerate((match["position"], match["beacon"])):
            observation["planes"][0, plane, y, x] = 1
        vector = observation["vector"][0]
        vector[match["unit"]] = 1
        vector[2] = match["selected"]
        vector[3] = 1 - match["length"] / match["commands"]

    def mask(self, match: Match, mask: NDArray[np.bool_]) -> None:
        mask[0] = True
        mask[0, MOVE] = match["selected"]
        mask[0, 3 : 3 + UNITS] = np.arange(UNITS) == match["unit"]

    def scores(self, match: Match) -> NDArray[np.float64]:
        return match["paid"].reshape(1)

    def measure(self, match: Match) -> dict[str, float]:
        return {"moves": float(match["moves"])}

    def picture(self, match: Match) -> str:
        cells = [["."] * SIDE for _ in range(SIDE)]
        for letter, (x, y) in (("*", match["beacon"]), ("u", match["position"])):
            cells[y][x] = letter
        return "\n".join("".join(row) for row in cells)
