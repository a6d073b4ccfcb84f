"""The teacher that is an adversary: PAIRED."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from games import InputError, TaskSpace
from league.teachers.adversary import Adversary, Moves
from league.teachers.checks import require_choice, require_least, require_positive, require_share
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure
from league.teachers.teacher import SHOWN

__all__ = ["Paired", "Regret", "regret"]

Regret = Literal["paired", "flexible", "minimax"]

AHEAD = 4
"""Batches of proposals that may be open."""


@dataclass(slots=True)
class _Task:
    """A proposal of the adversary.

    Attributes:
        point, noise, parts, log: as in `Moves`, of this one.
        last: when a match of it was handed out last, in proposals to either learner.
        asked: matches that were handed out to the protagonist and the antagonist.
        values: what came of those of each.
    """

    point: list[float]
    noise: list[float]
    parts: list[int]
    log: float
    last: int
    asked: list[int] = field(default_factory=lambda: [0, 0])
    values: list[list[float]] = field(default_factory=lambda: [[], []])


class Paired(CubeTeacher):
    """Lets an adversary propose tasks that one learner does well and another does not yet.

    Protagonist antagonist induced regret environment design of Dennis et al., "Emergent complexity and zero-shot transfer via
    unsupervised environment design" (NeurIPS 2020, arXiv 2012.02096). Two learners play each proposal of an adversary, `plays`
    times each, and learn from it. With returns in [0, 1], by the range that `measure` declares or the one so far, the
    adversary is rewarded with the regret

        paired     max(0, highest return of the antagonist - mean return of the protagonist)
        flexible   the same, the antagonist being whichever of the two has the highest return, as in the released code
        minimax    - highest return of the protagonist, which makes tasks that nobody can do; there is no antagonist

    In the paper the adversary builds a level in many steps, by a recurrent network and proximal policy optimisation. Here a
    task is a point of the unit cube, proposed in one step by `Adversary`, and updated after `batch` tasks. Regrets are divided
    by their standard deviation in the batch, in the place of the running one of the released code.

    A proposal counts once all its matches came back. While one learner is far ahead of the other, it plays open proposals
    again without counting. Proposals whose results stay out are given up. Any other learner plays open proposals too, and
    changes nothing. The failures of the method are those of regret by two learners: it is 0 where both are equally bad, and
    the adversary may settle on few tasks (`entropy` and `random` work against that; `spread` in the metrics shows it).

    Args:
        space: the game's task space.
        seed: of its draws and of the adversary's weights.
        protagonist: id of the learner that all this is for.
        antagonist: id of the other one; empty for `minimax` alone.
        measure: how results are read.
        regret: see above.
        plays: matches of each learner on a proposal.
        batch: proposals between two updates of the adversary.
        parts: of the range of a real parameter among which it chooses.
        rate: its learning rate.
        entropy: how much the entropy of each parameter counts, beside regrets of variance 1.
        epochs: steps of an update.
        random: share of the matches that are on tasks drawn from the whole space, which do not count.
        patience: proposals to either learner after the last one of a task, beyond which it is given up when the next
            ones are made.

    Raises:
        InputError: for a missing learner, the same one twice, an unknown regret, or a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        protagonist: str,
        antagonist: str = "",
        measure: Measure = Measure(),  # noqa: B008 - frozen
        regret: Regret = "paired",
        plays: int = 2,
        batch: int = 64,
        parts: int = 10,
        rate: float = 3e-3,
        entropy: float = 0.05,
        epochs: int = 4,
        random: float = 0.1,
        patience: int = 5000,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        require_choice("paired", "regret", regret, ("paired", "flexible", "minimax"))
        if not protagonist:
            raise InputError("teacher 'paired' needs protagonist: the id of a learner")
        if (regret == "minimax") != (not antagonist):
            needs = "has no antagonist" if regret == "minimax" else "needs antagonist: the id of another learner"
            raise InputError(f"teacher 'paired': regret {regret!r} {needs}")
        if protagonist == antagonist:
            raise InputError(
                f"teacher 'paired': protagonist and antagonist must be two learners, not {protagonist!r} twice"
            )
        require_least(
            "paired", plays=(plays, 1), batch=(batch, 2), parts=(parts, 2), epochs=(epochs, 1), patience=(patience, 0)
        )
        require_share("paired", random=random)
        require_positive("paired", rate=rate)
        if not entropy >= 0.0:
            raise InputError(f"teacher 'paired': entropy must be at least 0, not {entropy}")
        self._roles = {name: role for role, name in enumerate((protagonist, antagonist)) if name}
        self._learners = list(self._roles)
        self._regret: Regret = regret
        self._plays, self._batch, self._random, self._patience = plays, batch, random, patience
        self.adversary = Adversary(space, self.rng, parts=parts, rate=rate, entropy=entropy, epochs=epochs)
        self._tasks: dict[int, _Task] = {}  # open proposals by number, the oldest first
        self._done: list[tuple[_Task, float]] = []  # with their regrets, until the next update
        self._newest = 0  # number of the next proposal
        self._next = [0, 0]  # no proposal of a lower number is left to hand out to each
        self._asked = self._updates = self._lost = 0
        self._mean = 0.0  # regret of the last batch

    def draw(self, learner: str) -> Draw:
        """Return the next proposal of the adversary for a learner, or any task."""
        role = self._roles.get(learner)
        if self.rng.random() < self._random:
            return Draw(self.rng.random(self.size), "uniform")
        self._asked += role is not None
        number = None if role is None else self._open(role)
        if number is not None and role is not None:
            task = self._tasks[number]
            task.asked[role] += 1
            task.last = self._asked
            return Draw(np.array(task.point), "adversary", note=[number, role])
        if not self._tasks:
            self._propose()
        any_of = list(self._tasks)
        return Draw(np.array(self._tasks[any_of[self.rng.integers(len(any_of))]].point), "again")

    def _open(self, role: int) -> int | None:
        """Return the number of the next proposal for a learner; None while it is too far ahead."""
        while True:
            while self._next[role] < self._newest:
                task = self._tasks.get(self._next[role])
                if task is not None and task.asked[role] < self._plays:
                    return self._next[role]
                self._next[role] += 1
            while self._tasks:
                oldest = next(iter(self._tasks))
                if self._asked - self._tasks[oldest].last <= self._patience:
                    break
                del self._tasks[oldest]
                self._lost += 1
            if len(self._tasks) > (AHEAD - 1) * self._batch:
                return None
            self._propose()

    def _propose(self) -> None:
        """Open another batch of proposals."""
        moves = self.adversary.propose(self.rng, self._batch)
        for point, noise, parts, log in zip(*(array.tolist() for array in moves), strict=True):
            self._tasks[self._newest] = _Task(point, noise, parts, log, self._asked)
            self._newest += 1

    def learn(self, told: Told) -> None:
        """Count a match of a proposal; let the adversary learn when a batch is complete."""
        if told.note is None:
            return
        number, role = told.note
        task = self._tasks.get(number)
        if task is None or told.result.learner != self._learners[role]:
            return
        task.values[role].append(told.value)
        if any(len(task.values[r]) < self._plays for r in self._roles.values()):
            return
        del self._tasks[number]
        low, high = self.meter.bounds
        own, other = ([_scaled(value, low, high) for value in values] for values in task.values)
        self._done.append((task, regret(self._regret, own, other)))
        if len(self._done) >= self._batch:
            rewards = np.array([reward for _, reward in self._done])
            self.adversary.learn(_moves([done for done, _ in self._done]), rewards)
            self._mean = float(rewards.mean())
            self._updates += 1
            self._done = []

    def own_metrics(self) -> dict[str, float]:
        """Return the mean regret of the last batch, how widely the adversary spreads its tasks, and counts."""
        return {
            "regret": self._mean,
            "spread": self.adversary.spread(),
            "updates": float(self._updates),
            "open": float(len(self._tasks)),
            "lost": float(self._lost),
        }

    def sketch(self) -> list[dict[str, Any]]:
        """Return what the adversary would propose, by chance that is always the same."""
        points = self.adversary.propose(np.random.default_rng(0), SHOWN).points
        return [{"point": point, "weight": (1.0 - self._random) / SHOWN} for point in points.tolist()]

    def own_state(self) -> dict[str, Any]:
        """Return the adversary and its proposals."""
        return {
            "adversary": self.adversary.state_dict(),
            "tasks": [[number, _saved(task)] for number, task in self._tasks.items()],
            "done": [[_saved(task), reward] for task, reward in self._done],
            "counts": [self._newest, *self._next, self._asked, self._updates, self._lost],
            "mean": self._mean,
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to an adversary and its proposals."""
        self.adversary.load_state_dict(state["adversary"])
        self._tasks = {number: _restored(task) for number, task in state["tasks"]}
        self._done = [(_restored(task), reward) for task, reward in state["done"]]
        self._newest, *self._next, self._asked, self._updates, self._lost = state["counts"]
        self._mean = state["mean"]


def regret(kind: Regret, protagonist: list[float], antagonist: list[float]) -> float:
    """Return the adversary's reward for a task; see `Paired`.

    Args:
        kind: which.
        protagonist: returns, at least one.
        antagonist: returns, at least one except for `minimax`.
    """
    if kind == "minimax":
        return -max(protagonist)
    weaker, stronger = protagonist, antagonist
    if kind == "flexible" and max(protagonist) > max(antagonist):
        weaker, stronger = antagonist, protagonist
    return max(0.0, max(stronger) - sum(weaker) / len(weaker))


def _scaled(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5


def _moves(tasks: list[_Task]) -> Moves:
    def stacked(name: str, kind: Any) -> NDArray[Any]:
        return np.array([getattr(task, name) for task in tasks], kind)

    return Moves(
        stacked("point", np.float64),
        stacked("noise", np.float32),
        stacked("parts", np.int64),
        stacked("log", np.float32),
    )


def _saved(task: _Task) -> list[Any]:
    return [task.point, task.noise, task.parts, task.log, task.last, task.asked, task.values]


def _restored(saved: list[Any]) -> _Task:
    point, noise, parts, log, last, asked, values = saved
    return _Task(point, noise, parts, log, last, list(asked), [list(v) for v in values])
