"""A search for the minimum of a function that can only be evaluated, in the unit cube."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from league.teachers.pack import pack, unpack

__all__ = ["Cma"]

Array = NDArray[np.float64]

LEAST, MOST = 1e-8, 1.0
"""Bounds of the step size."""


class Cma:
    """Covariance matrix adaptation, by Hansen, "The CMA evolution strategy: a tutorial" (arXiv 1604.00772).

    Without negative weights. Points outside of the cube are moved to its nearest point and counted as if they had been
    drawn there, so the mean never leaves it. Only the order of the values matters.

    Args:
        mean: [D], where it begins.
        step: standard deviation of the first points.

    Attributes:
        mean: [D].
    """

    def __init__(self, mean: Array, step: float) -> None:
        size = len(mean)
        self.mean, self._step = np.array(mean, dtype=np.float64), step
        self._covariance = np.eye(size)
        self._path, self._step_path = np.zeros(size), np.zeros(size)
        self._generation = 0

    def ask(self, rng: np.random.Generator, n: int) -> Array:
        """Return points [n, D] to be evaluated."""
        values, axes = self._axes()
        points = self.mean + self._step * (rng.standard_normal((n, len(self.mean))) * np.sqrt(values)) @ axes.T
        return np.clip(points, 0.0, 1.0)

    def tell(self, points: Array, values: Array) -> None:
        """Move to where the values are low; nothing is learned from fewer than four points.

        Args:
            points: [n, D], those of the last `ask` that were evaluated.
            values: [n] of these, finite.
        """
        size, n = len(self.mean), len(points)
        if n < 4:
            return
        weights = log((n + 1) / 2) - np.log(np.arange(1, n // 2 + 1))
        weights /= weights.sum()
        mass = 1.0 / (weights**2).sum()
        # learning rates and damping, by the tutorial's table 1
        c_step = (mass + 2) / (size + mass + 5)
        damping = 1 + 2 * max(0.0, sqrt((mass - 1) / (size + 1)) - 1) + c_step
        c_path = (4 + mass / size) / (size + 4 + 2 * mass / size)
        c_one = 2 / ((size + 1.3) ** 2 + mass)
        c_rank = min(1 - c_one, 2 * (mass - 2 + 1 / mass) / ((size + 2) ** 2 + mass))
        expected = sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size**2))

        best = points[np.argsort(values, kind="stable")[: len(weights)]]
        steps = (best - self.mean) / self._step
        step = weights @ steps
        self.mean = np.clip(self.mean + self._step * step, 0.0, 1.0)
        spread, axes = self._axes()
        whitened = axes @ ((axes.T @ step) / np.sqrt(spread))
        self._step_path = (1 - c_step) * self._step_path + sqrt(c_step * (2 - c_step) * mass) * whitened
        self._generation += 1
        length = float(np.linalg.norm(self._step_path))
        kept = 1 - (1 - c_step) ** (2 * self._generation)
        slow = length / sqrt(kept) < (1.4 + 2 / (size + 1)) * expected
        self._path = (1 - c_path) * self._path + slow * sqrt(c_path * (2 - c_path) * mass) * step
        forgotten = 1 - c_one - c_rank + (0.0 if slow else c_one * c_path * (2 - c_path))
        self._covariance = (
            forgotten * self._covariance
            + c_one * np.outer(self._path, self._path)
            + c_rank * (weights[:, None] * steps).T @ steps
        )
        self._step = min(max(self._step * np.exp(c_step / damping * (length / expected - 1)), LEAST), MOST)

    def _axes(self) -> tuple[Array, Array]:
        """Return variances [D] along the axes [D, D] of the covariance."""
        values, axes = np.linalg.eigh((self._covariance + self._covariance.T) / 2)
        return np.maximum(values, 1e-12), axes

    def state_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        arrays = self.mean, self._covariance, self._path, self._step_path
        return {"arrays": [pack(a) for a in arrays], "step": float(self._step), "generation": self._generation}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Cma:
        """Return the one of a state."""
        mean, covariance, path, step_path = (unpack(array) for array in state["arrays"])
        cma = cls(mean, state["step"])
        cma._covariance, cma._path, cma._step_path = covariance, path, step_path
        cma._generation = state["generation"]
        return cma
