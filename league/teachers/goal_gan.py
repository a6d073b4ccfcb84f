"""GoalGAN: an adversarial network makes tasks of intermediate difficulty."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from math import isfinite, sqrt
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from games import InputError, TaskSpace
from league.teachers.checks import require_least, require_share
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure
from league.teachers.networks import Trained, mlp, tensor
from league.teachers.pack import pack, unpack
from league.teachers.teacher import SHOWN

__all__ = ["GoalGAN"]

Array = NDArray[np.float64]

BATCH = 64
"""Tasks of a training step, and tasks that are generated at once."""
PENDING = 4_096
"""Tasks that may wait for results; the oldest are given up."""
ARCHIVE = 1_000
"""Mastered tasks that are remembered; beyond, the oldest are replaced."""
APART = 0.01
"""Least distance between two of them, as a share of the cube's diagonal."""
RATE = 1e-3
"""Learning rate of both networks."""
SPREAD = 1.6
"""Standard deviation of the noise whose logistic function is nearest to uniform."""


class GoalGAN(CubeTeacher):
    """Learns to generate tasks that the learner solves sometimes, neither never nor always.

    Florensa, Held, Geng and Abbeel, "Automatic goal generation for reinforcement learning agents" (ICML 2018). Each new task
    is played several times and labelled: good, if its mean success lies between two bounds. A least-squares GAN learns from
    the labels (their equations 4 and 5, with a = -1, b = 1, c = 0): the discriminator gives 1 to good tasks and -1 to others
    and to generated ones, the generator makes tasks to which it gives 0. Tasks whose success is above the upper bound are
    mastered; some of them are set again, so that they are not forgotten.

    What differs from the published form, unless `faithful`:

    - Until the first training tasks are uniform, and some are ever after: a generator whose tasks are all too hard or all
      too easy has nothing to learn from.
    - The generator adds what it learned to its noise before both are squashed, and so begins nearly uniform. Published is a
      plain network, which begins in a small region.
    - Smaller networks (64-64 for 256-256 and 128-128) are trained in fewer steps, on random ones of the last `window`
      labelled tasks, not on those of the last batch alone.

    Both networks are trained by RMSprop as in the shipped code: Adam, tried in its place, kept to fewer kinds of good tasks.

    The shipped code scales tasks to half the range in which the generator makes them, so that many lie outside of the space
    and are clipped; and it finds a task's results by the bytes of the task. Neither is done here.

    Args:
        space: the game's task space.
        seed: of its draws and networks.
        measure: how results are read; `Measure.success_above` says what a success is where the game does not.
        update_size: labelled tasks between two trainings.
        window: labelled tasks that are trained on; as many as `update_size` when faithful.
        n_rollouts: results that make a label.
        low: mean success from which a task is good.
        high: mean success up to which it is; above, it is mastered.
        p_old: share of new tasks that are taken from the mastered ones.
        random: share of new tasks drawn uniformly; 0 when faithful.
        noise: standard deviation that is added to generated and mastered tasks, as a share of each range.
        iterations: steps of both networks in a training; 250 when faithful.
        faithful: whether to do as published.

    Raises:
        InputError: for a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        update_size: int = 100,
        window: int | None = None,
        n_rollouts: int = 2,
        low: float = 0.25,
        high: float = 0.75,
        p_old: float = 0.1,
        random: float | None = None,
        noise: float = 0.1,
        iterations: int | None = None,
        faithful: bool = False,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        self.random = random if random is not None else (0.0 if faithful else 0.1)
        self.iterations = iterations if iterations is not None else (250 if faithful else 20)
        window = window if window is not None else (update_size if faithful else 3 * update_size)
        require_least(
            "goal_gan",
            update_size=(update_size, 1),
            window=(window, update_size),
            n_rollouts=(n_rollouts, 1),
            iterations=(self.iterations, 1),
        )
        if not 0.0 <= low < high <= 1.0:
            raise InputError(f"teacher 'goal_gan': low must be below high, both from 0 to 1, not {low} and {high}")
        require_share("goal_gan", p_old=p_old, random=self.random)
        if not (noise >= 0.0 and isfinite(noise)):
            raise InputError(f"teacher 'goal_gan': noise must be at least 0, not {noise}")
        self.update_size, self.n_rollouts, self.low, self.high = update_size, n_rollouts, low, high
        self.p_old, self.noise, self.faithful = p_old, noise, faithful
        size = max(self.size, 1)  # of the networks; without parameters none is used
        g, d = (256, 128) if faithful else (64, 64)
        self._generator = Trained(mlp([size, g, g, size], self.rng), RATE, rms=True)
        self._discriminator = Trained(mlp([size, d, d, 1], self.rng, leak=0.2), RATE, rms=True)
        self._trainings = 0
        self._tasks = 0  # new ones so far
        self._queue: deque[tuple[list[float], str, int]] = deque()  # to be played again: point, origin, number
        self._pending: dict[int, tuple[float, int]] = {}  # number of a task -> sum of successes, results
        self._points = np.zeros((window, self.size))
        self._good = np.zeros(window)
        self._labelled = 0
        self._mastered = np.zeros((ARCHIVE, self.size))
        self._archived = 0
        self._fresh = np.zeros((0, self.size))  # generated and not yet set

    def draw(self, learner: str) -> Draw:
        """Return a task that is to be played again, or a new one."""
        if self._queue:
            again, origin, number = self._queue.popleft()
            return Draw(np.array(again), origin, note=number)
        if self._archived and self.rng.random() < self.p_old:
            chosen = self.rng.integers(min(self._archived, ARCHIVE))
            return Draw(self._shaken(self._mastered[chosen]), "mastered")
        if not (self._trainings or self.faithful):
            origin, point = "bootstrap", self.rng.random(self.size)
        elif self.random and self.rng.random() < self.random:
            origin, point = "uniform", self.rng.random(self.size)
        else:
            origin, point = "generated", self._shaken(self._next())
        point = np.clip(point, 0.0, 1.0)
        number = self._tasks
        self._tasks += 1
        self._pending[number] = (0.0, 0)
        if len(self._pending) > PENDING:
            del self._pending[next(iter(self._pending))]
        self._queue.extend([(point.tolist(), origin, number)] * (self.n_rollouts - 1))
        return Draw(point, origin, note=number)

    def learn(self, told: Told) -> None:
        """Label a task when enough results of it are there, and train when enough tasks are labelled."""
        if told.note not in self._pending:
            return
        successes, results = self._pending[told.note]
        successes, results = successes + self.meter.success(told.result), results + 1
        self._pending[told.note] = (successes, results)
        if results < self.n_rollouts:
            return
        del self._pending[told.note]
        mean = successes / results
        place = self._labelled % len(self._points)
        self._points[place], self._good[place] = told.point, self.low <= mean <= self.high
        self._labelled += 1
        if mean > self.high:
            self._archive(told.point)
        if self._labelled % self.update_size == 0:
            self._train()

    def _shaken(self, point: Array) -> Array:
        return point + self.noise * self.rng.standard_normal(self.size)

    def _archive(self, point: Array) -> None:
        known = self._mastered[: min(self._archived, ARCHIVE)]
        if not len(known) or ((known - point) ** 2).sum(axis=1).min() > (APART * sqrt(self.size)) ** 2:
            self._mastered[self._archived % ARCHIVE] = point
            self._archived += 1

    def _next(self) -> Array:
        """Return a generated task, and generate some when there is none."""
        if not len(self._fresh):
            with torch.no_grad():
                self._fresh = 0.5 + 0.5 * self._generate(self._noise()).numpy().astype(np.float64)
        point, self._fresh = self._fresh[-1], self._fresh[:-1]
        return point

    def _noise(self) -> Tensor:
        return tensor(self.rng.standard_normal((BATCH, self.size)))

    def _generate(self, noise: Tensor) -> Tensor:
        """Return tasks scaled to -1 to 1."""
        out: Tensor = self._generator.module(noise)
        # half: tanh(x / 2) is the logistic function scaled to -1 to 1
        return torch.tanh(out if self.faithful else out + (0.5 * SPREAD) * noise)

    def _train(self) -> None:
        n = min(self._labelled, len(self._points))
        if not self._good[:n].any():
            return
        tasks, labels = tensor(2.0 * self._points[:n] - 1.0), tensor(2.0 * self._good[:n] - 1.0)
        judge = self._discriminator.module
        for _ in range(self.iterations):
            chosen = torch.tensor(self.rng.integers(n, size=min(BATCH, n)))
            noise = self._noise()
            with torch.no_grad():
                generated = self._generate(noise)
            targets = torch.cat([labels[chosen], torch.full((BATCH,), -1.0)])
            given = judge(torch.cat([tasks[chosen], generated])).squeeze(1)
            self._discriminator.step((given - targets).square().mean())
            self._generator.step(judge(self._generate(noise)).square().mean())
        self._trainings += 1
        self._fresh = self._fresh[:0]

    def own_metrics(self) -> dict[str, float]:
        """Return the trainings, the share of good ones among the latest labelled tasks, and the mastered tasks known."""
        figures = {"trainings": float(self._trainings), "archived": float(min(self._archived, ARCHIVE))}
        if self._labelled:
            figures["good"] = float(self._good[: min(self._labelled, len(self._good))].mean())
        return figures

    def sketch(self) -> list[dict[str, Any]]:
        """Return the generated tasks that will be set next."""
        shown = self._fresh[-SHOWN:]
        weight = (1.0 - self.random) * (1.0 - (self.p_old if self._archived else 0.0)) / max(len(shown), 1)
        return [{"point": point.tolist(), "weight": weight} for point in shown]

    def own_state(self) -> dict[str, Any]:
        """Return the networks, the tasks that wait, the labelled and the mastered ones."""
        return {
            "gan_generator": self._generator.state_dict(),
            "discriminator": self._discriminator.state_dict(),
            "trainings": self._trainings,
            "tasks": self._tasks,
            "queue": [list(entry) for entry in self._queue],
            "pending": [[number, *counts] for number, counts in self._pending.items()],
            "points": pack(self._points[: self._labelled]),
            "good": pack(self._good[: self._labelled]),
            "labelled": self._labelled,
            "mastered": pack(self._mastered[: self._archived]),
            "archived": self._archived,
            "fresh": pack(self._fresh),
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to networks and tasks."""
        self._generator.load_state_dict(state["gan_generator"])
        self._discriminator.load_state_dict(state["discriminator"])
        self._trainings, self._tasks = state["trainings"], state["tasks"]
        self._queue = deque((point, origin, number) for point, origin, number in state["queue"])
        self._pending = {number: (successes, results) for number, successes, results in state["pending"]}
        points, mastered = unpack(state["points"]), unpack(state["mastered"])
        self._points[: len(points)], self._good[: len(points)] = points, unpack(state["good"])
        self._mastered[: len(mastered)] = mastered
        self._labelled, self._archived = state["labelled"], state["archived"]
        self._fresh = unpack(state["fresh"])
