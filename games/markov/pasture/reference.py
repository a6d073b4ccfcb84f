"""What the pasture games share, again, slow and plain: with each game's own `pay` the oracle of its kernel.

Nothing is shared with the kernels but the randomness: the numbers are written out anew, the contact force is evaluated for
every pair at any distance, and rewards are added up in lists of those who lived before the step.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from games.randomness import WORLD, uniform
from games.task import Task

__all__ = ["Body", "ReferencePasture"]

Vector = tuple[float, float]


@dataclass(slots=True)
class Body:
    """One agent, wherever it is."""

    team: int
    radius: float
    accel: float
    top_speed: float
    position: Vector
    velocity: Vector = (0.0, 0.0)
    alive: bool = True
    earned: float = 0.0


class ReferencePasture(ABC):
    """One match in plain Python.

    Args:
        seed: of the match.
        teams: (size, radius, accel, top speed) of each.
        foods: how many.
        task: for the rest: the arena, alpha and the length.
    """

    roles = False

    def __init__(
        self,
        seed: int,
        teams: Sequence[tuple[int, float, float, float]],
        foods: int,
        task: Task,
    ) -> None:
        self.seed, self.steps = seed, 0
        self.extent, self.sharing, self.horizon = float(task["extent"]), float(task["sharing"]), int(task["horizon"])
        self.foods = [self._anywhere(0, food, 0.9 * self.extent) for food in range(foods)]
        self.bodies = [
            Body(team, radius, accel, top, self._anywhere(0, 1024 * (1 + team) + number, self.extent))
            for team, (size, radius, accel, top) in enumerate(teams)
            for number in range(size)
        ]
        self.counts = [0.0, 0.0]

    @property
    @abstractmethod
    def over(self) -> bool:
        """Whether the rules end the match."""

    @abstractmethod
    def metrics(self) -> dict[str, float]:
        """Return the metrics of the steps so far."""

    @abstractmethod
    def pay(self, living: Sequence[int]) -> list[float]:
        """Return the rewards of `living`, kill who dies and let eaten foods regrow."""

    def step(self, actions: Sequence[int]) -> list[float]:
        """Advance by one step; return the rewards of all agents."""
        self.steps += 1
        living = [i for i, body in enumerate(self.bodies) if body.alive]
        forces = [self._force(i, actions[i]) for i in range(len(self.bodies))]
        for i in living:
            self._move(self.bodies[i], forces[i])
        rewards = [0.0] * len(self.bodies)
        for i, reward in zip(living, self.pay(living), strict=True):
            rewards[i] = reward
            self.bodies[i].earned += reward
        for body in self.bodies:
            if not body.alive:
                body.velocity = (0.0, 0.0)
        return rewards

    def scores(self) -> list[float]:
        """Return what each agent's team earned on average."""
        means = {
            team: sum(b.earned for b in self.bodies if b.team == team) / sum(b.team == team for b in self.bodies)
            for team in {b.team for b in self.bodies}
        }
        return [means[body.team] for body in self.bodies]

    def observe(self, i: int, room: int) -> dict[str, list]:
        """Return what an agent sees: `self`, and for each row of `entities` its fields, or None where the mask is false.

        Args:
            i: who.
            room: for how many foods there are rows.
        """
        me = self.bodies[i]
        x, y = me.position
        kin = sum(body.team == me.team for body in self.bodies)
        own = [*me.velocity, x, y, float(me.alive), float(self.roles and me.team == 1), me.accel, self.extent]
        rows: list[list[float] | None] = [[1.0, 0.0, 0.0, fx - x, fy - y, 0.0, 0.0] for fx, fy in self.foods]
        rows += [None] * (room - len(rows))
        for j, body in enumerate(self.bodies):
            if j != i:
                friend = float(body.team == me.team)
                (bx, by), (vx, vy) = body.position, body.velocity
                rows.append([0.0, friend, 1.0 - friend, bx - x, by - y, vx, vy] if body.alive else None)
        return {"self": [*own, kin / 48, (len(self.bodies) - kin) / 48], "entities": rows}

    def nearest(self, i: int, places: Sequence[Vector]) -> float:
        """Return the distance of an agent to the nearest of some places."""
        return min(math.dist(self.bodies[i].position, place) for place in places)

    def touch(self, i: int, j: int) -> bool:
        """Return whether two agents touch."""
        one, other = self.bodies[i], self.bodies[j]
        return math.dist(one.position, other.position) < one.radius + other.radius

    def on(self, i: int, food: int) -> bool:
        """Return whether an agent touches a food."""
        return math.dist(self.bodies[i].position, self.foods[food]) < self.bodies[i].radius + 0.03

    def share(self, rewards: dict[int, float], i: int, amount: float) -> None:
        """Add an event's reward of one agent to `rewards`, which has all who lived before the step."""
        rewards[i] += amount * (1 - self.sharing)
        for j in rewards:
            if self.bodies[j].team == self.bodies[i].team:
                rewards[j] += amount * self.sharing

    def regrow(self, food: int) -> None:
        """Put a food elsewhere."""
        self.foods[food] = self._anywhere(self.steps, food, 0.9 * self.extent)

    def _anywhere(self, step: int, number: int, edge: float) -> Vector:
        x, y = (edge * (2 * uniform(np.uint64(self.seed), WORLD, step, 2 * number + axis) - 1) for axis in range(2))
        return x, y

    def _force(self, i: int, action: int) -> Vector:
        """The agent's own push, and the contacts with all others."""
        me = self.bodies[i]
        a = me.accel if me.alive else 0.0
        fx, fy = [(0.0, 0.0), (a, 0.0), (-a, 0.0), (0.0, a), (0.0, -a)][action]
        for j, other in enumerate(self.bodies):
            if j != i:
                dx, dy = me.position[0] - other.position[0], me.position[1] - other.position[1]
                factor = _contact(math.sqrt(dx * dx + dy * dy), me.radius + other.radius)
                fx += factor * dx
                fy += factor * dy
        return fx, fy

    def _move(self, body: Body, force: Vector) -> None:
        vx, vy = (0.75 * v + 0.1 * f for v, f in zip(body.velocity, force, strict=True))
        speed = math.sqrt(vx * vx + vy * vy)
        if speed > body.top_speed:
            vx, vy = vx / speed * body.top_speed, vy / speed * body.top_speed
        body.velocity = (vx, vy)
        x, y = (min(max(p + 0.1 * v, -self.extent), self.extent) for p, v in zip(body.position, (vx, vy), strict=True))
        body.position = (x, y)


def _contact(distance: float, reach: float) -> float:
    """The force between two agents per unit of their displacement: stiffness 100, soft over a thousandth."""
    if distance == 0.0:
        return 0.0
    margins = (reach - distance) / 0.001
    return 100.0 * 0.001 * (max(margins, 0.0) + math.log1p(math.exp(-abs(margins)))) / distance
