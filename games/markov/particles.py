"""The physics that our particle games share: five actions, soft contacts, damped motion.

Points of unit mass move in a plane without walls, as in the multi-agent particle environments (Lowe et al., "Multi-agent
actor-critic for mixed cooperative-competitive environments", NeurIPS 2017). A step takes forces from the positions before
it, damps the velocity, adds the forces, and then moves. (Some reissues of those environments move first and damp then;
their trajectories lag ours by a step.)

These functions are inlined into the kernels of a game. Arrays of bodies are [B, S, 2], of which world b has `count`; `force`
[S, 2] is scratch for one world. A step is `drive` for each body, `repel`, `integrate`.
"""

from __future__ import annotations

import math

from numba import njit
from numpy.typing import NDArray

__all__ = ["ACTIONS", "DAMPING", "DT", "MARGIN", "NEAR", "STIFFNESS", "drive", "integrate", "push", "repel"]

DT = 0.1
DAMPING = 0.25
STIFFNESS = 100.0
MARGIN = 1e-3
NEAR = 40 * MARGIN
ACTIONS = 5
"""0 nothing, 1 towards +x, 2 towards -x, 3 towards +y, 4 towards -y."""


@njit(inline="always")
def push(squared: float, reach: float) -> float:
    """Return the contact force between two bodies per unit of their displacement.

    The force on a body at distance d from another one is `STIFFNESS * MARGIN * log(1 + exp((reach - d) / MARGIN))`, away from
    it. Forty margins inside `reach` the soft part is below the rounding of the rest. Forty margins outside the whole force
    is dropped, which is less than `STIFFNESS * MARGIN * exp(-40)` = 4.3e-19 per neighbour, or 4.3e-21 of position a step,
    where rounding a position of order 1 costs 1.1e-16. Two bodies on one spot do not push each other, for lack of a
    direction.

    Args:
        squared: squared distance of the two centres.
        reach: sum of the two radii.
    """
    if squared >= (reach + NEAR) * (reach + NEAR) or squared == 0.0:
        return 0.0
    distance = math.sqrt(squared)
    depth = (reach - distance) / MARGIN
    if depth < NEAR / MARGIN:
        depth = max(depth, 0.0) + math.log1p(math.exp(-abs(depth)))
    return STIFFNESS * MARGIN * depth / distance


@njit(inline="always")
def drive(action: int, strength: float) -> tuple[float, float]:
    """Return the force (x, y) of an action, 0 .. 4. There are no branches: nobody can guess what an agent does."""
    x = ((action == 1) - (action == 2)) * strength
    y = ((action == 3) - (action == 4)) * strength
    return x, y


@njit(inline="always")
def repel(position: NDArray, b: int, count: int, radius: float, force: NDArray) -> None:
    """Add to `force` the contacts between all bodies of world b, which have one radius."""
    for i in range(count):
        x, y = position[b, i, 0], position[b, i, 1]
        for j in range(i + 1, count):
            dx, dy = x - position[b, j, 0], y - position[b, j, 1]
            factor = push(dx * dx + dy * dy, 2 * radius)
            if factor != 0.0:
                force[i, 0] += factor * dx
                force[i, 1] += factor * dy
                force[j, 0] -= factor * dx
                force[j, 1] -= factor * dy


@njit(inline="always")
def integrate(position: NDArray, velocity: NDArray, b: int, count: int, force: NDArray) -> None:
    """Advance the bodies of world b by one step, in place."""
    for i in range(count):
        for axis in range(2):
            speed = velocity[b, i, axis] * (1.0 - DAMPING) + force[i, axis] * DT
            velocity[b, i, axis] = speed
            position[b, i, axis] += speed * DT
