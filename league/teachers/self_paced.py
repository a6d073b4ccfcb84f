"""Self-paced learning: from easy tasks to all of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from games import InputError, Scalar, TaskSpace
from league.teachers.checks import require_least
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure
from league.teachers.pack import pack, unpack

__all__ = ["Gaussian", "SelfPaced", "divergence"]

Array = NDArray[np.float64]

STEPS = 5
"""Natural gradient steps of an update."""
HALVINGS = 10
"""Attempts of a line search."""
HEAVIEST = 20.0
"""Importance weight above which a result does not count: it was drawn from a distribution left long ago."""
GREATEST_ALPHA = 1e5
NARROWEST = 1e-4
"""Standard deviation, as a share of the range, below which numbers are no longer exact."""


class Gaussian(NamedTuple):
    """A Gaussian over the unit cube.

    Attributes:
        mean: [D] float64.
        factor: [D, D] float64, lower triangular; the covariance is factor @ factor.T.
    """

    mean: Array
    factor: Array

    def whiten(self, points: Array) -> Array:
        """Return points [n, D] as the standard normal noise [n, D] that they would be made of."""
        return np.asarray(np.linalg.solve(self.factor, (points - self.mean).T), np.float64).T

    def log_density(self, points: Array) -> Array:
        """Return the logarithm [n] of the density at points [n, D], less the constant of its dimension."""
        return -0.5 * (self.whiten(points) ** 2).sum(axis=1) - np.log(np.diag(self.factor)).sum()


def divergence(q: Gaussian, p: Gaussian) -> float:
    """Return KL(q || p) in nats."""
    spread = np.linalg.solve(p.factor, q.factor)
    offset = np.linalg.solve(p.factor, p.mean - q.mean)
    logs = np.log(np.diag(p.factor)).sum() - np.log(np.diag(q.factor)).sum()
    return float(0.5 * ((spread**2).sum() + offset @ offset - len(offset)) + logs)


class SelfPaced(CubeTeacher):
    """Sets the tasks at which the learner is worth most, and widens their range to all of them.

    Self-paced deep reinforcement learning (Klink, D'Eramo, Peters and Pajarinen, NeurIPS 2020). Tasks are drawn from a
    Gaussian q; p is the Gaussian around the middle of the space that is meant in the end. Every so often q becomes

        argmax  E_q[V] - alpha KL(q || p)      subject to  KL(q_old || q) <= max_kl

    where the expectation is that of the latest results by importance sampling, and
    alpha = zeta max(0, mean V) / KL(q_old || p), but 0 for the first updates.

    It is solved by natural gradient with a line search as there, but for a Gaussian the natural gradient needs no conjugate
    gradients: in the coordinates a and symmetric B of N(m + L a, L exp(B) L') with L L' the covariance, the Fisher
    information at 0 is that of |a|^2 / 2 + |B|^2 / 4. The covariance stays positive definite by construction.

    V is the mean of the learner's value estimates over the match (published: its estimate for the first state), or, for a
    result without, its reward: an estimate of the same from one match. Steps of the game are not seen here, so updates come
    after a number of results.

    What differs from the published form, unless `faithful`:

    - Values are read as their place in the range of all values so far, 0 to 1. Raw values that are negative make alpha 0
      for good, and q never comes to p.
    - Values are centred before they are weighed. The sum of importance weights is not exactly their number, and a value
      that is the same everywhere would drive q to where it happened to draw.
    - A result is weighed by the Gaussian it was drawn from and the point before it was clipped to the cube, not by the
      latest Gaussian and the clipped point.
    - An update takes several steps, each with its line search inside the same constraint, not one.
    - The mean stays in the cube.
    - It begins as p, unless a start is given, and draws together where the learner is worth something before it widens.
      Published is a narrow range around a random task: where that is beyond the learner, V is 0 all over it, and it stays.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read.
        every: results between two updates.
        alpha_offset: updates in which alpha is 0.
        zeta: weight of the pull to all tasks.
        max_kl: bound of an update, in nats.
        start: the task to begin around, an easy one (parameters that are left out at their defaults); None for all tasks,
            or when faithful for a random one.
        initial_std: standard deviation to begin with around one task, as a share of each range.
        target_std: that of p.
        least_std: standard deviation that no parameter falls below, as a share of its range.
        faithful: whether to do as published.

    Raises:
        InputError: for a number out of its range, or a start that is no task.
    """

    needs_values = True

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        every: int = 250,
        alpha_offset: int = 5,
        zeta: float = 0.25,
        max_kl: float = 0.2,
        start: Mapping[str, Scalar] | None = None,
        initial_std: float = 0.1,
        target_std: float = 0.25,
        least_std: float = 0.0,
        faithful: bool = False,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        require_least("self_paced", every=(every, 2), alpha_offset=(alpha_offset, 0))
        for name, size in (
            ("zeta", zeta),
            ("max_kl", max_kl),
            ("initial_std", initial_std),
            ("target_std", target_std),
        ):
            if not (size > 0.0 and isfinite(size)):
                raise InputError(f"teacher 'self_paced': {name} must be above 0, not {size}")
        if not 0.0 <= least_std <= min(initial_std, target_std):
            raise InputError(
                f"teacher 'self_paced': least_std must be from 0 to initial_std and target_std, not {least_std}"
            )
        self.every, self.alpha_offset, self.zeta, self.max_kl = every, alpha_offset, zeta, max_kl
        self._least = max(least_std, min(NARROWEST, initial_std))
        self.faithful = faithful
        size = self.size
        self._p = self._q = Gaussian(np.full(size, 0.5), target_std * np.eye(size))
        if start is not None:
            self._q = Gaussian(space.to_unit(space.task(start)), initial_std * np.eye(size))
        elif faithful:
            self._q = Gaussian(self.rng.random(size), initial_std * np.eye(size))
        self._points = np.zeros((every, size))
        self._logs = np.zeros(every)  # log-density where they were drawn
        self._values = np.zeros(every)
        self._filled = 0
        self._range = [np.inf, -np.inf]  # of the value estimates
        self._updates = 0
        self._alpha = 0.0

    def draw(self, learner: str) -> Draw:
        """Return a task from q."""
        noise = self.rng.standard_normal(self.size)
        point = self._q.mean + self._q.factor @ noise
        log = -0.5 * float(noise @ noise) - float(np.log(np.diag(self._q.factor)).sum())
        return Draw(point, "self-paced", note=[point.tolist(), log])

    def learn(self, told: Told) -> None:
        """Keep what a task is worth, and update q when it is time."""
        point, log = told.note
        self._points[self._filled] = told.point if self.faithful else point
        self._logs[self._filled] = log
        self._values[self._filled] = self._worth(told)
        self._filled += 1
        if self._filled == self.every:
            self._filled = 0
            self._update()

    def _worth(self, told: Told) -> float:
        values = told.result.values
        if values is None or not isfinite(values.value):
            return told.reward
        if self.faithful:
            return values.value
        low, high = self._range = [min(self._range[0], values.value), max(self._range[1], values.value)]
        # by halves, for the difference of two floats may be infinite
        return (values.value / 2 - low / 2) / (high / 2 - low / 2) if high / 2 > low / 2 else 0.5

    def _update(self) -> None:
        old, values = self._q, self._values
        self._updates += 1
        mean = float(values.mean())
        pull = self.zeta * max(0.0, mean) / max(divergence(old, self._p), 1e-10)
        self._alpha = min(pull, GREATEST_ALPHA) if self._updates > self.alpha_offset and isfinite(pull) else 0.0
        if self.faithful:
            self._logs = old.log_density(self._points)
        else:
            values = values - mean
        best = self._objective(old, values)
        for _ in range(1 if self.faithful else STEPS):
            better = self._step(old, best, values)
            if better is None:
                break
            self._q, best = better

    def _objective(self, q: Gaussian, values: Array) -> float:
        weights = self._weights(q.log_density(self._points))
        return float(weights @ values) / len(values) - self._alpha * divergence(q, self._p)

    def _weights(self, logs: Array) -> Array:
        ratios = logs - self._logs
        return np.where(ratios <= np.log(HEAVIEST), np.exp(np.minimum(ratios, np.log(HEAVIEST))), 0.0)

    def _step(self, old: Gaussian, best: float, values: Array) -> tuple[Gaussian, float] | None:
        """Return what a step of natural gradient comes to and its objective; None when no length of it is better."""
        q, p, size = self._q, self._p, self.size
        noise = q.whiten(self._points)
        weights = self._weights(q.log_density(self._points)) * values / len(values)
        spread = np.linalg.solve(p.factor, q.factor)
        a = weights @ noise - self._alpha * (spread.T @ np.linalg.solve(p.factor, q.mean - p.mean))
        # twice the gradient: the inverse of the Fisher information of B
        b = noise.T @ (weights[:, None] * noise) - weights.sum() * np.eye(size)
        b -= self._alpha * (spread.T @ spread - np.eye(size))
        length = 0.5 * (a @ a) + 0.25 * (b**2).sum()
        if not (isfinite(length) and length > 0.0):
            return None
        scales, axes = np.linalg.eigh(b)
        step = np.sqrt(self.max_kl / length)  # to where the constraint is, to second order
        for _ in range(HALVINGS):
            factor = q.factor @ (axes * np.exp(np.clip(0.5 * step * scales, -20.0, 20.0)))
            candidate = self._inside(q.mean + step * (q.factor @ a), factor)
            if divergence(old, candidate) <= self.max_kl:
                objective = self._objective(candidate, values)
                if objective > best:
                    return candidate, objective
            step *= 0.5
        return None

    def _inside(self, mean: Array, factor: Array) -> Gaussian:
        """Return a Gaussian from its mean and any factor of its covariance, kept in its bounds."""
        widths = np.sqrt((factor**2).sum(axis=1))
        factor = factor * np.maximum(self._least / widths, 1.0)[:, None]
        upper = np.asarray(np.linalg.qr(factor.T, mode="r"))
        upper *= np.where(np.diag(upper) < 0.0, -1.0, 1.0)[:, None]
        np.fill_diagonal(upper, np.maximum(np.diag(upper), 1e-2 * NARROWEST))  # two parameters that nearly move as one
        lower = np.ascontiguousarray(upper.T)  # products of another layout round otherwise, after a resume
        return Gaussian(mean if self.faithful else np.clip(mean, 0.0, 1.0), lower)

    def own_metrics(self) -> dict[str, float]:
        """Return the updates, how far q is from p, the weight of the pull, and the mean width of q."""
        if not self.size:
            return {}
        return {
            "updates": float(self._updates),
            "alpha": self._alpha,
            "divergence": divergence(self._q, self._p),
            "std": float(np.sqrt((self._q.factor**2).sum(axis=1)).mean()),
        }

    def sketch(self) -> list[dict[str, Any]]:
        """Return the ellipse of q."""
        q = self._q
        return [{"mean": q.mean.tolist(), "covariance": (q.factor @ q.factor.T).tolist(), "weight": 1.0}]

    def own_state(self) -> dict[str, Any]:
        """Return q, and the results that wait for the next update."""
        n = self._filled
        return {
            "q": [pack(array) for array in self._q],
            "points": pack(self._points[:n]),
            "logs": pack(self._logs[:n]),
            "values": pack(self._values[:n]),
            "range": self._range if self._range[0] <= self._range[1] else None,
            "updates": self._updates,
            "alpha": self._alpha,
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to q and results."""
        self._q = Gaussian(*map(unpack, state["q"]))
        values = unpack(state["values"])
        n = self._filled = len(values)
        self._points[:n], self._logs[:n], self._values[:n] = unpack(state["points"]), unpack(state["logs"]), values
        self._range = list(state["range"] or [np.inf, -np.inf])
        self._updates, self._alpha = state["updates"], state["alpha"]
