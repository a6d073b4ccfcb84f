"""Grassland again, slow and plain: the oracle of the compiled rules."""

from __future__ import annotations

from collections.abc import Sequence

from games.markov.pasture.reference import ReferencePasture
from games.task import Task

__all__ = ["ReferenceGrassland"]


class ReferenceGrassland(ReferencePasture):
    """One match; team 0 are the sheep."""

    roles = True

    def __init__(self, seed: int, task: Task) -> None:
        super().__init__(
            seed,
            [
                (int(task["sheep"]), 0.05, float(task["sheep_accel"]), 3.0),
                (int(task["wolves"]), 0.075, float(task["wolf_accel"]), 2.0),
            ],
            int(task["foods"]),
            task,
        )

    @property
    def over(self) -> bool:
        """Whether no sheep lives."""
        return not any(body.alive for body in self.bodies if body.team == 0)

    def pay(self, living: Sequence[int]) -> list[float]:
        """Let wolves eat sheep and sheep eat foods."""
        sheep = [i for i in living if self.bodies[i].team == 0]
        wolves = [i for i in living if self.bodies[i].team == 1]
        rewards = dict.fromkeys(living, 0.0)
        for wolf in wolves:
            rewards[wolf] -= 0.1 * self.nearest(wolf, [self.bodies[i].position for i in sheep])
            for prey in sheep:
                if self.touch(wolf, prey):
                    self.share(rewards, wolf, 5.0)
                    self.share(rewards, prey, -5.0)
                    self.counts[1] += self.bodies[prey].alive
                    self.bodies[prey].alive = False
        for one in sheep:
            rewards[one] -= 0.1 * self.nearest(one, self.foods)
        meals = [(one, food) for one in sheep for food in range(len(self.foods)) if self.on(one, food)]
        for one, _ in meals:
            self.share(rewards, one, 2.0)
        for food in {food for _, food in meals}:
            self.regrow(food)
            self.counts[0] += 1
        return list(rewards.values())

    def metrics(self) -> dict[str, float]:
        """Return the metrics so far."""
        alive = sum(body.alive for body in self.bodies if body.team == 0)
        sheep, wolves = (score / self.steps for score in (self.scores()[0], self.scores()[-1]))
        foods, eaten = self.counts
        return {
            "sheep_reward": sheep,
            "wolf_reward": wolves,
            "sheep_eaten": eaten,
            "sheep_alive": alive,
            "foods_eaten": foods,
        }
