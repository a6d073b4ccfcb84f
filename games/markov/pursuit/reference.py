"""The rules again, slow and plain: the oracle that the compiled kernels are tested against, beside mpe2's own simple_tag.

Nothing is shared with the kernels but the randomness: the numbers are written out anew, the contact force is evaluated for
every pair at any distance, and sums are taken in the order of the text of the rules.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from games.randomness import WORLD, uniform
from games.task import Scalar

__all__ = ["ReferenceMatch"]

Vector = tuple[float, float]


class ReferenceMatch:
    """One match in plain Python.

    Attributes:
        predators: how many agents, from the first, are predators.
        positions, velocities: one pair per agent.
        obstacles: positions.
        lost: what each agent lost so far for contacts and the edge of the arena; 0 for predators.
        returns: rewards so far, per agent.
        captures: pairs in touch, per step so far.
    """

    def __init__(self, seed: int, task: Mapping[str, Scalar]) -> None:
        self._task = {name: float(value) for name, value in task.items()}
        self.predators = int(task["predators"])
        arena = self._task["arena"]
        numbers = [*range(self.predators), *range(32, 32 + int(task["prey"]))]
        self.obstacles = [_place(seed, number, 0.9 * arena) for number in range(int(task["obstacles"]))]
        self.positions = [_place(seed, 4 + number, arena) for number in numbers]
        self.velocities: list[Vector] = [(0.0, 0.0)] * len(numbers)
        self.lost = [0.0] * len(numbers)
        self.returns = [0.0] * len(numbers)
        self.captures: list[int] = []

    @property
    def ended(self) -> bool:
        """Whether the match has reached its horizon."""
        return len(self.captures) == self._task["horizon"]

    def step(self, actions: Sequence[int]) -> list[float]:
        """Advance by one step; return the rewards."""
        forces = [self._force(agent, action) for agent, action in enumerate(actions)]
        self.positions = [
            (x + 0.1 * vx, y + 0.1 * vy) for (x, y), (vx, vy) in zip(self.positions, self.velocities, strict=True)
        ]
        self.velocities = [
            _cut(0.75 * vx + 0.1 * fx, 0.75 * vy + 0.1 * fy, self._of(agent, "speed"))
            for agent, ((vx, vy), (fx, fy)) in enumerate(zip(self.velocities, forces, strict=True))
        ]
        rewards = self._rewards()
        self.returns = [before + reward for before, reward in zip(self.returns, rewards, strict=True)]
        return rewards

    def scores(self) -> list[float]:
        """Return the score of each agent, were the match to end now."""
        prey = self.lost[self.predators :]
        score = sum(-1 if loss < 10 else 1 for loss in prey) / len(prey)
        return [score] * self.predators + [-score] * len(prey)

    def metrics(self) -> dict[str, float]:
        """Return the metrics over the steps so far."""
        prey = self.lost[self.predators :]
        steps = len(self.captures)
        return {
            "captures": float(sum(self.captures)),
            "escape_share": sum(loss < 10 for loss in prey) / len(prey),
            "predator_reward": sum(self.returns[: self.predators]) / self.predators / steps,
            "prey_reward": sum(self.returns[self.predators :]) / len(prey) / steps,
        }

    def observe(self, agent: int) -> dict[str, list]:
        """Return what an agent sees: `self`, and the rows of `entities` that exist by their place."""
        x, y = self.positions[agent]
        hunts = agent < self.predators
        own = [
            *self.velocities[agent],
            *(x, y, float(hunts), float(not hunts)),
            *(self._of(agent, name) for name in ("radius", "speed", "acceleration")),
            *(self._task["arena"], self.predators / 32, (len(self.positions) - self.predators) / 16),
        ]
        rows: dict[int, list[float]] = {
            number: [0.0, 0.0, ox - x, oy - y, 0.0, 0.0, self._task["obstacle_radius"], 0.0]
            for number, (ox, oy) in enumerate(self.obstacles)
        }
        others = [other for other in range(len(self.positions)) if other != agent]
        for place, other in enumerate(others, start=4):
            ox, oy = self.positions[other]
            kind = [1.0, 0.0] if other < self.predators else [0.0, 1.0]
            velocity = [0.0, 0.0] if other < self.predators else [*self.velocities[other]]
            rows[place] = [*kind, ox - x, oy - y, *velocity, self._of(other, "radius"), self._of(other, "speed")]
        return {"self": own, "entities": [rows.get(place, [0.0] * 8) for place in range(4 + len(others))]}

    def _of(self, agent: int, name: str) -> float:
        """A parameter of the agent's kind."""
        return self._task[f"{'predator' if agent < self.predators else 'prey'}_{name}"]

    def _force(self, agent: int, action: int) -> Vector:
        """The agent's own push, and the contacts with all others and all obstacles."""
        strength = self._of(agent, "acceleration")
        ux, uy = [(0.0, 0.0), (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)][action]
        fx, fy = strength * ux, strength * uy
        radius = self._of(agent, "radius")
        bodies = [
            (place, radius + self._of(other, "radius")) for other, place in enumerate(self.positions) if other != agent
        ]
        bodies += [(place, radius + self._task["obstacle_radius"]) for place in self.obstacles]
        x, y = self.positions[agent]
        for (ox, oy), reach in bodies:
            factor = _contact(math.sqrt((x - ox) * (x - ox) + (y - oy) * (y - oy)), reach)
            fx += factor * (x - ox)
            fy += factor * (y - oy)
        return fx, fy

    def _rewards(self) -> list[float]:
        """Return what each agent gets for where it is, and book it."""
        hunters, prey = range(self.predators), range(self.predators, len(self.positions))
        reach = self._task["predator_radius"] + self._task["prey_radius"]
        gaps = {(i, j): math.dist(self.positions[i], self.positions[j]) for i in hunters for j in prey}
        touches = sum(gap < reach for gap in gaps.values())
        self.captures.append(touches)
        rewards = [10.0 * touches] * self.predators
        for j in prey:
            loss = 10.0 * sum(gaps[i, j] < reach for i in hunters)
            loss += sum(_outside(abs(c) + 1 - self._task["arena"]) for c in self.positions[j])
            self.lost[j] += loss
            rewards.append(-loss)
        if self._task["shaping"]:
            for i in hunters:
                rewards[i] -= 0.1 * sum(min(gaps[k, j] for j in prey) for k in hunters)
            for j in prey:
                rewards[j] += 0.1 * sum(gaps[i, j] for i in hunters)
        return rewards


def _contact(distance: float, reach: float) -> float:
    """The force between two bodies per unit of their displacement: stiffness 100, soft over a thousandth."""
    margins = (reach - distance) / 0.001
    return 100.0 * 0.001 * (max(margins, 0.0) + math.log1p(math.exp(-abs(margins)))) / distance


def _outside(x: float) -> float:
    """What a coordinate costs a prey, in an arena of 1."""
    if x < 0.9:
        return 0.0
    return (x - 0.9) * 10 if x < 1 else min(math.exp(2 * x - 2), 10)


def _cut(vx: float, vy: float, most: float) -> Vector:
    """A velocity, no faster than allowed."""
    speed = math.hypot(vx, vy)
    return (vx / speed * most, vy / speed * most) if speed > most else (vx, vy)


def _place(seed: int, number: int, extent: float) -> Vector:
    """A uniform position; room for four obstacles comes first, then for 32 predators, then prey."""
    x, y = (extent * (2 * uniform(np.uint64(seed), WORLD, 0, 2 * number + axis) - 1) for axis in range(2))
    return x, y
