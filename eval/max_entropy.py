"""The one distribution to pick when many would do: the most spread-out among those that meet linear conditions.

Equilibria of zero-sum games and coarse correlated equilibria are such sets, and seldom single points: clones alone make
them wide. The point of maximum entropy is unique, treats clones alike, and does not depend on the order of the actions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from eval.linear import linear_program

__all__ = ["max_entropy"]

Array = NDArray[np.float64]

_NOTHING = 1e-6  # conditions as small as this beside the largest do not count
_LARGEST = 1e5  # an entry whose share of another stays below the inverse counts as zero
_SAME = 1e-9  # relative singular values below it belong to conditions that say the same
_PRECISION = 1e-11  # of the conditions and of the slope of the entropy
_GAP = 1e-15  # of complementary slackness
_ITERATIONS = 200
_MET = 1e-9  # excess up to which a condition is met
_EASED = 1e-10  # room that the slow way gives every condition, and the last weight of its barrier
_ENDLESS = 1e12  # multipliers beyond it say that there is no solution
_INFEASIBLE = 1e-4  # excess from which on there is no solution, or none that could be told from rounding


def max_entropy(conditions: ArrayLike) -> Array:
    """Return the p that maximises the entropy -sum p log p among the distributions with conditions @ p <= 0.

    First one linear program finds which entries of p can be positive and which conditions can be slack. What is left is
    a smooth concave problem with a point inside, which a primal-dual interior-point method solves (Boyd and
    Vandenberghe, "Convex Optimization", 2004, section 11.7) in a few linear systems of m equations.

    Where differences are neither ties nor clear, about 1e-9 to 1e-5 of the largest entry of a condition, the program may
    err. That shows in the result, and then the dual problem with all conditions eased by 1e-10 is solved instead, which
    has no such edge, is slower, and exact to about 1e-5.

    Args:
        conditions: [m, n]; m may be 0. Rows without an entry above 1e-6 of the largest of all are ignored.

    Returns:
        [n] float64, zero where every solution is.

    Raises:
        ValueError: when no distribution meets the conditions, or for entries that are not finite.
    """
    g = np.array(conditions, dtype=np.float64)
    if g.ndim != 2 or g.shape[1] == 0 or not np.all(np.isfinite(g)):
        raise ValueError(f"conditions must be finite numbers [m, n] with n at least 1, not of shape {g.shape}")
    size = np.abs(g).max(axis=1)
    told = size > _NOTHING * size.max(initial=0.0)
    g = g[told] / size[told, None]
    if not len(g):
        return np.full(g.shape[1], 1.0 / g.shape[1])
    p = _by_support(g)
    if p is None:
        p = _eased(g)
        if np.max(g @ p) > _INFEASIBLE:
            raise ValueError("no distribution meets the conditions")
    return p


def _by_support(g: Array) -> Array | None:
    """Return the solution by way of its support, or None where that fails."""
    found = _relative_interior(g)
    if found is None:
        return None
    inside, slack = found
    support = inside > 0
    always = np.vstack([np.ones(np.count_nonzero(support)), g[~slack][:, support]])
    spread = _spread(inside[support], always, g[slack][:, support])
    if spread is None:
        return None
    p = np.zeros(g.shape[1])
    p[support] = spread
    return p if np.max(g @ p) < _MET else None


def _relative_interior(g: Array) -> tuple[Array, NDArray[np.bool_]] | None:
    """Return [n] a solution with as many positive entries as any has, and [m] which conditions it meets with room to spare.

    As solutions of g q <= 0 may be added and stretched, all that can be positive can be at least 1 in one of them. So
    q is split into a part that counts, at most 1 an entry, and the rest; and likewise the room that is left.
    """
    m, n = g.shape
    gain = np.concatenate([np.ones(n), np.zeros(n), np.ones(m)])
    upper = np.concatenate([np.ones(n), np.full(n, _LARGEST), np.ones(m)])
    bounds = np.column_stack([np.zeros(2 * n + m), upper])
    try:
        found = linear_program(-gain, A_ub=np.hstack([g, g, np.eye(m)]), b_ub=np.zeros(m), bounds=bounds).x
    except ValueError:
        return None
    q = np.where(found[:n] > 0.5, found[:n] + found[n : 2 * n], 0.0)
    return (q / q.sum(), found[2 * n :] > 0.5) if q.any() else None


def _spread(p: Array, always: Array, below: Array) -> Array | None:
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
            return p / p.sum()
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
        if not np.all(p > 0.0):
            return None
    return None


def _furthest(value: Array, change: Array) -> float:
    """Return how much of a change, up to all of it, keeps positive numbers positive."""
    falling = change < 0
    return min(1.0, 0.99 * float(np.min(-value[falling] / change[falling], initial=np.inf)))


def _eased(g: Array) -> Array:
    """Return the p of maximum entropy with g @ p <= _EASED.

    By the dual: p is proportional to exp(-z @ g), and the multipliers z minimise a convex function. A logarithmic barrier
    keeps them positive; its weight falls in steps, each followed by Newton's method in log z.
    """
    m = len(g)
    z, weight = np.ones(m), 1.0
    p = _softmax(-z @ g)
    while weight > _EASED:
        weight /= 10.0
        for _ in range(25):
            mean = g @ p
            slope = z * (_EASED - mean) - weight
            curve = z[:, None] * ((g * p) @ g.T - np.outer(mean, mean)) * z
            curve[np.diag_indices(m)] += weight
            scale = 1.0 / np.sqrt(np.diag(curve))
            try:
                factor = cho_factor(scale[:, None] * curve * scale + 1e-14 * np.eye(m))
            except LinAlgError:
                break
            step = -scale * cho_solve(factor, scale * slope)
            descent = -float(slope @ step)
            if descent < 0.01 * weight:
                break
            length = min(1.0, 0.95 / max(-step.min(), 1e-300))
            for _ in range(30):  # halve until the function no longer climbs steeply at the end
                ahead = z * (1.0 + length * step)
                p = _softmax(-ahead @ g)
                if float((z * step) @ (_EASED - g @ p - weight / ahead)) <= 0.5 * descent:
                    break
                length /= 2.0
            if ahead.max() > _ENDLESS:
                break
            z = ahead
    p[p < 1e-7] = 0.0
    return p / p.sum()


def _softmax(x: Array) -> Array:
    likely = np.exp(x - x.max())
    return likely / likely.sum()
