"""Food collection again, slow and plain: the oracle of the compiled rules."""

from __future__ import annotations

from collections.abc import Sequence

from games.markov.pasture.reference import ReferencePasture
from games.task import Task

__all__ = ["ReferenceFood"]


class ReferenceFood(ReferencePasture):
    """One match."""

    def __init__(self, seed: int, task: Task) -> None:
        agents = int(task["population"])
        super().__init__(seed, [(agents, 0.05, float(task["accel"]), 4.0)], agents, task)
        self.counts = [0.0, 0.0, 0.0]

    @property
    def over(self) -> bool:
        """Never."""
        return False

    def pay(self, living: Sequence[int]) -> list[float]:
        """Reward occupied foods, and punish collisions and distance."""
        n = len(living)
        rewards = dict.fromkeys(living, 0.0)
        for one in living:
            for other in living:
                if one != other and self.touch(one, other):
                    self.share(rewards, one, -3.0 / n)
                    self.counts[2] += 0.5
        for one in living:
            rewards[one] -= self.nearest(one, self.foods)
        occupied = sum(any(self.on(one, food) for one in living) for food in range(n))
        for one in living:
            rewards[one] += occupied * 6.0 / n
            if occupied == n:
                rewards[one] += 10.0 - 2.0 * self.steps / (self.horizon + 1)
        self.counts[0] += occupied / n
        self.counts[1] += occupied == n
        return list(rewards.values())

    def metrics(self) -> dict[str, float]:
        """Return the metrics so far."""
        occupied, full, collisions = (count / self.steps for count in self.counts)
        mean = self.scores()[0] / self.steps
        return {"mean_reward": mean, "occupied": occupied, "full": full, "collisions": collisions}
