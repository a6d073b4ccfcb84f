"""Food collection: as many agents as foods, one on each."""

from __future__ import annotations

from games.game import Comparison
from games.markov.food.kernels import advance
from games.markov.food.rules import MAX_AGENTS, RADIUS, TOP_SPEED
from games.markov.pasture import PastureGame, Team, accel, pasture
from games.task import Integer, Task

__all__ = ["FoodGame"]


class FoodGame(PastureGame):
    """As many agents as foods must occupy all of them at once. EPC's cooperative game; see `PastureGame` for the rest.

    All seats are one team. Foods are not eaten. With n agents, in a step

    - everyone gets 6/n for each food that somebody touches;
    - while all foods are touched, everyone gets 10 - 2 t / (horizon + 1) more in step t = 1, 2, ...;
    - each of two agents that touch pays 3/n (the only part that `sharing` shares);
    - each agent pays its distance to the nearest food.

    Nobody dies, and a match ends at its horizon.

    Metrics:
        mean_reward: per agent and step.
        occupied: mean share of the foods that are occupied.
        full: share of the steps in which all of them are.
        collisions: pairs that touch, per step.
    """

    name = "markov/food-v0"
    task_space = pasture({"population": Integer(1, MAX_AGENTS, 3), "accel": accel(4.0)}, sharing=0.0)
    comparison = Comparison.COOPERATIVE
    metrics = ("mean_reward", "occupied", "full", "collisions")
    counts = 3
    advance = staticmethod(advance)
    crowd = ("agents",)
    most_seats = MAX_AGENTS

    def teams(self, task: Task) -> tuple[Team, ...]:
        """Return the one team."""
        return (
            Team(
                kind="agent",
                size=int(task["population"]),
                radius=RADIUS,
                accel=float(task["accel"]),
                top_speed=TOP_SPEED,
            ),
        )

    def foods(self, task: Task) -> int:
        """Return how many foods there are: one for each agent."""
        return int(task["population"])

    def most_foods(self, seats: int) -> int:
        """Return the most foods of any task with up to so many agents."""
        return seats
