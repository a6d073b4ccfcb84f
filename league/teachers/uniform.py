"""The teacher that sets any task: domain randomisation, and the yardstick of every other teacher."""

from __future__ import annotations

from league.teachers.cube import CubeTeacher, Draw, Told

__all__ = ["Uniform"]


class Uniform(CubeTeacher):
    """Draws every task uniformly from the unit cube of the task space.

    Args:
        space: the game's task space.
        seed: of its draws.
    """

    def draw(self, learner: str) -> Draw:
        """Return any task."""
        return Draw(self.rng.random(self.size), "uniform")

    def learn(self, told: Told) -> None:
        """Results change nothing."""
