"""The one distribution to pick when many would do: the most spread-out among those that meet linear conditions.

Equilibria of zero-sum games and coarse correlated equilibria are such sets, and seldom single points: clones alone make
them wide. The point of maximum entropy is unique, treats clones alike, and does not depend on the order of the actions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.linear import linear_program

__all__ = ["max_entropy"]

Array = NDArray[np.float64]

_LARGEST = 1e6  # an entry that cannot exceed the inverse of this share of another counts as zero
_SAME = 1e-9  # relative singular values below it belong to conditions that say the same
_PRECISION = 1e-11  # of the conditions and of the slope of the entropy
_GAP = 1e-15  # of complementary slackness
_ITERATIONS = 200


def max_entropy(conditions: ArrayLike) -> Array:
    """Return the p that maximises the entropy -sum p log p among the distributions with conditions @ p <= 0.

    First one linear program finds which entries of p can be positive and which conditions can be slack. What is left is
    a smooth concave problem with a point inside, which a primal-dual interior-point method solves (Boyd and
    Vandenberghe, "Convex Optimization", 2004, section 11.7) in a few linear systems of m equations.

    Differences below about 1e-7 of the largest entry of a condition are taken for ties.

    Args:
        conditions: [m, n]; m may be 0.

    Returns:
        [n] float64, zero exactly where every solution is.

    Raises:
        ValueError: when no distribution meets the conditions, or for entries that are not finite.
    """
    g = np.array(conditions, dtype=np.float64)
    if g.ndim != 2 or g.shape[1] == 0 or not np.all(np.isfinite(g)):
        raise ValueError(f"conditions must be finite numbers [m, n] with n at least 1, not of shape {g.shape}")
    size = np.abs(g).max(axis=1)
    g = g[size > 0] / size[size > 0, None]
    inside, slack = _relative_interior(g)
    support = inside > 0
    p = np.zeros(g.shape[1])
    always = np.vstack([np.ones(np.count_nonzero(support)), g[~slack][:, support]])
    p[support] = _spread(inside[support], always, g[slack][:, support])
    return p


def _relative_interior(g: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return [n] a solution with as many positive entries as any has, and [m] which conditions it meets with room to spare.

    As solutions of g q <= 0 may be added and stretched, all that can be positive can be at least 1 in one of them. So
    q is split into a part that counts, at most 1 an entry, and the rest; and likewise the room that is left.
    """
    m, n = g.shape
    gain = np.concatenate([np.ones(n), np.zeros(n), np.ones(m)])
    upper = np.concatenate([np.ones(n), np.full(n, _LARGEST), np.ones(m)])
    bounds = np.column_stack([np.zeros(2 * n + m), upper])
    found = linear_program(-gain, A_ub=np.hstack([g, g, np.eye(m)]), b_ub=np.zeros(m), bounds=bounds)
    positive = found.x[:n] > 0.5
    if not positive.any():
        raise ValueError("no distribution meets the conditions")
    q = np.where(positive, found.x[:n] + found.x[n : 2 * n], 0.0)
    return q / q.sum(), found.x[2 * n :] > 0.5


def _spread(p: Array, always: Array, below: Array) -> Array:
    """Return the p of maximum entropy with always @ p = (1, 0, 0, ...) and below @ p <= 0, from a p inside."""
    base, singular, right = np.linalg.svd(always, full_matrices=False)
    kept = singular > _SAME * singular[0]
    target = base[0, kept] / singular[kept]
    rows = np.vstack([right[kept], below])
    e, m = len(target), len(below)
    y = np.concatenate([np.zeros(e), np.ones(m)])  # multipliers
    room = np.maximum(-below @ p, 1e-12)
    for _ in range(_ITERATIONS):
        z = y[e:]
        gap = float(room @ z) / max(m, 1)
        slope = np.log(p) + 1.0 + rows.T @ y
        off = np.concatenate([rows[:e] @ p - target, below @ p + room])
        if max(np.abs(off).max(), np.abs(slope).max()) < _PRECISION and gap < _GAP:
            break
        # Newton's step towards a tenth of the gap; the curvature of the entropy is diagonal, so p is eliminated
        weighted = rows * p
        system = weighted @ rows.T
        system[range(e, e + m), range(e, e + m)] += room / z
        right_side = off - weighted @ slope
        right_side[e:] += 0.1 * gap / z - room
        scale = 1.0 / np.sqrt(np.diag(system))
        dy = scale * np.linalg.lstsq(scale[:, None] * system * scale, scale * right_side, rcond=1e-14)[0]
        dp = -p * (slope + rows.T @ dy)
        droom = 0.1 * gap / z - room - room / z * dy[e:]
        length = min(_furthest(p, dp), _furthest(z, dy[e:]), _furthest(room, droom))
        p, y, room = p + length * dp, y + length * dy, room + length * droom
    return p / p.sum()


def _furthest(value: Array, change: Array) -> float:
    """Return how much of a change, up to all of it, keeps positive numbers positive."""
    falling = change < 0
    return min(1.0, 0.99 * float(np.min(-value[falling] / change[falling], initial=np.inf)))
