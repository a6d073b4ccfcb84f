"""The bodies that walk: shapes and strengths, as data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BODIES", "SCALE", "Body"]

SCALE = 30.0
"""Units of a drawing in one unit of the world."""


@dataclass(frozen=True, slots=True)
class Body:
    """A hull on pairs of two-jointed legs. Lengths are in drawing units (`SCALE`), but for `hips`.

    Attributes:
        hull: corners, around its centre.
        leg_width, leg_length: of the upper and of the lower part of a leg; the lower part is a fifth narrower.
        hips: where along the hull each pair of legs hangs, in units of the world.
        torque: of a motor at full strength.
        torque_cost: what one motor costs per unit of torque and step.
    """

    hull: tuple[tuple[float, float], ...] = ((-30, 9), (6, 9), (34, 1), (34, -8), (-30, -8))
    leg_width: float = 8
    leg_length: float = 34
    hips: tuple[float, ...] = (0.0,)
    torque: float = 80
    torque_cost: float = 0.00035

    @property
    def motors(self) -> int:
        """A hip and a knee on each of two legs a pair: the length of an action."""
        return 4 * len(self.hips)


BODIES = {
    "short": Body(leg_length=17),
    "default": Body(),
    "quadru": Body(
        hull=((-46, 13), (6, 13), (50, 5), (50, -12), (-46, -12)),
        leg_width=10,
        leg_length=51,
        hips=(-1.2, 0.85),
        torque=300,
        torque_cost=0.00035 / 8,
    ),
}
"""By name: `default` is the walker of Gymnasium's BipedalWalker."""
