"""Three players race with a die, each pressing its luck in turn."""
# ruff: noqa: D102 - undocumented methods do what `SlotwiseGame` says

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.game import Comparison, Seat
from games.task import Integer, Task, TaskSpace
from games.testkit.slotwise import Match, SlotwiseGame

__all__ = ["Dice"]

PLAYERS, ROLL, HOLD = 3, 0, 1


class Dice(SlotwiseGame):
    """The seat whose turn it is rolls a die or holds. A roll of 2 to 6 adds to its pot; a 1 loses the pot and the turn.

    Holding, legal with something in the pot, puts the pot in the bank and passes the turn to the next seat. Whoever has
    `target` points in bank and pot after a roll banks them and wins, which ends the match by its rules.

    Reward: at the end 1 for the winner and -0.5 for the others. Score: the points banked, so the winner has most. Three
    random seats win 40, 31 and 29 % of matches, in their order; a seat that holds with 15 or more in the pot wins 77, 70
    or 65 % against two random ones, by where it sits.

    Observation: `vector` [4] float32, each divided by the target: the pot, and the banks of the seat itself, of the next
    and of the one after.
    """

    name = "testkit/dice-v0"
    task_space = TaskSpace({"target": Integer(10, 60, 30)})
    comparison = Comparison.RANKED
    observation_space = spaces.Dict({"vector": spaces.Box(0.0, 1.0, (1 + PLAYERS,), np.float32)})
    action_space = spaces.Discrete(2)
    turn_based = True
    metrics = ("winner",)
    masked = True

    def seats(self, task: Task) -> tuple[Seat, ...]:
        return tuple(Seat("player", team) for team in range(PLAYERS))

    def state(self, seats: int) -> dict[str, NDArray[Any]]:
        scalars = {name: np.zeros((), np.int64) for name in ("target", "turn", "pot")}
        return {"bank": np.zeros(PLAYERS, np.int64), **scalars}

    def begin(self, match: Match, task: Task) -> None:
        match["target"][...] = task["target"]

    def advance(self, match: Match, actions: NDArray[Any], reward: NDArray[np.float32]) -> bool:
        seat, bank, pot = int(match["turn"]), match["bank"], match["pot"]
        face = 1 + match.draw(0, 6)
        if actions[seat, 0] == ROLL and face > 1:
            pot += face
            if bank[seat] + pot < match["target"]:
                return False
            bank[seat] = match["target"]
            reward[:PLAYERS] = np.where(np.arange(PLAYERS) == seat, 1, -0.5)
            pot[...] = 0
            return True
        if actions[seat, 0] == HOLD:
            bank[seat] += pot
        pot[...] = 0
        match["turn"][...] = (seat + 1) % PLAYERS
        return False

    def show(self, match: Match, observation: dict[str, NDArray[Any]], acting: NDArray[np.bool_]) -> None:
        acting[match["turn"]] = True
        for seat in range(PLAYERS):
            points = [match["pot"], *np.roll(match["bank"], -seat)]
            observation["vector"][seat] = np.array(points) / match["target"]

    def mask(self, match: Match, mask: NDArray[np.bool_]) -> None:
        mask[:, ROLL] = True
        mask[:, HOLD] = match["pot"] > 0

    def scores(self, match: Match) -> NDArray[np.float64]:
        return match["bank"].astype(np.float64)

    def measure(self, match: Match) -> dict[str, float]:
        return {"winner": float(match["bank"].argmax())}

    def picture(self, match: Match) -> str:
        return f"banks {match['bank'].tolist()}, seat {int(match['turn'])} has {int(match['pot'])} in the pot"
