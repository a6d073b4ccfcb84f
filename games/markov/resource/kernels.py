"""The compiled rules: three kernels over struct-of-arrays state, each for all matches in one call.

`State` is all that a step depends on and `View` what it shows; both are named tuples of arrays, which numba takes as they
are. Kernels are single-threaded, resolve each world with plain branches and allocate nothing. They use no fast-math: a
match has the same bits in any slot of any batch. Helpers that take arrays are inlined and return at their end only:
counting references to arrays that cross a call, or an early return, can cost more than the rest of a step.

Names of indices: b slot, i and j agents, m landmark, e entity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from games.compiled import kernel
from games.markov.particles import ACTIONS, drive, integrate, repel
from games.markov.resource.nash import max_welfare
from games.markov.resource.rules import (
    AGENT_RADIUS,
    ENTITY,
    FORCE,
    LANDMARKS,
    MAX_LANDMARKS,
    MAX_POPULATION,
    OWN,
    radii,
    values,
)
from games.randomness import WORLD, uniform

__all__ = ["State", "View", "advance", "seat", "show"]

# Arrays: a tuple that is indexed by a variable is built anew each time.
_RADII = np.array(radii(MAX_LANDMARKS))
_VALUES = np.array(values(MAX_LANDMARKS))
_REACH = np.array([(radius + AGENT_RADIUS) ** 2 for radius in radii(MAX_LANDMARKS)])
_BEST = np.array(
    [[max_welfare(n, values(many)) for n in range(MAX_LANDMARKS + 1)] for many in range(MAX_LANDMARKS + 1)]
)


class State(NamedTuple):
    """What a step depends on: B matches of up to S seats and M landmarks."""

    population: NDArray[np.int64]  # [B] agents of the match; 0 before the first one
    clock: NDArray[np.int64]  # [B] steps done
    live: NDArray[np.bool_]  # [B] whether the match goes on
    landmark: NDArray[np.float64]  # [B, M, 2] positions; infinitely far away where a task has fewer
    position: NDArray[np.float64]  # [B, S, 2]
    velocity: NDArray[np.float64]  # [B, S, 2]
    score: NDArray[np.float64]  # [B, S] rewards so far
    welfare: NDArray[np.float64]  # [B] rewards so far of all agents

    @classmethod
    def empty(cls, slots: int, seats: int, landmarks: int) -> State:
        """Return the state of slots without matches."""
        return cls(
            population=np.zeros(slots, np.int64),
            clock=np.zeros(slots, np.int64),
            live=np.zeros(slots, np.bool_),
            landmark=np.zeros((slots, landmarks, 2)),
            position=np.zeros((slots, seats, 2)),
            velocity=np.zeros((slots, seats, 2)),
            score=np.zeros((slots, seats)),
            welfare=np.zeros(slots),
        )


class View(NamedTuple):
    """What `games.game.Step` shows, beside the score; the names are explained there."""

    own: NDArray[np.float32]  # [B, S, len(OWN)]
    entities: NDArray[np.float32]  # [B, S, M + S - 1, len(ENTITY)]
    entity_mask: NDArray[np.bool_]  # [B, S, M + S - 1]
    acting: NDArray[np.bool_]  # [B, S]
    reward: NDArray[np.float32]  # [B, S]
    truncated: NDArray[np.bool_]  # [B]
    welfare_share: NDArray[np.float64]  # [B]
    mean_reward: NDArray[np.float64]  # [B]

    @classmethod
    def empty(cls, slots: int, seats: int, landmarks: int) -> View:
        """Return the view of slots without matches."""
        entities = landmarks + seats - 1
        return cls(
            own=np.zeros((slots, seats, len(OWN)), np.float32),
            entities=np.zeros((slots, seats, entities, len(ENTITY)), np.float32),
            entity_mask=np.zeros((slots, seats, entities), np.bool_),
            acting=np.zeros((slots, seats), np.bool_),
            reward=np.zeros((slots, seats), np.float32),
            truncated=np.zeros(slots, np.bool_),
            welfare_share=np.zeros(slots),
            mean_reward=np.zeros(slots),
        )


@kernel
def seat(
    state: State,
    view: View,
    slots: NDArray,
    populations: NDArray,
    landmarks: NDArray,
    extents: NDArray,
    seeds: NDArray,
    observe: bool,
) -> None:
    """Begin new matches: [K] slots with [K] populations, numbers of landmarks, extents and seeds.

    Positions are uniform in [-extent, extent]^2 from the world's stream at step 0: landmark m has the indices 2m and
    2m + 1, agent i follows with 2 * (LANDMARKS + i) and the next; landmarks beyond the published six come after all agents
    that there can be. So one seed has the same landmarks and the same agents, however many there are of either.
    """
    view.reward[:] = 0
    view.truncated[:] = False
    for k in range(len(slots)):
        b = slots[k]
        state.population[b] = populations[k]
        state.clock[b] = 0
        state.live[b] = True
        state.welfare[b] = 0
        state.score[b] = 0
        state.position[b] = 0
        state.velocity[b] = 0
        state.landmark[b] = np.inf
        for axis in range(2):
            for m in range(landmarks[k]):
                index = m if m < LANDMARKS else MAX_POPULATION + m
                state.landmark[b, m, axis] = extents[k] * (2 * uniform(seeds[k], WORLD, 0, 2 * index + axis) - 1)
            for i in range(populations[k]):
                place = 2 * uniform(seeds[k], WORLD, 0, 2 * (LANDMARKS + i) + axis) - 1
                state.position[b, i, axis] = extents[k] * place
        for i in range(view.acting.shape[1]):
            view.acting[b, i] = i < populations[k]
        if observe:
            _show_fixed(state, view, b)
            _show_moving(state, view, b)


@kernel
def advance(state: State, view: View, actions: NDArray, force: NDArray, horizon: int, observe: bool) -> int:
    """Advance every live match by one step and truncate those that reach the horizon.

    Args:
        state: is overwritten.
        view: is overwritten.
        actions: [B, S, 1] int32.
        force: [S, 2] scratch.
        horizon: length of a match.
        observe: whether to write observations.

    Returns:
        -1, or a slot with an impossible action; then no match was advanced.
    """
    for b in range(len(state.live)):
        if state.live[b]:
            for i in range(state.population[b]):
                if actions[b, i, 0] < 0 or actions[b, i, 0] >= ACTIONS:
                    return b
    for b in range(len(state.live)):
        for i in range(view.reward.shape[1]):
            view.reward[b, i] = 0
        view.truncated[b] = False
        if not state.live[b]:
            continue
        count = state.population[b]
        for i in range(count):
            force[i, 0], force[i, 1] = drive(actions[b, i, 0], FORCE)
        repel(state.position, b, count, AGENT_RADIUS, force)
        integrate(state.position, state.velocity, b, count, force)
        _pay(state, view, b)
        state.clock[b] += 1
        if state.clock[b] >= horizon:
            state.live[b] = False
            view.truncated[b] = True
            for i in range(count):
                view.acting[b, i] = False
            there = _landmarks(state, b)
            view.welfare_share[b] = state.welfare[b] / (horizon * _BEST[there, min(count, there)])
            view.mean_reward[b] = state.welfare[b] / (horizon * count)
        if observe:
            _show_moving(state, view, b)
    return -1


@kernel
def show(state: State, view: View) -> None:
    """Write the whole view of a state, in which nothing has just happened."""
    view.reward[:] = 0
    view.truncated[:] = False
    for b in range(len(state.live)):
        for i in range(view.acting.shape[1]):
            view.acting[b, i] = state.live[b] and i < state.population[b]
        _show_fixed(state, view, b)
        _show_moving(state, view, b)


@njit(inline="always")
def _landmarks(state: State, b: int) -> int:
    """How many landmarks a match has."""
    count = 0
    for m in range(state.landmark.shape[1]):
        count += state.landmark[b, m, 0] < np.inf
    return count


@njit(inline="always")
def _pay(state: State, view: View, b: int) -> None:
    """Share each landmark's value among those who touch it."""
    for m in range(state.landmark.shape[1]):
        x, y = state.landmark[b, m, 0], state.landmark[b, m, 1]
        crowd = 0
        for i in range(state.population[b]):
            crowd += _touches(state.position[b, i, 0] - x, state.position[b, i, 1] - y, m)
        if crowd == 0:
            continue
        state.welfare[b] += _VALUES[m]
        share = _VALUES[m] / crowd
        for i in range(state.population[b]):
            if _touches(state.position[b, i, 0] - x, state.position[b, i, 1] - y, m):
                state.score[b, i] += share
                view.reward[b, i] += np.float32(share)


