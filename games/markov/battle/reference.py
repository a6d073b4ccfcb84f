"""Adversarial battle again, slow and plain: the oracle of the compiled rules."""

from __future__ import annotations

from collections.abc import Sequence

from games.markov.pasture.reference import ReferencePasture
from games.task import Task

__all__ = ["ReferenceBattle"]


class ReferenceBattle(ReferencePasture):
    """One match."""

    def __init__(self, seed: int, task: Task) -> None:
        teams = [(int(task[side]), 0.08, float(task["accel"]), 3.0) for side in ("left", "right")]
        super().__init__(seed, teams, int(task["foods"]), task)
        self.counts = [0.0]

    @property
    def over(self) -> bool:
        """Whether nobody lives."""
        return not any(body.alive for body in self.bodies)

    def pay(self, living: Sequence[int]) -> list[float]:
        """Let agents kill each other, and eat."""
        rewards = dict.fromkeys(living, 0.0)
        for one in living:
            enemies = [i for i in living if self.bodies[i].team != self.bodies[one].team]
            rewards[one] -= 0.1 * self.nearest(one, self.foods)
            if enemies:
                rewards[one] -= 0.04 * self.nearest(one, [self.bodies[i].position for i in enemies])
            touching = [i for i in enemies if self.touch(one, i)]
            if len(touching) >= 2:
                self.bodies[one].alive = False
                self.share(rewards, one, -6.0)
                for killer in touching:
                    self.share(rewards, killer, 6.0 / len(touching))
        meals = [(one, food) for one in living for food in range(len(self.foods)) if self.on(one, food)]
        for one, _ in meals:
            self.share(rewards, one, 1.0)
        for food in {food for _, food in meals}:
            self.regrow(food)
            self.counts[0] += 1
        return list(rewards.values())

    def metrics(self) -> dict[str, float]:
        """Return the metrics so far."""
        left, right = (score / self.steps for score in (self.scores()[0], self.scores()[-1]))
        alive = [sum(body.alive for body in self.bodies if body.team == team) for team in (0, 1)]
        return {
            "left_reward": left,
            "right_reward": right,
            "left_alive": alive[0],
            "right_alive": alive[1],
            "foods_eaten": self.counts[0],
        }
