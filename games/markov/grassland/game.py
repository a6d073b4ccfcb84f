"""Grassland: sheep that graze, and slower wolves that eat them."""

from __future__ import annotations

from games.game import Comparison
from games.markov.grassland.kernels import advance
from games.markov.grassland.rules import (
    MAX_FOODS,
    MAX_TEAM,
    SHEEP_RADIUS,
    SHEEP_SPEED,
    WOLF_RADIUS,
    WOLF_SPEED,
)
from games.markov.pasture import PastureGame, Team, accel, pasture
from games.task import Integer, Task

__all__ = ["GrasslandGame"]


class GrasslandGame(PastureGame):
    """Sheep graze, and wolves, which are slower and wider, eat them. EPC's two-role game; see `PastureGame` for the rest.

    Seats 0 .. sheep-1 are sheep (team 0, radius 0.05), the next are wolves (team 1, radius 0.075). In a step

    - each wolf gets 5 for each live sheep that it touches; the sheep loses 5 for each such wolf and dies (two wolves at
      once get 5 each, and the sheep loses 10);
    - each sheep gets 2 for each food that it touches, and the food grows anew elsewhere; also a sheep that dies in this step;
    - each wolf loses a tenth of its distance to the nearest sheep, each sheep a tenth of its distance to the nearest food.

    The match terminates when no sheep lives.

    Metrics:
        sheep_reward, wolf_reward: per seat and step, the dead included.
        sheep_eaten, sheep_alive: at the end.
        foods_eaten: by all sheep.
    """

    name = "markov/grassland-v0"
    task_space = pasture(
        {
            "sheep": Integer(1, MAX_TEAM, 3),
            "wolves": Integer(1, MAX_TEAM, 2),
            "foods": Integer(1, MAX_FOODS, 4),
            "sheep_accel": accel(4.0),
            "wolf_accel": accel(2.0),
        },
        sharing=0.0,
    )
    comparison = Comparison.GENERAL_SUM
    metrics = ("sheep_reward", "wolf_reward", "sheep_eaten", "sheep_alive", "foods_eaten")
    counts = 2
    advance = staticmethod(advance)
    crowd = ("sheep", "wolves")
    most_seats = 2 * MAX_TEAM

    def teams(self, task: Task) -> tuple[Team, ...]:
        """Return the sheep and the wolves."""
        return (
            Team(
                kind="sheep",
                size=int(task["sheep"]),
                radius=SHEEP_RADIUS,
                accel=float(task["sheep_accel"]),
                top_speed=SHEEP_SPEED,
            ),
            Team(
                kind="wolf",
                size=int(task["wolves"]),
                radius=WOLF_RADIUS,
                accel=float(task["wolf_accel"]),
                top_speed=WOLF_SPEED,
                role=1,
            ),
        )

    def foods(self, task: Task) -> int:
        """Return how many foods there are."""
        return int(task["foods"])

    def most_foods(self, seats: int) -> int:
        """Return the most foods of any task."""
        return MAX_FOODS