@njit(inline="always")
def _touches(dx: float, dy: float, m: int) -> bool:
    return dx * dx + dy * dy < _REACH[m]


@njit(inline="always")
def _show_fixed(state: State, view: View, b: int) -> None:
    """Write what stays the same during a match, and zero elsewhere."""
    count, landmarks, first = state.population[b], _landmarks(state, b), state.landmark.shape[1]
    view.own[b] = 0
    view.entities[b] = 0
    view.entity_mask[b] = False
    for i in range(count):
        view.own[b, i, 4] = count / MAX_POPULATION
        for m in range(landmarks):
            view.entities[b, i, m, 5] = _RADII[m]
            view.entity_mask[b, i, m] = True
        for e in range(first, first + count - 1):
            view.entities[b, i, e, 0] = 1
            view.entities[b, i, e, 5] = AGENT_RADIUS
            view.entity_mask[b, i, e] = True


@njit(inline="always")
def _show_moving(state: State, view: View, b: int) -> None:
    """Write what a step changes: positions and velocities."""
    position, velocity, landmark = state.position[b], state.velocity[b], state.landmark[b]
    landmarks = _landmarks(state, b)
    for i in range(state.population[b]):
        x, y = position[i, 0], position[i, 1]
        own, entities = view.own[b, i], view.entities[b, i]
        own[0], own[1], own[2], own[3] = velocity[i, 0], velocity[i, 1], x, y
        for m in range(landmarks):
            entities[m, 1] = landmark[m, 0] - x
            entities[m, 2] = landmark[m, 1] - y
        e = len(landmark)
        for j in range(state.population[b]):
            if j != i:
                entities[e, 1] = position[j, 0] - x
                entities[e, 2] = position[j, 1] - y
                entities[e, 3] = velocity[j, 0]
                entities[e, 4] = velocity[j, 1]
                e += 1
