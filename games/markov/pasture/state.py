"""What B matches of a pasture game are made of: named tuples of arrays, which numba takes as they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from games.markov.pasture.rules import BODY, ENTITY, OWN

__all__ = ["Draft", "Scratch", "State", "View"]


class State(NamedTuple):
    """What a step depends on: B matches of up to S seats, F foods and K counts."""

    seed: NDArray[np.uint64]  # [B] of the match
    population: NDArray[np.int64]  # [B] agents of the match; 0 before the first one
    first: NDArray[np.int64]  # [B] of them in the first team, which has the first seats
    foods: NDArray[np.int64]  # [B]
    extent: NDArray[np.float64]  # [B] half the side of the arena
    sharing: NDArray[np.float64]  # [B] alpha, 0 .. 1
    horizon: NDArray[np.int64]  # [B] steps of the match
    body: NDArray[np.float64]  # [B, 2, len(BODY)] of the members of each team
    clock: NDArray[np.int64]  # [B] steps done
    live: NDArray[np.bool_]  # [B] whether the match goes on
    food: NDArray[np.float64]  # [B, F, 2] positions
    position: NDArray[np.float64]  # [B, S, 2]
    velocity: NDArray[np.float64]  # [B, S, 2]
    alive: NDArray[np.bool_]  # [B, S]
    earned: NDArray[np.float64]  # [B, S] rewards so far
    tally: NDArray[np.float64]  # [B, K] what the game counts

    @classmethod
    def empty(cls, slots: int, seats: int, foods: int, counts: int) -> State:
        """Return the state of slots without matches."""
        return cls(
            seed=np.zeros(slots, np.uint64),
            population=np.zeros(slots, np.int64),
            first=np.zeros(slots, np.int64),
            foods=np.zeros(slots, np.int64),
            extent=np.zeros(slots),
            sharing=np.zeros(slots),
            horizon=np.zeros(slots, np.int64),
            body=np.zeros((slots, 2, len(BODY))),
            clock=np.zeros(slots, np.int64),
            live=np.zeros(slots, np.bool_),
            food=np.zeros((slots, foods, 2)),
            position=np.zeros((slots, seats, 2)),
            velocity=np.zeros((slots, seats, 2)),
            alive=np.zeros((slots, seats), np.bool_),
            earned=np.zeros((slots, seats)),
            tally=np.zeros((slots, counts)),
        )


class View(NamedTuple):
    """What `games.game.Step` shows; the names are explained there."""

    own: NDArray[np.float32]  # [B, S, len(OWN)]
    entities: NDArray[np.float32]  # [B, S, F + S - 1, len(ENTITY)]
    entity_mask: NDArray[np.bool_]  # [B, S, F + S - 1]
    acting: NDArray[np.bool_]  # [B, S]
    reward: NDArray[np.float32]  # [B, S]
    terminated: NDArray[np.bool_]  # [B]
    truncated: NDArray[np.bool_]  # [B]
    score: NDArray[np.float64]  # [B, S]
    metrics: NDArray[np.float64]  # [B, M]

    @classmethod
    def empty(cls, slots: int, seats: int, foods: int, metrics: int) -> View:
        """Return the view of slots without matches."""
        entities = foods + seats - 1
        return cls(
            own=np.zeros((slots, seats, len(OWN)), np.float32),
            entities=np.zeros((slots, seats, entities, len(ENTITY)), np.float32),
            entity_mask=np.zeros((slots, seats, entities), np.bool_),
            acting=np.zeros((slots, seats), np.bool_),
            reward=np.zeros((slots, seats), np.float32),
            terminated=np.zeros(slots, np.bool_),
            truncated=np.zeros(slots, np.bool_),
            score=np.zeros((slots, seats)),
            metrics=np.zeros((slots, metrics)),
        )


class Scratch(NamedTuple):
    """Room for one world within one step."""

    force: NDArray[np.float64]  # [S, 2]
    gain: NDArray[np.float64]  # [S] rewards of this step
    dies: NDArray[np.bool_]  # [S] whether an agent dies in this step
    shared: NDArray[np.float64]  # [2] what this step gives to every agent of a team that lived before it

    @classmethod
    def empty(cls, seats: int) -> Scratch:
        """Return scratch for worlds of up to S seats."""
        return cls(np.zeros((seats, 2)), np.zeros(seats), np.zeros(seats, np.bool_), np.zeros(2))


class Draft(NamedTuple):
    """K matches that are about to begin."""

    slots: NDArray[np.int64]  # [K]
    seeds: NDArray[np.uint64]  # [K]
    sizes: NDArray[np.int64]  # [K, 2] members of each team
    foods: NDArray[np.int64]  # [K]
    extent: NDArray[np.float64]  # [K]
    sharing: NDArray[np.float64]  # [K]
    horizon: NDArray[np.int64]  # [K]
    body: NDArray[np.float64]  # [K, 2, len(BODY)]
