"""Two squads of one to four units shoot at each other until one is gone."""
# ruff: noqa: D102 - undocumented methods do what `SlotwiseGame` says

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.game import Comparison, Seat
from games.task import Integer, Task, TaskSpace
from games.testkit.slotwise import Match, SlotwiseGame

__all__ = ["Skirmish"]

SQUAD, WEAKEST, TOUGHEST, LIMIT = 4, 3, 6, 32
HOLD = 0  # action k > 0 shoots the enemy with number k - 1


def _observed(seats: int) -> spaces.Dict:
    return spaces.Dict(
        {
            "self": spaces.Box(0.0, 1.0, (1 + SQUAD,), np.float32),
            "entities": spaces.Box(0.0, 1.0, (seats - 1, 3 + SQUAD), np.float32),
            "entity_mask": spaces.Box(0, 1, (seats - 1,), np.bool_),
        }
    )


class Skirmish(SlotwiseGame):
    """Seats 0 .. left-1 are the left squad (team 0), the next `right` seats the right one (team 1).

    Every unit starts with 3 to 6 points of health, and unit i of either squad with the same. At each step the living
    choose at once: hold fire, or shoot one living enemy, which loses a point. A unit without health is dead and acts no
    more. The match ends by its rules when a squad is gone, and is truncated after 32 steps.

    Reward, the same for a whole team: (points taken - points lost) / 24 in every step. Score: 1 for the squad that alone
    is left, -1 for the other; a truncated match goes to the squad with more health; 0 is a draw.

    Against as many random units, a squad whose units all shoot the living enemy with the least health scores above 0.9
    whatever its size.

    Observation: `self` [5] float32: health / 6 and the number in the squad (one-hot); `entities` [S - 1, 7] float32: the
    other seats in order, each with friend, enemy, health / 6 and the number in its squad (one-hot); `entity_mask`
    [S - 1] bool: those that live. S is the number of seats that the vector was built for.
    """

    name = "testkit/skirmish-v0"
    task_space = TaskSpace({"left": Integer(1, SQUAD, 2), "right": Integer(1, SQUAD, 2)})
    comparison = Comparison.ZERO_SUM
    observation_space = _observed(2 * SQUAD)
    action_space = spaces.Discrete(1 + SQUAD)
    metrics = ("survivors",)
    max_seats = 2 * SQUAD
    masked = True

    def observed(self, seats: int) -> spaces.Dict:
        return _observed(seats)

    def seats(self, task: Task) -> tuple[Seat, ...]:
        return (Seat("soldier", 0),) * int(task["left"]) + (Seat("soldier", 1),) * int(task["right"])

    def state(self, seats: int) -> dict[str, NDArray[Any]]:
        return {"health": np.zeros(seats, np.int64), "left": np.zeros((), np.int64)}

    def begin(self, match: Match, task: Task) -> None:
        match["left"][...] = task["left"]
        for seat in range(match.seats):
            match["health"][seat] = WEAKEST + match.draw(_number(match, seat), TOUGHEST - WEAKEST + 1)

    def advance(self, match: Match, actions: NDArray[Any], reward: NDArray[np.float32]) -> bool:
        left, before = int(match["left"]), match["health"].copy()
        shots = np.zeros_like(before)
        for seat in np.flatnonzero(before):
            if actions[seat, 0] != HOLD:
                shots[(left if seat < left else 0) + actions[seat, 0] - 1] += 1
        match["health"][:] = np.maximum(before - shots, 0)
        lost = before - match["health"]
        swing = (lost[left:].sum() - lost[:left].sum()) / (SQUAD * TOUGHEST)
        reward[:left], reward[left : match.seats] = swing, -swing
        return not (match["health"][:left].any() and match["health"][left:].any())

    def show(self, match: Match, observation: dict[str, NDArray[Any]], acting: NDArray[np.bool_]) -> None:
        left = int(match["left"])
        for seat in range(match.seats):
            health = match["health"][seat]
            acting[seat] = health > 0
            observation["self"][seat, 0] = health / TOUGHEST
            observation["self"][seat, 1 + _number(match, seat)] = 1
            others = [other for other in range(match.seats) if other != seat]
            for row, other in enumerate(others):
                if match["health"][other] == 0:
                    continue
                entity = observation["entities"][seat, row]
                entity[int((other < left) != (seat < left))] = 1
                entity[2] = match["health"][other] / TOUGHEST
                entity[3 + _number(match, other)] = 1
                observation["entity_mask"][seat, row] = True

    def mask(self, match: Match, mask: NDArray[np.bool_]) -> None:
        left, alive = int(match["left"]), match["health"] > 0
        mask[:, HOLD] = True
        mask[:left, 1 : 1 + match.seats - left] = alive[left : match.seats]
        mask[left:, 1 : 1 + left] = alive[:left]

    def scores(self, match: Match) -> NDArray[np.float64]:
        left, right = np.split(match["health"][: match.seats], [int(match["left"])])
        outcome = np.sign(left.sum() - right.sum())
        return np.concatenate([np.full(len(left), outcome), np.full(len(right), -outcome)]).astype(np.float64)

    def measure(self, match: Match) -> dict[str, float]:
        return {"survivors": float(np.count_nonzero(match["health"]))}

    def limit(self, match: Match) -> int:
        return LIMIT

    def picture(self, match: Match) -> str:
        squads = np.split(match["health"][: match.seats], [int(match["left"])])
        return " : ".join(" ".join(str(health) for health in squad) for squad in squads)


def _number(match: Match, seat: int) -> int:
    """The unit's number in its own squad."""
    left = int(match["left"])
    return seat if seat < left else seat - left
