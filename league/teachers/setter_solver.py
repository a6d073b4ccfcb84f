"""Setter-solver: a network sets tasks of any difficulty that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from games import TaskSpace
from league.teachers.checks import require_least, require_share
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.flow import Flow
from league.teachers.measure import Measure
from league.teachers.networks import Trained, mlp, tensor
from league.teachers.pack import pack, unpack
from league.teachers.teacher import SHOWN

__all__ = ["SetterSolver"]

Array = NDArray[np.float64]

BATCH = 64
"""Tasks of a training step, and tasks that are set at once."""
LEAST = 1e-8
"""Least feasibility that is asked for."""
FURTHEST = 4.0
"""Log-odds of the extreme feasibilities: 0.018 and 0.982."""
JUDGE_RATE, SETTER_RATE, PUBLISHED_RATE = 3e-3, 5e-3, 3e-4
"""Learning rates: the published one is that of both."""


class SetterSolver(CubeTeacher):
    """Learns to set tasks of any difficulty asked for, and asks for all of them evenly.

    Racaniere, Lampinen, Santoro, Reichert, Firoiu and Lillicrap, "Automated curricula through setter-solver interactions"
    (ICLR 2020, arXiv 1909.12892). A judge J learns the log-odds of success from results. A setter S, a flow with a density
    (`Flow`), makes a task of noise and a feasibility f, drawn evenly from 0 to 1, and learns from three losses:

        validity       - log p(g + noise | f) of tasks g that were solved
        feasibility    (J(S(z, f)) - log-odds of f)^2
        coverage       log p(S(z, f) | f), so that tasks differ

    Their paper weighs validity by new values of f; here, as in the shipped code, f is the one that the task was set for.

    What differs from the published form, unless `faithful`:

    - Judge and setter learn in several small steps from random ones of the last `window` results, not in one step from the
      results since the last training. The setter is smaller: 4 couplings of 64 units for 9 of 128-128-128. Rates are higher.
    - Log-odds of f are bounded: those of 1e-8 outweigh all others.
    - Some tasks are uniform, so that the judge hears of tasks that the setter does not set.
    - Noise around solved tasks is as often below as above them; published is above alone.

    A batch without a success has no validity loss (the shipped code takes the mean of nothing, and all weights become NaN).
    Published couplings have highway networks, and their order differs; ours are plain ones in either form.

    Args:
        space: the game's task space.
        seed: of its draws and networks.
        measure: how results are read; `Measure.success_above` says what a success is where the game does not.
        every: results between two trainings.
        window: results that are trained on; as many as `every` when faithful.
        judge_steps: of the judge in a training; 1 when faithful.
        setter_steps: of the setter in a training; 1 when faithful.
        random: share of tasks drawn uniformly; 0 when faithful.
        noise: greatest distance between a solved task and the point that counts as valid, as a share of each range.
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
        every: int = 100,
        window: int | None = None,
        judge_steps: int | None = None,
        setter_steps: int | None = None,
        random: float | None = None,
        noise: float = 0.05,
        faithful: bool = False,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        window = window if window is not None else (every if faithful else 10 * every)
        self.judge_steps = judge_steps if judge_steps is not None else (1 if faithful else 5)
        self.setter_steps = setter_steps if setter_steps is not None else (1 if faithful else 2)
        self.random = random if random is not None else (0.0 if faithful else 0.1)
        require_least(
            "setter_solver",
            every=(every, 1),
            window=(window, every),
            judge_steps=(self.judge_steps, 1),
            setter_steps=(self.setter_steps, 1),
        )
        require_share("setter_solver", random=self.random, noise=noise)
        self.every, self.noise, self.faithful = every, noise, faithful
        size = max(self.size, 1)  # of the networks; without parameters none is used
        judge, setter = (PUBLISHED_RATE, PUBLISHED_RATE) if faithful else (JUDGE_RATE, SETTER_RATE)
        self._judge = Trained(mlp([size, 64, 64, 64, 1], self.rng), judge)
        self._flow = Flow(size, 9 if faithful else 4, (128,) * 3 if faithful else (64,), self.rng)
        self._setter = Trained(self._flow, setter)
        self._points = np.zeros((window, self.size))
        self._successes = np.zeros(window)
        self._asked = np.zeros(window)  # feasibilities
        self._count = 0  # results so far
        self._fresh = np.zeros((0, self.size + 1))  # set and not yet played, with the feasibility before each

    def draw(self, learner: str) -> Draw:
        """Return a task that the setter sets, or any task."""
        if self.random and self.rng.random() < self.random:
            return Draw(self.rng.random(self.size), "uniform", note=self.rng.random())
        if not len(self._fresh):
            asked = self._feasibilities()
            with torch.no_grad():
                points, _ = self._flow(self._noise(), tensor(asked))
            self._fresh = np.hstack([asked, points.numpy().astype(np.float64)])
        row, self._fresh = self._fresh[-1], self._fresh[:-1]
        return Draw(row[1:], "set", note=float(row[0]))

    def learn(self, told: Told) -> None:
        """Keep a result, and train when there are enough new ones."""
        place = self._count % len(self._points)
        self._points[place], self._asked[place] = told.point, told.note
        self._successes[place] = self.meter.success(told.result)
        self._count += 1
        if self._count % self.every == 0:
            self._train()

    def _noise(self) -> Tensor:
        return tensor(self.rng.standard_normal((BATCH, self.size)))

    def _feasibilities(self) -> Array:
        return self.rng.uniform(LEAST, 1.0, (BATCH, 1))

    def _chosen(self) -> NDArray[np.int64]:
        """Return which results a step learns from."""
        n = min(self._count, len(self._points))
        return np.arange(n) if self.faithful else self.rng.integers(n, size=BATCH)

    def _train(self) -> None:
        judge = self._judge.module
        for _ in range(self.judge_steps):
            rows = self._chosen()
            odds = judge(2.0 * tensor(self._points[rows]) - 1.0).squeeze(1)
            self._judge.step(functional.binary_cross_entropy_with_logits(odds, tensor(self._successes[rows])))
        for _ in range(self.setter_steps):
            self._setter.step(self._loss(self._chosen()))
        self._fresh = self._fresh[:0]

    def _loss(self, rows: NDArray[np.int64]) -> Tensor:
        """Return what the setter learns from: validity, feasibility and coverage."""
        asked = tensor(self._feasibilities())
        points, logs = self._flow(self._noise(), asked)
        wanted = torch.logit(asked, eps=LEAST)  # 1 itself may come of rounding
        if not self.faithful:
            wanted = wanted.clamp(-FURTHEST, FURTHEST)
        loss: Tensor = (self._judge.module(2.0 * points - 1.0) - wanted).square().mean() + logs.mean()
        weights = self._successes[rows]
        if weights.sum() > 0.0:
            shift = self.rng.uniform(0.0 if self.faithful else -self.noise, self.noise, (len(rows), self.size))
            near = tensor(np.clip(self._points[rows] + shift, 0.0, 1.0))
            _, logs = self._flow.infer(near, tensor(self._asked[rows, None]))
            loss = loss - (tensor(weights / weights.sum()) * logs).sum()
        return loss

    def own_metrics(self) -> dict[str, float]:
        """Return the share of successes among the latest results, and how far they were from what was asked for."""
        n = min(self._count, len(self._points))
        if not n:
            return {}
        rate, asked = float(self._successes[:n].mean()), float(self._asked[:n].mean())
        return {"success": rate, "asked_feasibility": asked}

    def sketch(self) -> list[dict[str, Any]]:
        """Return the tasks that will be set next."""
        shown = self._fresh[-SHOWN:, 1:]
        return [{"point": point.tolist(), "weight": (1.0 - self.random) / len(shown)} for point in shown]

    def own_state(self) -> dict[str, Any]:
        """Return the networks, the results they learn from, and the tasks that are to be set next."""
        n = min(self._count, len(self._points))
        return {
            "judge": self._judge.state_dict(),
            "setter": self._setter.state_dict(),
            "points": pack(self._points[:n]),
            "successes": pack(self._successes[:n]),
            "asked": pack(self._asked[:n]),
            "count": self._count,
            "fresh": pack(self._fresh),
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to networks and results."""
        self._judge.load_state_dict(state["judge"])
        self._setter.load_state_dict(state["setter"])
        points = unpack(state["points"])
        n = len(points)
        self._points[:n], self._successes[:n] = points, unpack(state["successes"])
        self._asked[:n], self._count = unpack(state["asked"]), state["count"]
        self._fresh = unpack(state["fresh"])
