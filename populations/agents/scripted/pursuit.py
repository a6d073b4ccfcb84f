"""A controller for the pursuit game: predators run at the nearest prey, prey run from all predators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from games import Game
from games.markov.particles import DAMPING, DT
from games.markov.pursuit.rules import ENTITY, MAX_OBSTACLES, OWN
from populations.policy import Decision, Rows, State

__all__ = ["PursuitGreedy"]

_VELOCITY = slice(OWN.index("velocity_x"), OWN.index("velocity_y") + 1)
_POSITION = slice(OWN.index("position_x"), OWN.index("position_y") + 1)
_IS_PREY, _RADIUS, _SPEED = OWN.index("is_prey"), OWN.index("radius"), OWN.index("speed")
_ACCELERATION, _ARENA = OWN.index("acceleration"), OWN.index("arena")
_OFFSET = slice(ENTITY.index("offset_x"), ENTITY.index("offset_y") + 1)
_THEIR_VELOCITY = slice(ENTITY.index("velocity_x"), ENTITY.index("velocity_y") + 1)
_THEIR_PREDATOR, _THEIR_PREY = ENTITY.index("is_predator"), ENTITY.index("is_prey")
_THEIR_RADIUS, _THEIR_SPEED = ENTITY.index("radius"), ENTITY.index("speed")

_PUSHES = np.array([[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]], np.float64)
"""Directions of the actions."""
_AHEAD = 3
"""Steps that an action is thought through, held all the time."""
_EDGE = 100.0
"""Of the arena: cost of each unit beyond it; touching a predator costs twenty."""
_CLOSE = 0.05
"""To an obstacle: nearer than that counts as being in the way."""


class PursuitGreedy:
    """Thinks each of its five actions a few steps ahead, as if it were held, and takes the best end; of equal ones the first.

    A predator wants to be near the nearest prey, which it takes to keep its velocity. A prey wants to be far from predators
    (the sum of 1 / distance counts, from touch to touch), which it takes to run straight at it at full speed, and inside
    the arena. Both keep out of obstacles. Everyone decides alone.
    """

    observes = True
    privileged = False

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row."""
        own = rows.observation["self"].astype(np.float64)
        entities = rows.observation["entities"].astype(np.float64)
        present = rows.observation["entity_mask"].astype(bool)
        moves = _moves(own)
        gaps = np.linalg.norm(entities[:, None, :, _OFFSET] - moves[:, :, None], axis=-1)
        cost = np.where(own[:, None, _IS_PREY] > 0, _fear(own, entities, moves), _hunger(entities, moves))
        walls = present[:, None, :MAX_OBSTACLES]
        room = (
            gaps[:, :, :MAX_OBSTACLES] - entities[:, None, :MAX_OBSTACLES, _THEIR_RADIUS] - own[:, None, None, _RADIUS]
        )
        cost = cost + np.where(walls, np.maximum(_CLOSE - room, 0.0), 0.0).sum(axis=-1) * 10
        return Decision(cost.argmin(axis=1).astype(np.int32)[:, None])

    def refuses(self, game: Game) -> str | None:
        """It reads the observations of one game."""
        return None if game.name.startswith("markov/pursuit-") else "it knows only markov/pursuit-v0"


def _moves(own: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return [R, 5, 2] how far each action, held, carries the seat from where it is."""
    velocity = np.repeat(own[:, None, _VELOCITY], len(_PUSHES), axis=1)
    moved = np.zeros_like(velocity)
    for _ in range(_AHEAD):
        moved += velocity * DT
        velocity = velocity * (1 - DAMPING) + _PUSHES * own[:, None, None, _ACCELERATION] * DT
        pace = np.linalg.norm(velocity, axis=-1, keepdims=True)
        velocity *= np.minimum(1.0, own[:, None, None, _SPEED] / np.maximum(pace, 1e-9))
    return moved


def _hunger(entities: NDArray[np.float64], moves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return [R, 5] the distance to the nearest prey; infinite where there is none."""
    theirs = entities[:, :, _OFFSET] + entities[:, :, _THEIR_VELOCITY] * (DT * _AHEAD)
    gaps = np.linalg.norm(theirs[:, None] - moves[:, :, None], axis=-1)
    return np.where(entities[:, None, :, _THEIR_PREY] > 0, gaps, np.inf).min(axis=2)


def _fear(own: NDArray[np.float64], entities: NDArray[np.float64], moves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return [R, 5] how bad predators and the edge of the arena are."""
    gaps = np.linalg.norm(entities[:, None, :, _OFFSET] - moves[:, :, None], axis=-1)
    reach = entities[:, :, _THEIR_RADIUS] + own[:, None, _RADIUS] + entities[:, :, _THEIR_SPEED] * (DT * _AHEAD)
    threat = np.where(entities[:, None, :, _THEIR_PREDATOR] > 0, 1 / np.maximum(gaps - reach[:, None], _CLOSE), 0.0)
    beyond = np.maximum(np.abs(own[:, None, _POSITION] + moves) - (own[:, None, None, _ARENA] - 0.1), 0.0)
    return threat.sum(axis=2) + _EDGE * beyond.sum(axis=2)
