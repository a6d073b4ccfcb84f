"""A world without learning, in which teachers are compared exactly and cheaply."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from games import Real, Task, TaskSpace
from league.teachers.teacher import Result, Teacher

__all__ = ["ToyWorld", "trial"]

GAIN, UNLOCKS, FULL = 1, 75, 100
"""Competence per visit, competence of a neighbour that unlocks, and the most."""


class ToyWorld:
    """The unit cube cut into cells, each of which can be learned once a neighbour nearer to the origin is known.

    The toy environment of Portelas, Colas, Hofmann and Oudeyer, "Teacher algorithms for curriculum learning of Deep RL in
    continuously parameterized environments" (CoRL 2019, arXiv 1910.07224), by the rules of their released code: a visit to
    an unlocked cell adds 1 to its competence, up to 100. The cell at the origin is unlocked; another is when a
    neighbour whose every index is the same or one lower, diagonals included, has a competence of 75 or more. A task's
    return is the competence of its cell after the visit over 100; a cell is mastered above 75.

    Args:
        side: cells along each dimension.
        dimensions: of the cells.
        irrelevant: parameters that change nothing.

    Attributes:
        space: [dimensions + irrelevant] real parameters from 0 to 1.
        competence: [side, ...] int64.
    """

    def __init__(self, *, side: int = 10, dimensions: int = 2, irrelevant: int = 0) -> None:
        self.side, self.dimensions = side, dimensions
        self.space = TaskSpace({f"x{k}": Real(0.0, 1.0, 0.5) for k in range(dimensions + irrelevant)})
        self.competence: NDArray[np.int64] = np.zeros((side,) * dimensions, np.int64)
        self._names = list(self.space)[:dimensions]
        self._steps = [step for step in product((0, 1), repeat=dimensions) if any(step)]

    def play(self, task: Task, *, learn: bool = True) -> float:
        """Visit the cell of a task and return its competence, 0 to 1, which rises first unless nothing is to be learned."""
        cell = tuple(min(int(float(task[name]) * self.side), self.side - 1) for name in self._names)
        if learn and self._unlocked(cell):
            self.competence[cell] = min(self.competence[cell] + GAIN, FULL)
        return float(self.competence[cell]) / FULL

    def _unlocked(self, cell: tuple[int, ...]) -> bool:
        if not any(cell) or self.competence[cell]:
            return True
        neighbours = {tuple(max(i - k, 0) for i, k in zip(cell, step, strict=True)) for step in self._steps}
        return any(self.competence[n] >= UNLOCKS for n in neighbours if n != cell)

    @property
    def mastered(self) -> float:
        """Share of the cells whose competence is above 75, in per cent."""
        return 100.0 * float((self.competence > UNLOCKS).mean())


def trial(teacher: Teacher, world: ToyWorld, *, episodes: int, every: int = 1000) -> list[float]:
    """Let a teacher teach in the toy world, one task after the other.

    What is only to be scored takes an episode and teaches nothing. Who plays in the learner's place gets 0, as somebody
    without any competence.

    Returns:
        The mastered share in per cent after each `every` episodes.
    """
    curve = []
    for episode in range(1, episodes + 1):
        (proposal,) = teacher.ask(1, "toy")
        gained = 0.0 if proposal.player else world.play(proposal.task, learn=proposal.train_allowed)
        who = proposal.player or "toy"
        teacher.tell(Result(id=proposal.id, learner=who, score=0.5, total_return=gained, length=1))
        if episode % every == 0:
            curve.append(world.mastered)
    return curve
