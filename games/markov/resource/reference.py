"""The rules again, slow and plain: the oracle that the compiled kernels are tested against.

Nothing is shared with the kernels but the randomness: the numbers are written out anew, the contact force is evaluated for
every pair at any distance, and sums are taken in the order of the text of the rules.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from games.randomness import WORLD, uniform

__all__ = ["ReferenceMatch"]

Vector = tuple[float, float]


class ReferenceMatch:
    """One match in plain Python.

    Attributes:
        positions, velocities: one pair per agent.
        landmarks: (position, radius) of each.
        returns: rewards so far, per agent.
        welfare: rewards of all agents, per step so far.
    """

    def __init__(self, seed: int, population: int, extent: float = 1.0, landmarks: int = 6) -> None:
        indices = [*range(6), *range(48 + 6, 48 + 12)][:landmarks]
        places = [_place(seed, index, extent) for index in indices]
        self.landmarks = [(place, 0.05 * number) for number, place in enumerate(places, start=1)]
        self.positions = [_place(seed, 6 + agent, extent) for agent in range(population)]
        self.velocities: list[Vector] = [(0.0, 0.0)] * population
        self.returns = [0.0] * population
        self.welfare: list[float] = []

    @property
    def ended(self) -> bool:
        """Whether twenty steps are done."""
        return len(self.welfare) == 20

    def step(self, actions: Sequence[int]) -> list[float]:
        """Advance by one step; return the rewards."""
        agents = range(len(self.positions))
        forces = [self._force(agent, actions[agent]) for agent in agents]
        self.velocities = [
            (0.75 * vx + 0.1 * fx, 0.75 * vy + 0.1 * fy)
            for (vx, vy), (fx, fy) in zip(self.velocities, forces, strict=True)
        ]
        self.positions = [
            (x + 0.1 * vx, y + 0.1 * vy) for (x, y), (vx, vy) in zip(self.positions, self.velocities, strict=True)
        ]
        rewards = self.rewards()
        self.returns = [before + reward for before, reward in zip(self.returns, rewards, strict=True)]
        self.welfare.append(sum(rewards))
        return rewards

    def rewards(self) -> list[float]:
        """Return what each agent gets for where it is: equal shares of the landmarks that it touches."""
        rewards = [0.0] * len(self.positions)
        for place, radius in self.landmarks:
            touching = [agent for agent, at in enumerate(self.positions) if math.dist(at, place) < radius + 0.05]
            for agent in touching:
                rewards[agent] += 10 * radius / len(touching)
        return rewards

    def metrics(self) -> dict[str, float]:
        """Return `welfare_share` and `mean_reward` over the steps so far."""
        best = sum(sorted((10 * radius for _, radius in self.landmarks), reverse=True)[: len(self.positions)])
        mean = sum(self.welfare) / len(self.welfare)
        return {"welfare_share": mean / best, "mean_reward": mean / len(self.positions)}

    def observe(self, agent: int) -> dict[str, list]:
        """Return what an agent sees: `self` and the rows of `entities` that exist."""
        x, y = self.positions[agent]
        landmarks = [[0.0, lx - x, ly - y, 0.0, 0.0, radius] for (lx, ly), radius in self.landmarks]
        others = [
            [1.0, ox - x, oy - y, vx, vy, 0.05]
            for other, ((ox, oy), (vx, vy)) in enumerate(zip(self.positions, self.velocities, strict=True))
            if other != agent
        ]
        return {
            "self": [*self.velocities[agent], x, y, len(self.positions) / 48],
            "entities": landmarks + others,
        }

    def _force(self, agent: int, action: int) -> Vector:
        """The agent's own push, and the contacts with all others."""
        fx, fy = [(0.0, 0.0), (5.0, 0.0), (-5.0, 0.0), (0.0, 5.0), (0.0, -5.0)][action]
        x, y = self.positions[agent]
        for other, (ox, oy) in enumerate(self.positions):
            if other != agent:
                factor = _contact(math.sqrt((x - ox) * (x - ox) + (y - oy) * (y - oy)))
                fx += factor * (x - ox)
                fy += factor * (y - oy)
        return fx, fy


def _contact(distance: float) -> float:
    """The force between two agents per unit of their displacement: stiffness 100, soft over a thousandth."""
    margins = (0.1 - distance) / 0.001
    return 100.0 * 0.001 * (max(margins, 0.0) + math.log1p(math.exp(-abs(margins)))) / distance


def _place(seed: int, index: int, extent: float) -> Vector:
    """A uniform position; six landmarks come first, then 48 agents, then further landmarks."""
    x, y = (extent * (2 * uniform(np.uint64(seed), WORLD, 0, 2 * index + axis) - 1) for axis in range(2))
    return x, y
