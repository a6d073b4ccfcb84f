"""Adversarial battle: two teams of equals, who kill only together."""

from __future__ import annotations

from games.game import Comparison
from games.markov.battle.kernels import advance
from games.markov.battle.rules import MAX_FOODS, MAX_TEAM, RADIUS, TOP_SPEED
from games.markov.pasture import PastureGame, Team, accel, pasture
from games.task import Integer, Task

__all__ = ["BattleGame"]


class BattleGame(PastureGame):
    """Two teams fight for foods and kill each other, two against one. EPC's adversarial battle; see `PastureGame` for the rest.

    Seats 0 .. left-1 are the left team (team 0), the next `right` seats the right one (team 1); nothing tells them apart. In a
    step

    - an agent that two or more live enemies touch dies and costs its team 6; those c enemies get 6/c each. By default all
      this is shared whole: alpha is 1, so that everyone of the enemy team gets 6;
    - each agent gets 1 for each food that it touches, shared likewise, and the food grows anew elsewhere;
    - each agent loses a tenth of its distance to the nearest food and 0.04 of that to the nearest live enemy.

    A match goes on to its horizon, also when one team is dead. We end it when nobody lives, since nothing can happen then.

    Metrics:
        left_reward, right_reward: per seat and step, the dead included.
        left_alive, right_alive: at the end.
        foods_eaten: by all agents.
    """

    name = "markov/battle-v0"
    task_space = pasture(
        {
            "left": Integer(1, MAX_TEAM, 4),
            "right": Integer(1, MAX_TEAM, 4),
            "foods": Integer(1, MAX_FOODS, 4),
            "accel": accel(4.0),
        },
        sharing=1.0,
    )
    comparison = Comparison.RANKED
    metrics = ("left_reward", "right_reward", "left_alive", "right_alive", "foods_eaten")
    counts = 1
    advance = staticmethod(advance)
    crowd = ("left", "right")
    most_seats = 2 * MAX_TEAM

    def teams(self, task: Task) -> tuple[Team, ...]:
        """Return the left and the right team."""
        left, right = (
            Team(
                kind="fighter",
                size=int(task[side]),
                radius=RADIUS,
                accel=float(task["accel"]),
                top_speed=TOP_SPEED,
            )
            for side in ("left", "right")
        )
        return left, right

    def foods(self, task: Task) -> int:
        """Return how many foods there are."""
        return int(task["foods"])

    def most_foods(self, seats: int) -> int:
        """Return the most foods of any task."""
        return MAX_FOODS
