"""Payoff, exploitability and equilibrium of the disc game, in closed form.

The payoff is linear in either player's point, so a mixture of points is worth as much as their mean, and the best answer
to it is where a linear function is largest on the disc.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["equilibrium", "exploitability", "payoff", "project"]

Array = NDArray[np.float64]


def project(points: ArrayLike) -> Array:
    """Return the nearest points of the unit disc, [..., 2]."""
    given = np.asarray(points, dtype=np.float64)
    return given / np.maximum(np.linalg.norm(given, axis=-1, keepdims=True), 1.0)


def payoff(x: ArrayLike, y: ArrayLike, transitive: ArrayLike = 0.0) -> Array:
    """Return [...] what x gets against y, both [..., 2], when skill has the share `transitive` [...]."""
    a, b, share = project(x), project(y), np.asarray(transitive)
    cyclic = a[..., 1] * b[..., 0] - a[..., 0] * b[..., 1]
    return np.asarray((1.0 - share) * cyclic + share * (a[..., 0] - b[..., 0]) / 2.0)


def exploitability(points: ArrayLike, weights: ArrayLike | None = None, transitive: float = 0.0) -> float:
    """Return what the best answer gets against a mixture of points.

    Without skill this is the length of their mean. It is zero exactly at an equilibrium, as the game is symmetric and its
    value is zero; NashConv, when both players play the mixture, is twice as much.

    Args:
        points: [K, 2], or one point [2].
        weights: [K] of the mixture; equal ones by default.
        transitive: the task.
    """
    shares = None if weights is None else np.asarray(weights, dtype=np.float64)
    mean = np.average(np.atleast_2d(project(points)), axis=0, weights=shares)
    gradient = (1.0 - transitive) * np.array([-mean[1], mean[0]]) + transitive * np.array([0.5, 0.0])
    return float(np.linalg.norm(gradient) - transitive * mean[0] / 2.0)


def equilibrium(transitive: float = 0.0) -> Array:
    """Return [2] a mean that nobody can exploit.

    Up to two thirds of skill it is where nothing pays more than anything else, and any mixture with this mean will do;
    from there on, one point of the circle. (With skill alone that is (1, 0), and all others can be beaten.)
    """
    if transitive <= 2.0 / 3.0:
        return np.array([0.0, transitive / (2.0 * (1.0 - transitive))])
    height = 2.0 * (1.0 - transitive) / transitive
    return np.array([np.sqrt(1.0 - height**2), height])
