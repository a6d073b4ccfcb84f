"""The rules again, slow and plain: the oracle that the compiled kernels are tested against.

Nothing is shared with the kernels but the randomness: the numbers are written out anew, the contact force is evaluated for
every pair at any distance, and sums are taken in the order of the text of the rules.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from games.randomness import WORLD, integer, uniform

__all__ = ["ReferenceMatch"]

Vector = tuple[float, float]


class ReferenceMatch:
    """One match in plain Python.

    Attributes:
        positions, velocities: one pair per seat, collectors first.
        holding: per collector, the colour that it carries or None.
        treasures: per treasure its position and colour, or None while it is away.
        returns: rewards so far, per seat.
        pick_ups, deliveries, collisions: counts so far.
    """

    def __init__(
        self,
        seed: int,
        collectors: int = 6,
        deposits: int = 2,
        treasures: int = 6,
        *,
        extent: float = 1.0,
        speed: float = 1.0,
        horizon: int = 100,
    ) -> None:
        self.seed, self.extent, self.speed, self.horizon = np.uint64(seed), extent, speed, horizon
        self.collectors = list(range(collectors))
        self.deposits = list(range(collectors, collectors + deposits))
        self.clock = 0
        places = [*range(collectors), *range(24, 24 + deposits)]
        self.positions: list[Vector] = [self._place(0, 2 * place, extent) for place in places]
        self.velocities: list[Vector] = [(0.0, 0.0)] * len(places)
        self.holding: list[int | None] = [None] * collectors
        self.treasures: list[tuple[Vector, int] | None] = [self._lay(number) for number in range(treasures)]
        self.returns = [0.0] * len(places)
        self.pick_ups = self.deliveries = self.collisions = 0

    @property
    def ended(self) -> bool:
        """Whether all steps are done."""
        return self.clock == self.horizon

    def step(self, actions: Sequence[int]) -> list[float]:
        """Advance by one step; return the rewards."""
        seats = range(len(self.positions))
        moves = [self._acceleration(seat, actions[seat]) for seat in seats]
        for seat in seats:
            vx, vy = (0.75 * v + 0.1 * a for v, a in zip(self.velocities[seat], moves[seat], strict=True))
            speed = math.sqrt(vx * vx + vy * vy)
            if speed > self.speed:
                vx, vy = vx / speed * self.speed, vy / speed * self.speed
            self.velocities[seat] = (vx, vy)
        self.positions = [
            (x + 0.1 * vx, y + 0.1 * vy) for (x, y), (vx, vy) in zip(self.positions, self.velocities, strict=True)
        ]
        rewards = self.rewards()
        self.returns = [before + reward for before, reward in zip(self.returns, rewards, strict=True)]
        self.collisions += sum(self._distance(i, j) < 0.1 for i in self.collectors for j in self.collectors if i < j)
        self.clock += 1
        self._exchange()
        return rewards

    def rewards(self) -> list[float]:
        """Return what each seat gets for where everyone is."""
        lying = [treasure[0] for treasure in self.treasures if treasure is not None]
        free = [i for i in self.collectors if self.holding[i] is None]
        shared = 5.0 * sum(math.dist(self.positions[i], place) < 0.075 for i in free for place in lying)
        shared += 5.0 * sum(self._distance(i, self._target(i)) < 0.125 for i in self.collectors if i not in free)
        rewards = []
        for i in self.collectors:
            own = -5.0 * sum(self._distance(i, j) < 0.1 for j in self.collectors if j != i)
            if i not in free:
                own -= 0.1 * self._distance(i, self._target(i))
            elif lying:
                own -= 0.1 * min(math.dist(self.positions[i], place) for place in lying)
            rewards.append(own + shared)
        for colour, d in enumerate(self.deposits):
            carriers = [self._distance(i, d) for i in self.collectors if self.holding[i] == colour]
            if carriers:
                rewards.append(shared - 0.1 * min(carriers))
                continue
            nearest = sorted(self.collectors, key=lambda i: self._distance(i, d))[:7]
            middle = [sum(self.positions[i][axis] for i in nearest) / len(nearest) for axis in range(2)]
            rewards.append(shared - 0.1 * math.dist(middle, self.positions[d]))
        return rewards

    def metrics(self) -> dict[str, float]:
        """Return the figures of the steps so far."""
        return {
            "pick_ups": self.pick_ups,
            "deliveries": self.deliveries,
            "collisions": self.collisions,
            "mean_reward": sum(self.returns) / len(self.returns) / self.clock,
        }

    def observe(self, seat: int) -> dict[str, list]:
        """Return what a seat sees: `self` and the rows of `entities` that exist."""
        x, y = self.positions[seat]
        counts = [len(self.collectors) / 24, len(self.deposits) / 4, len(self.treasures) / 24]
        lying = [treasure for treasure in self.treasures if treasure is not None]
        rows = [[0.0, 0.0, tx - x, ty - y, 0.0, 0.0, *_one_hot(colour)] for (tx, ty), colour in lying]
        for other, ((ox, oy), velocity) in enumerate(zip(self.positions, self.velocities, strict=True)):
            if other != seat:
                collects = float(other in self.collectors)
                rows.append([collects, 1 - collects, ox - x, oy - y, *velocity, *_one_hot(self._colour(other))])
        own = [*self.velocities[seat], x, y, float(seat in self.deposits), *_one_hot(self._colour(seat)), *counts]
        return {"self": own, "entities": rows}

    def _exchange(self) -> None:
        """Treasures that are away come back; free collectors take what they touch, and carriers leave what is at its aim."""
        for number, treasure in enumerate(self.treasures):
            if treasure is None:
                self.treasures[number] = self._lay(number)
                continue
            place, colour = treasure
            for i in self.collectors:
                if self.holding[i] is None and math.dist(self.positions[i], place) < 0.075:
                    self.holding[i], self.treasures[number] = colour, None
                    self.pick_ups += 1
                    break
        for i in self.collectors:
            if self.holding[i] is not None and self._distance(i, self._target(i)) < 0.125:
                self.holding[i] = None
                self.deliveries += 1

    def _acceleration(self, seat: int, action: int) -> Vector:
        """The seat's own push, and the contacts with all others."""
        strength = 2.25 * self.speed
        ax, ay = [(0.0, 0.0), (strength, 0.0), (-strength, 0.0), (0.0, strength), (0.0, -strength)][action]
        (x, y), mass = self.positions[seat], self._mass(seat)
        for other, (ox, oy) in enumerate(self.positions):
            if other != seat:
                distance = math.sqrt((x - ox) * (x - ox) + (y - oy) * (y - oy))
                reach = sum(0.05 if s in self.collectors else 0.075 for s in (seat, other))
                factor = _contact(distance, reach) * self._mass(other) / (mass * mass)
                ax += factor * (x - ox)
                ay += factor * (y - oy)
        return ax, ay

    def _target(self, collector: int) -> int:
        """The seat of the deposit for what a collector carries."""
        colour = self.holding[collector]
        assert colour is not None
        return self.deposits[colour]

    def _colour(self, seat: int) -> int | None:
        return self.holding[seat] if seat in self.collectors else self.deposits.index(seat)

    def _mass(self, seat: int) -> float:
        return 1.0 if seat in self.collectors else 2.25

    def _distance(self, one: int, other: int) -> float:
        return math.dist(self.positions[one], self.positions[other])

    def _lay(self, number: int) -> tuple[Vector, int]:
        """A treasure's new place and colour; 28 seats come before."""
        first = 2 * 28 + 3 * number
        place = self._place(self.clock, first, 0.95 * self.extent)
        return place, int(integer(self.seed, WORLD, self.clock, first + 2, len(self.deposits)))

    def _place(self, step: int, index: int, extent: float) -> Vector:
        x, y = (extent * (2 * uniform(self.seed, WORLD, step, index + axis) - 1) for axis in range(2))
        return x, y


def _one_hot(colour: int | None) -> list[float]:
    return [float(colour == k) for k in range(4)]


def _contact(distance: float, reach: float) -> float:
    """The force between two seats per unit of their displacement: stiffness 100, soft over a thousandth."""
    margins = (reach - distance) / 0.001
    return 100.0 * 0.001 * (max(margins, 0.0) + math.log1p(math.exp(-abs(margins)))) / distance
