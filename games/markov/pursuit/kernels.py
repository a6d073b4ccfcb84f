"""The compiled rules: three kernels over struct-of-arrays state, each for all matches in one call.

`State` is all that a step depends on and `View` what it shows; both are named tuples of arrays, which numba takes as they
are. Kernels are single-threaded, resolve each world with plain branches and allocate nothing. They use no fast-math: a
match has the same bits in any slot of any batch. Helpers are inlined and take out the arrays that they loop over before they
loop: an array that is taken out where there are branches has its references counted, which costs several times what the rest
of a step does.

Names of indices: b slot, i and j agents (predators first), o obstacle, e row of `entities`, kind 0 predator, 1 prey, 2
obstacle.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from games.compiled import kernel
from games.markov.particles import ACTIONS, DAMPING, DT, drive, push
from games.markov.pursuit.rules import (
    CONTACT,
    ENTITY,
    MAX_OBSTACLES,
    MAX_PREDATORS,
    MAX_PREY,
    OBSTACLE,
    OWN,
    PREDATOR,
    PREY,
    SHAPING,
    SPREAD,
    outside,
)
from games.randomness import WORLD, uniform

__all__ = ["State", "View", "advance", "seat", "show"]


class State(NamedTuple):
    """What a step depends on: B matches of up to S seats."""

    predators: NDArray[np.int64]  # [B] of the match; 0 before the first one
    prey: NDArray[np.int64]  # [B]
    obstacles: NDArray[np.int64]  # [B]
    radius: NDArray[np.float64]  # [B, 3] by kind
    speed: NDArray[np.float64]  # [B, 2] by kind, the highest
    acceleration: NDArray[np.float64]  # [B, 2] by kind, the force of an action
    arena: NDArray[np.float64]  # [B] half its side
    shaping: NDArray[np.bool_]  # [B]
    horizon: NDArray[np.int64]  # [B] length of the match
    clock: NDArray[np.int64]  # [B] steps done
    live: NDArray[np.bool_]  # [B] whether the match goes on
    obstacle: NDArray[np.float64]  # [B, MAX_OBSTACLES, 2] positions
    position: NDArray[np.float64]  # [B, S, 2]
    velocity: NDArray[np.float64]  # [B, S, 2]
    lost: NDArray[np.float64]  # [B, S] by prey: for contacts and the edge of the arena so far; 0 for predators
    captures: NDArray[np.float64]  # [B] pairs in touch, summed over the steps so far
    earned: NDArray[np.float64]  # [B, 2] by kind: rewards so far of all its agents

    @classmethod
    def empty(cls, slots: int, seats: int) -> State:
        """Return the state of slots without matches."""
        return cls(
            predators=np.zeros(slots, np.int64),
            prey=np.zeros(slots, np.int64),
            obstacles=np.zeros(slots, np.int64),
            radius=np.zeros((slots, 3)),
            speed=np.zeros((slots, 2)),
            acceleration=np.zeros((slots, 2)),
            arena=np.zeros(slots),
            shaping=np.zeros(slots, np.bool_),
            horizon=np.zeros(slots, np.int64),
            clock=np.zeros(slots, np.int64),
            live=np.zeros(slots, np.bool_),
            obstacle=np.zeros((slots, MAX_OBSTACLES, 2)),
            position=np.zeros((slots, seats, 2)),
            velocity=np.zeros((slots, seats, 2)),
            lost=np.zeros((slots, seats)),
            captures=np.zeros(slots),
            earned=np.zeros((slots, 2)),
        )


class View(NamedTuple):
    """What `games.game.Step` shows; the names are explained there."""

    own: NDArray[np.float32]  # [B, S, len(OWN)]
    entities: NDArray[np.float32]  # [B, S, MAX_OBSTACLES + S - 1, len(ENTITY)]
    entity_mask: NDArray[np.bool_]  # [B, S, MAX_OBSTACLES + S - 1]
    acting: NDArray[np.bool_]  # [B, S]
    reward: NDArray[np.float32]  # [B, S]
    truncated: NDArray[np.bool_]  # [B]
    score: NDArray[np.float64]  # [B, S]
    captures: NDArray[np.float64]  # [B]
    escape_share: NDArray[np.float64]  # [B]
    predator_reward: NDArray[np.float64]  # [B]
    prey_reward: NDArray[np.float64]  # [B]

    @classmethod
    def empty(cls, slots: int, seats: int) -> View:
        """Return the view of slots without matches."""
        entities = MAX_OBSTACLES + seats - 1
        return cls(
            own=np.zeros((slots, seats, len(OWN)), np.float32),
            entities=np.zeros((slots, seats, entities, len(ENTITY)), np.float32),
            entity_mask=np.zeros((slots, seats, entities), np.bool_),
            acting=np.zeros((slots, seats), np.bool_),
            reward=np.zeros((slots, seats), np.float32),
            truncated=np.zeros(slots, np.bool_),
            score=np.zeros((slots, seats)),
            captures=np.zeros(slots),
            escape_share=np.zeros(slots),
            predator_reward=np.zeros(slots),
            prey_reward=np.zeros(slots),
        )


@kernel
def seat(state: State, view: View, slots: NDArray, tasks: NDArray, seeds: NDArray, limit: int, observe: bool) -> None:
    """Begin new matches: [K] slots with [K, PARAMETERS] tasks and [K] seeds, of at most `limit` steps.

    Positions come from the world's stream at step 0. Obstacle o has the indices 2o and 2o + 1, predators follow after room for
    all obstacles, prey after room for all predators. So what one seed places does not depend on how much else there is.
    """
    view.reward[:] = 0
    view.truncated[:] = False
    for k in range(len(slots)):
        b = slots[k]
        state.predators[b] = int(tasks[k, 0])
        state.prey[b] = int(tasks[k, 1])
        state.obstacles[b] = int(tasks[k, 2])
        for kind in range(3):
            state.radius[b, kind] = tasks[k, 3 + kind]
        for kind in range(2):
            state.speed[b, kind] = tasks[k, 6 + kind]
            state.acceleration[b, kind] = tasks[k, 8 + kind]
            state.earned[b, kind] = 0
        state.arena[b] = tasks[k, 10]
        state.shaping[b] = tasks[k, 11] != 0
        state.horizon[b] = min(int(tasks[k, 12]), limit)
        state.clock[b] = 0
        state.live[b] = True
        state.captures[b] = 0
        state.lost[b] = 0
        state.obstacle[b] = 0
        state.position[b] = 0
        state.velocity[b] = 0
        view.score[b] = 0
        arena, predators = state.arena[b], state.predators[b]
        for axis in range(2):
            for o in range(state.obstacles[b]):
                place = 2 * uniform(seeds[k], WORLD, 0, 2 * o + axis) - 1
                state.obstacle[b, o, axis] = SPREAD * arena * place
            for i in range(predators + state.prey[b]):
                index = MAX_OBSTACLES + (i if i < predators else MAX_PREDATORS + i - predators)
                state.position[b, i, axis] = arena * (2 * uniform(seeds[k], WORLD, 0, 2 * index + axis) - 1)
        for i in range(view.acting.shape[1]):
            view.acting[b, i] = i < predators + state.prey[b]
        if observe:
            _show_fixed(state, view, b)
            _show_moving(state, view, b)


@kernel
def advance(state: State, view: View, actions: NDArray, force: NDArray, observe: bool) -> int:
    """Advance every live match by one step and truncate those that reach their horizon.

    Args:
        state: is overwritten.
        view: is overwritten.
        actions: [B, S, 1] int32.
        force: [S, 2] scratch.
        observe: whether to write observations.

    Returns:
        -1, or a slot with an impossible action; then no match was advanced.
    """
    wrong = _wrong(state, actions)
    if wrong < 0:
        for b in range(len(state.live)):
            for i in range(view.reward.shape[1]):
                view.reward[b, i] = 0
            view.truncated[b] = False
            if state.live[b]:
                _force(state, b, actions, force)
                _move(state, b, force)
                _pay(state, view, b)
                state.clock[b] += 1
                if state.clock[b] >= state.horizon[b]:
                    _close(state, view, b)
                if observe:
                    _show_moving(state, view, b)
    return wrong


@kernel
def show(state: State, view: View) -> None:
    """Write the whole view of a state, in which nothing has just happened."""
    view.reward[:] = 0
    view.truncated[:] = False
    for b in range(len(state.live)):
        for i in range(view.acting.shape[1]):
            view.acting[b, i] = state.live[b] and i < state.predators[b] + state.prey[b]
        _show_fixed(state, view, b)
        _show_moving(state, view, b)


@njit(inline="always")
def _wrong(state: State, actions: NDArray) -> int:
    """Return the last slot with an impossible action, or -1."""
    live, predators, prey = state.live, state.predators, state.prey
    wrong = -1
    for b in range(len(live)):
        if live[b]:
            for i in range(predators[b] + prey[b]):
                if actions[b, i, 0] < 0 or actions[b, i, 0] >= ACTIONS:
                    wrong = b
    return wrong


@njit(inline="always")
def _force(state: State, b: int, actions: NDArray, force: NDArray) -> None:
    """Write what pushes each agent: its action, and its contacts with others and with obstacles."""
    position, obstacle, acceleration, radius = state.position, state.obstacle, state.acceleration, state.radius
    predators, obstacles = state.predators[b], state.obstacles[b]
    count, wall = predators + state.prey[b], radius[b, OBSTACLE]
    # simple_tag counts the actions of an axis the other way round than `drive`.
    for i in range(count):
        force[i, 0], force[i, 1] = drive(actions[b, i, 0], -acceleration[b, int(i >= predators)])
    for i in range(count):
        x, y, own = position[b, i, 0], position[b, i, 1], radius[b, int(i >= predators)]
        for j in range(i + 1, count):
            dx, dy = x - position[b, j, 0], y - position[b, j, 1]
            factor = push(dx * dx + dy * dy, own + radius[b, int(j >= predators)])
            if factor != 0.0:
                force[i, 0] += factor * dx
                force[i, 1] += factor * dy
                force[j, 0] -= factor * dx
                force[j, 1] -= factor * dy
        for o in range(obstacles):
            dx, dy = x - obstacle[b, o, 0], y - obstacle[b, o, 1]
            factor = push(dx * dx + dy * dy, own + wall)
            if factor != 0.0:
                force[i, 0] += factor * dx
                force[i, 1] += factor * dy


@njit(inline="always")
def _move(state: State, b: int, force: NDArray) -> None:
    """Move with the old velocity, then damp, accelerate and cut it."""
    position, velocity, speed = state.position, state.velocity, state.speed
    predators = state.predators[b]
    for i in range(predators + state.prey[b]):
        vx, vy = velocity[b, i, 0], velocity[b, i, 1]
        position[b, i, 0] += vx * DT
        position[b, i, 1] += vy * DT
        vx = vx * (1.0 - DAMPING) + force[i, 0] * DT
        vy = vy * (1.0 - DAMPING) + force[i, 1] * DT
        most = speed[b, int(i >= predators)]
        squared = vx * vx + vy * vy
        if squared > most * most:
            cut = most / math.sqrt(squared)
            vx *= cut
            vy *= cut
        velocity[b, i, 0] = vx
        velocity[b, i, 1] = vy


@njit(inline="always")
def _pay(state: State, view: View, b: int) -> None:
    """Write rewards and keep account of them."""
    position, lost, earned, reward = state.position, state.lost, state.earned, view.reward
    predators, prey, arena = state.predators[b], state.prey[b], state.arena[b]
    reach = state.radius[b, PREDATOR] + state.radius[b, PREY]
    touches = 0
    for j in range(predators, predators + prey):
        x, y = position[b, j, 0], position[b, j, 1]
        crowd = 0
        for i in range(predators):
            dx, dy = x - position[b, i, 0], y - position[b, i, 1]
            crowd += dx * dx + dy * dy < reach * reach
        touches += crowd
        loss = crowd * CONTACT + outside(x, arena) + outside(y, arena)
        lost[b, j] += loss
        earned[b, PREY] -= loss
        reward[b, j] = -loss
    share = touches * CONTACT - SHAPING * _shape(state, view, b)
    for i in range(predators):
        reward[b, i] = share
    earned[b, PREDATOR] += predators * share
    state.captures[b] += touches


@njit(inline="always")
def _shape(state: State, view: View, b: int) -> float:
    """Add to each prey's reward for its distances to predators; return the sum of predators' distances to the nearest prey.

    Without shaping, do nothing and return 0.
    """
    position, earned, reward = state.position, state.earned, view.reward
    predators = state.predators[b]
    count = predators + state.prey[b]
    total = 0.0
    for i in range(predators if state.shaping[b] else 0):
        nearest = np.inf
        for j in range(predators, count):
            dx, dy = position[b, i, 0] - position[b, j, 0], position[b, i, 1] - position[b, j, 1]
            distance = math.sqrt(dx * dx + dy * dy)
            nearest = min(nearest, distance)
            reward[b, j] += np.float32(SHAPING * distance)
            earned[b, PREY] += SHAPING * distance
        total += nearest
    return total


@njit(inline="always")
def _close(state: State, view: View, b: int) -> None:
    """End a match, and write what is then known."""
    lost, acting, score = state.lost, view.acting, view.score
    predators, prey, steps = state.predators[b], state.prey[b], state.clock[b]
    state.live[b] = False
    view.truncated[b] = True
    escaped = 0
    for j in range(predators, predators + prey):
        escaped += lost[b, j] < CONTACT
    hunted = 1.0 - 2.0 * escaped / prey
    for i in range(predators + prey):
        acting[b, i] = False
        score[b, i] = hunted if i < predators else -hunted
    view.captures[b] = state.captures[b]
    view.escape_share[b] = escaped / prey
    view.predator_reward[b] = state.earned[b, PREDATOR] / (steps * predators)
    view.prey_reward[b] = state.earned[b, PREY] / (steps * prey)


@njit(inline="always")
def _show_fixed(state: State, view: View, b: int) -> None:
    """Write what stays the same during a match, and zero elsewhere."""
    predators = state.predators[b]
    count = predators + state.prey[b]
    view.own[b] = 0
    view.entities[b] = 0
    view.entity_mask[b] = False
    for i in range(count):
        own, kind = view.own[b, i], int(i >= predators)
        own[4 + kind] = 1
        own[6] = state.radius[b, kind]
        own[7] = state.speed[b, kind]
        own[8] = state.acceleration[b, kind]
        own[9] = state.arena[b]
        own[10] = predators / MAX_PREDATORS
        own[11] = state.prey[b] / MAX_PREY
        for o in range(state.obstacles[b]):
            view.entities[b, i, o, 6] = state.radius[b, OBSTACLE]
            view.entity_mask[b, i, o] = True
        for j in range(count):
            if j != i:
                e = MAX_OBSTACLES + j - int(j > i)
                view.entities[b, i, e, int(j >= predators)] = 1
                view.entities[b, i, e, 6] = state.radius[b, int(j >= predators)]
                view.entities[b, i, e, 7] = state.speed[b, int(j >= predators)]
                view.entity_mask[b, i, e] = True


@njit(inline="always")
def _show_moving(state: State, view: View, b: int) -> None:
    """Write what a step changes: positions and velocities."""
    position, velocity, obstacle = state.position[b], state.velocity[b], state.obstacle[b]
    every_own, every_entities = view.own[b], view.entities[b]
    predators, obstacles = state.predators[b], state.obstacles[b]
    count = predators + state.prey[b]
    for i in range(count):
        x, y = position[i, 0], position[i, 1]
        own, entities = every_own[i], every_entities[i]
        own[0], own[1], own[2], own[3] = velocity[i, 0], velocity[i, 1], x, y
        for o in range(obstacles):
            entities[o, 2] = obstacle[o, 0] - x
            entities[o, 3] = obstacle[o, 1] - y
        for j in range(count):
            if j != i:
                e = MAX_OBSTACLES + j - int(j > i)
                entities[e, 2] = position[j, 0] - x
                entities[e, 3] = position[j, 1] - y
                if j >= predators:
                    entities[e, 4] = velocity[j, 0]
                    entities[e, 5] = velocity[j, 1]
