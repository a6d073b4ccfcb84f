"""Two controllers for the resource game: every agent for itself, and agents shared out over the landmarks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial

import numpy as np
from numpy.typing import NDArray

from games import Game, InputError
from games.markov.resource.nash import occupancy
from games.markov.resource.rules import AGENT_RADIUS, ENTITY, FORCE, MAX_LANDMARKS, MAX_POPULATION, OWN, values
from populations.agents.scripted.steering import steer
from populations.policy import Decision, Rows, State

__all__ = ["ResourceAssignment", "ResourceGreedy"]

_VELOCITY = slice(OWN.index("velocity_x"), OWN.index("velocity_y") + 1)
_OFFSET = slice(ENTITY.index("offset_x"), ENTITY.index("offset_y") + 1)
_RADIUS = ENTITY.index("radius")
_AGENT = ENTITY.index("is_agent")

_steer = partial(steer, strength=FORCE)
_CROWDS = np.zeros((MAX_LANDMARKS + 1, MAX_POPULATION + 1, MAX_LANDMARKS), np.int64)
"""Agents on each landmark in equilibrium, by the number of landmarks and of agents."""
for _many in range(1, MAX_LANDMARKS + 1):
    _CROWDS[_many, :, :_many] = [occupancy(population, values(_many)) for population in range(MAX_POPULATION + 1)]

_GREEDS = ("worth-per-way", "way", "worth")


class _Controller(ABC):
    """Chooses a landmark from the observation alone, and goes to its centre."""

    observes = True
    privileged = False

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row."""
        entities = rows.observation["entities"]
        present = rows.observation["entity_mask"].astype(bool)
        offsets = entities[:, :, _OFFSET].astype(np.float64)
        landmark = (present & (entities[:, :, _AGENT] == 0)).any(axis=0)  # landmarks come first
        target = self.choose(offsets, entities[:, : max(1, landmark.sum()), _RADIUS], present)
        aim = offsets[np.arange(len(rows)), target]
        return Decision(_steer(aim, rows.observation["self"][:, _VELOCITY]))

    @abstractmethod
    def choose(
        self, offsets: NDArray[np.float64], radii: NDArray[np.float32], present: NDArray[np.bool_]
    ) -> NDArray[np.integer]:
        """Return a landmark [R], given offsets [R, N, 2] and presence [R, N] of entities and the landmarks' radii [R, L].

        The first L entities are landmarks or missing, all others are agents or missing.
        """

    def refuses(self, game: Game) -> str | None:
        """It reads the observations of one game."""
        return None if game.name.startswith("markov/resource-") else "it knows only markov/resource-v0"


class ResourceGreedy(_Controller):
    """Goes to the landmark that is best for one agent alone, whoever else is there.

    The worth is the landmark's radius (its pay is ten times that); the way is the distance to its centre plus an agent's
    radius. Of equal ones, it takes the smaller landmark.

    Args:
        by: what makes a landmark the best: `worth-per-way`, `way` (the nearest) or `worth` (the most valuable).

    Raises:
        InputError: for anything else.
    """

    def __init__(self, *, by: str = "worth-per-way") -> None:
        if by not in _GREEDS:
            raise InputError(f"by of resource-greedy must be one of {', '.join(_GREEDS)}, not {by!r}")
        self.by = by

    def choose(
        self, offsets: NDArray[np.float64], radii: NDArray[np.float32], present: NDArray[np.bool_]
    ) -> NDArray[np.integer]:
        """Return the best landmark."""
        many = radii.shape[1]
        way = np.linalg.norm(offsets[:, :many], axis=-1) + AGENT_RADIUS
        worth = radii if self.by == "worth" else 1 / way if self.by == "way" else radii / way
        return np.argmax(np.where(present[:, :many], worth, 0.0), axis=1)


class ResourceAssignment(_Controller):
    """Shares the agents out over the landmarks as the stage game's equilibrium does (`games.markov.resource.nash`).

    Of all pairs of an agent and a landmark that still has room, the nearest is joined first, and so on until everyone has a
    landmark. Every seat sees all positions and so finds the same pairs, its own among them. (Offsets are rounded
    differently from seat to seat: pairs whose distances agree to seven digits may be joined in another order.)
    """

    def choose(
        self, offsets: NDArray[np.float64], radii: NDArray[np.float32], present: NDArray[np.bool_]
    ) -> NDArray[np.integer]:
        """Return the own landmark."""
        many = radii.shape[1]
        agents = np.concatenate([np.zeros_like(offsets[:, :1]), offsets[:, many:]], axis=1)  # oneself is number 0
        distance = np.linalg.norm(agents[:, :, None] - offsets[:, None, :many], axis=-1)
        distance[:, 1:][~present[:, many:]] = np.inf
        room = _CROWDS[present[:, :many].sum(axis=1), 1 + present[:, many:].sum(axis=1), :many]
        distance[np.broadcast_to(room[:, None] == 0, distance.shape)] = np.inf
        target = np.zeros(len(offsets), np.int64)
        undecided = np.arange(len(offsets))
        while len(undecided):
            agent, landmark = np.divmod(distance.reshape(len(undecided), -1).argmin(axis=1), many)
            every = np.arange(len(undecided))
            target[undecided[agent == 0]] = landmark[agent == 0]
            distance[every, agent] = np.inf
            room[every, landmark] -= 1
            full = room[every, landmark] == 0
            distance[every[full], :, landmark[full]] = np.inf
            undecided, distance, room = undecided[agent != 0], distance[agent != 0], room[agent != 0]
        return target
