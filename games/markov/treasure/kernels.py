"""The compiled rules: three kernels over struct-of-arrays state, each for all matches in one call.

`State` is all that a step depends on and `View` what it shows; both are named tuples of arrays, which numba takes as they
are. Kernels are single-threaded, resolve each world with plain branches and allocate nothing. They use no fast-math: a
match has the same bits in any slot of any batch. Helpers that take arrays are inlined and return at their end only.

Names of indices: b slot, i and j seats (collectors first), d deposits, m treasures, e row of `entities`. T is S - 1: there are
never more treasures than collectors, and always a deposit.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from games.compiled import kernel
from games.markov.particles import ACTIONS, DAMPING, DT, drive, push
from games.markov.treasure.rules import (
    ACCELERATION,
    AVERAGED,
    COLLECTOR_RADIUS,
    COLLISION,
    DEPOSIT_MASS,
    DEPOSIT_RADIUS,
    ENTITY,
    MAX_COLLECTORS,
    MAX_DEPOSITS,
    OWN,
    PRIZE,
    SHAPING,
    SPEED,
    SPREAD,
    TREASURE_RADIUS,
)
from games.randomness import WORLD, integer, uniform

__all__ = ["NOTHING", "State", "View", "advance", "seat", "show"]

NOTHING = -1
"""The colour of what a free collector carries."""


class State(NamedTuple):
    """What a step depends on: B matches of up to S seats."""

    collectors: NDArray[np.int64]  # [B] of the match; 0 before the first one
    deposits: NDArray[np.int64]  # [B]
    treasures: NDArray[np.int64]  # [B]
    extent: NDArray[np.float64]  # [B] half the side of the square
    speed: NDArray[np.float64]  # [B] factor of acceleration and highest speed
    horizon: NDArray[np.int64]  # [B] length of the match
    seed: NDArray[np.uint64]  # [B]
    clock: NDArray[np.int64]  # [B] steps done
    live: NDArray[np.bool_]  # [B] whether the match goes on
    position: NDArray[np.float64]  # [B, S, 2]
    velocity: NDArray[np.float64]  # [B, S, 2]
    colour: NDArray[np.int64]  # [B, S] what a collector carries, or a deposit's own
    treasure: NDArray[np.float64]  # [B, T, 2] positions
    kind: NDArray[np.int64]  # [B, T] colours of treasures
    there: NDArray[np.bool_]  # [B, T] whether a treasure lies there
    earned: NDArray[np.float64]  # [B] rewards so far of all seats
    pick_ups: NDArray[np.float64]  # [B] treasures picked up so far
    deliveries: NDArray[np.float64]  # [B] treasures brought to their deposit so far
    collisions: NDArray[np.float64]  # [B] pairs of collectors in touch, summed over the steps so far

    @classmethod
    def empty(cls, slots: int, seats: int) -> State:
        """Return the state of slots without matches."""
        return cls(
            collectors=np.zeros(slots, np.int64),
            deposits=np.zeros(slots, np.int64),
            treasures=np.zeros(slots, np.int64),
            extent=np.zeros(slots),
            speed=np.zeros(slots),
            horizon=np.zeros(slots, np.int64),
            seed=np.zeros(slots, np.uint64),
            clock=np.zeros(slots, np.int64),
            live=np.zeros(slots, np.bool_),
            position=np.zeros((slots, seats, 2)),
            velocity=np.zeros((slots, seats, 2)),
            colour=np.zeros((slots, seats), np.int64),
            treasure=np.zeros((slots, seats - 1, 2)),
            kind=np.zeros((slots, seats - 1), np.int64),
            there=np.zeros((slots, seats - 1), np.bool_),
            earned=np.zeros(slots),
            pick_ups=np.zeros(slots),
            deliveries=np.zeros(slots),
            collisions=np.zeros(slots),
        )


class View(NamedTuple):
    """What `games.game.Step` shows; the names are explained there."""

    own: NDArray[np.float32]  # [B, S, len(OWN)]
    entities: NDArray[np.float32]  # [B, S, T + S - 1, len(ENTITY)]
    entity_mask: NDArray[np.bool_]  # [B, S, T + S - 1]
    acting: NDArray[np.bool_]  # [B, S]
    reward: NDArray[np.float32]  # [B, S]
    truncated: NDArray[np.bool_]  # [B]
    score: NDArray[np.float64]  # [B, S]
    pick_ups: NDArray[np.float64]  # [B]
    deliveries: NDArray[np.float64]  # [B]
    collisions: NDArray[np.float64]  # [B]
    mean_reward: NDArray[np.float64]  # [B]

    @classmethod
    def empty(cls, slots: int, seats: int) -> View:
        """Return the view of slots without matches."""
        entities = 2 * (seats - 1)
        return cls(
            own=np.zeros((slots, seats, len(OWN)), np.float32),
            entities=np.zeros((slots, seats, entities, len(ENTITY)), np.float32),
            entity_mask=np.zeros((slots, seats, entities), np.bool_),
            acting=np.zeros((slots, seats), np.bool_),
            reward=np.zeros((slots, seats), np.float32),
            truncated=np.zeros(slots, np.bool_),
            score=np.zeros((slots, seats)),
            pick_ups=np.zeros(slots),
            deliveries=np.zeros(slots),
            collisions=np.zeros(slots),
            mean_reward=np.zeros(slots),
        )


@kernel
def seat(
    state: State, view: View, slots: NDArray, counts: NDArray, reals: NDArray, seeds: NDArray, observe: bool
) -> None:
    """Begin new matches: [K] slots and [K] seeds.

    All chance is from the world's stream at step 0. Collector i has the indices 2i and 2i + 1, deposit d those of seat
    MAX_COLLECTORS + d; so one seed has the same first collectors and deposits whatever the numbers. Treasures: see `_lay`.

    Args:
        state: is overwritten.
        view: is overwritten.
        slots: [K].
        counts: [K, 4] int64: collectors, deposits, treasures, horizon.
        reals: [K, 2] float64: extent, speed.
        seeds: [K] uint64.
        observe: whether to write observations.
    """
    view.reward[:] = 0
    view.truncated[:] = False
    for k in range(len(slots)):
        b = slots[k]
        collectors, seats = counts[k, 0], counts[k, 0] + counts[k, 1]
        state.collectors[b] = collectors
        state.deposits[b] = counts[k, 1]
        state.treasures[b] = counts[k, 2]
        state.horizon[b] = counts[k, 3]
        state.extent[b] = reals[k, 0]
        state.speed[b] = reals[k, 1]
        state.seed[b] = seeds[k]
        state.clock[b] = 0
        state.live[b] = True
        state.position[b] = 0
        state.velocity[b] = 0
        state.colour[b] = 0
        state.treasure[b] = 0
        state.kind[b] = 0
        state.there[b] = False
        state.earned[b] = 0
        state.pick_ups[b] = 0
        state.deliveries[b] = 0
        state.collisions[b] = 0
        view.score[b] = 0
        for i in range(seats):
            place = i if i < collectors else MAX_COLLECTORS + i - collectors
            for axis in range(2):
                state.position[b, i, axis] = reals[k, 0] * (2 * uniform(seeds[k], WORLD, 0, 2 * place + axis) - 1)
            state.colour[b, i] = NOTHING if i < collectors else i - collectors
        for m in range(counts[k, 2]):
            _lay(state, b, m)
        for i in range(view.acting.shape[1]):
            view.acting[b, i] = i < seats
        if observe:
            _clear(view, b)
            _show(state, view, b)


@kernel
def advance(
    state: State, view: View, actions: NDArray, force: NDArray, near: NDArray, limit: int, observe: bool
) -> int:
    """Advance every live match by one step and truncate those that reach their horizon.

    Args:
        state: is overwritten.
        view: is overwritten.
        actions: [B, S, 1] int32.
        force: [S, 2] scratch.
        near: [S] scratch.
        limit: no match is longer than this.
        observe: whether to write observations.

    Returns:
        -1, or a slot with an impossible action; then no match was advanced.
    """
    for b in range(len(state.live)):
        if state.live[b]:
            for i in range(state.collectors[b] + state.deposits[b]):
                if actions[b, i, 0] < 0 or actions[b, i, 0] >= ACTIONS:
                    return b
    for b in range(len(state.live)):
        for i in range(view.reward.shape[1]):
            view.reward[b, i] = 0
        view.truncated[b] = False
        if not state.live[b]:
            continue
        _move(state, actions, b, force)
        _pay(state, view, b, near)
        state.clock[b] += 1
        _exchange(state, b)
        if state.clock[b] >= min(state.horizon[b], limit):
            _end(state, view, b)
        if observe:
            _show(state, view, b)
    return -1


@kernel
def show(state: State, view: View) -> None:
    """Write the whole view of a state, in which nothing has just happened."""
    view.reward[:] = 0
    view.truncated[:] = False
    for b in range(len(state.live)):
        for i in range(view.acting.shape[1]):
            view.acting[b, i] = state.live[b] and i < state.collectors[b] + state.deposits[b]
        _clear(view, b)
        _show(state, view, b)


@njit(inline="always")
def _lay(state: State, b: int, m: int) -> None:
    """Put treasure m somewhere, in some colour: three numbers of the step, after those of all seats."""
    first = 2 * (MAX_COLLECTORS + MAX_DEPOSITS) + 3 * m
    for axis in range(2):
        place = 2 * uniform(state.seed[b], WORLD, state.clock[b], first + axis) - 1
        state.treasure[b, m, axis] = SPREAD * state.extent[b] * place
    state.kind[b, m] = integer(state.seed[b], WORLD, state.clock[b], first + 2, state.deposits[b])
    state.there[b, m] = True


@njit(inline="always")
def _move(state: State, actions: NDArray, b: int, force: NDArray) -> None:
    """Move the seats by their actions and contacts. `force` holds accelerations.

    As in the physics of the published game, a contact force f accelerates a body of mass m that touches one of mass n by
    f * n / m^2: it is first scaled by n / m, and then divided by m.
    """
    collectors, seats = state.collectors[b], state.collectors[b] + state.deposits[b]
    position, velocity = state.position[b], state.velocity[b]
    for i in range(seats):
        x, y = drive(actions[b, i, 0], ACCELERATION)
        force[i, 0], force[i, 1] = x * state.speed[b], y * state.speed[b]
    for i in range(seats):
        for j in range(i + 1, seats):
            dx, dy = position[i, 0] - position[j, 0], position[i, 1] - position[j, 1]
            reach = _radius(i, collectors) + _radius(j, collectors)
            factor = push(dx * dx + dy * dy, reach)
            if factor != 0.0:
                one, other = _mass(i, collectors), _mass(j, collectors)
                mine, yours = factor * other / (one * one), factor * one / (other * other)
                force[i, 0] += mine * dx
                force[i, 1] += mine * dy
                force[j, 0] -= yours * dx
                force[j, 1] -= yours * dy
    most = SPEED * state.speed[b]
    for i in range(seats):
        vx = velocity[i, 0] * (1.0 - DAMPING) + force[i, 0] * DT
        vy = velocity[i, 1] * (1.0 - DAMPING) + force[i, 1] * DT
        speed = math.sqrt(vx * vx + vy * vy)
        if speed > most:
            vx, vy = vx / speed * most, vy / speed * most
        velocity[i, 0], velocity[i, 1] = vx, vy
        position[i, 0] += vx * DT
        position[i, 1] += vy * DT


@njit(inline="always")
def _radius(i: int, collectors: int) -> float:
    return COLLECTOR_RADIUS if i < collectors else DEPOSIT_RADIUS


@njit(inline="always")
def _mass(i: int, collectors: int) -> float:
    return 1.0 if i < collectors else DEPOSIT_MASS


@njit(inline="always")
def _length(dx: float, dy: float) -> float:
    return math.sqrt(dx * dx + dy * dy)


@njit(inline="always")
def _pay(state: State, view: View, b: int, near: NDArray) -> None:
    """Reward everyone for where all are, before anything changes hands."""
    collectors, seats = state.collectors[b], state.collectors[b] + state.deposits[b]
    position, colour = state.position[b], state.colour[b]
    contacts, touches = 0, 0
    for i in range(collectors):
        x, y, shaping, touched = position[i, 0], position[i, 1], 0.0, 0
        if colour[i] == NOTHING:
            nearest = np.inf
            for m in range(state.treasures[b]):
                if state.there[b, m]:
                    away = _length(x - state.treasure[b, m, 0], y - state.treasure[b, m, 1])
                    contacts += away < COLLECTOR_RADIUS + TREASURE_RADIUS
                    nearest = min(nearest, away)
            if nearest < np.inf:
                shaping = nearest
        else:
            d = collectors + colour[i]
            shaping = _length(x - position[d, 0], y - position[d, 1])
            contacts += shaping < COLLECTOR_RADIUS + DEPOSIT_RADIUS
        for j in range(collectors):
            if j != i:
                touched += _length(x - position[j, 0], y - position[j, 1]) < 2 * COLLECTOR_RADIUS
        touches += touched
        near[i] = -COLLISION * touched - SHAPING * shaping
    state.collisions[b] += touches / 2
    for d in range(collectors, seats):
        near[d] = -SHAPING * _drawn(position, colour, collectors, d)
    for i in range(seats):
        reward = near[i] + PRIZE * contacts
        state.earned[b] += reward
        view.reward[b, i] = np.float32(reward)


@njit(inline="always")
def _drawn(position: NDArray, colour: NDArray, collectors: int, d: int) -> float:
    """How far a deposit is from the next carrier of its colour; without one, from the middle of the nearest collectors."""
    own_x, own_y = position[d, 0], position[d, 1]
    nearest = np.inf
    for i in range(collectors):
        if colour[i] == colour[d]:
            nearest = min(nearest, _length(position[i, 0] - own_x, position[i, 1] - own_y))
    if nearest == np.inf:
        x, y, last, taken = 0.0, 0.0, -1.0, -1
        count = min(AVERAGED, collectors)
        for _ in range(count):  # the next one in the order of (distance, seat)
            best, chosen = np.inf, -1
            for i in range(collectors):
                distance = _length(position[i, 0] - own_x, position[i, 1] - own_y)
                later = distance > last or (distance == last and i > taken)
                if later and distance < best:
                    best, chosen = distance, i
            x += position[chosen, 0] - own_x
            y += position[chosen, 1] - own_y
            last, taken = best, chosen
        nearest = _length(x / count, y / count)
    return nearest


@njit(inline="always")
def _exchange(state: State, b: int) -> None:
    """Let treasures change hands: those that are away come back elsewhere, those that are touched go to the first seat."""
    collectors = state.collectors[b]
    position, colour = state.position[b], state.colour[b]
    for m in range(state.treasures[b]):
        if not state.there[b, m]:
            _lay(state, b, m)
        else:
            x, y = state.treasure[b, m, 0], state.treasure[b, m, 1]
            for i in range(collectors):
                touches = _length(position[i, 0] - x, position[i, 1] - y) < COLLECTOR_RADIUS + TREASURE_RADIUS
                if touches and colour[i] == NOTHING and state.there[b, m]:
                    colour[i] = state.kind[b, m]
                    state.there[b, m] = False
                    state.pick_ups[b] += 1
    for i in range(collectors):
        if colour[i] != NOTHING:
            d = collectors + colour[i]
            away = _length(position[i, 0] - position[d, 0], position[i, 1] - position[d, 1])
            if away < COLLECTOR_RADIUS + DEPOSIT_RADIUS:
                colour[i] = NOTHING
                state.deliveries[b] += 1


@njit(inline="always")
def _end(state: State, view: View, b: int) -> None:
    seats = state.collectors[b] + state.deposits[b]
    state.live[b] = False
    view.truncated[b] = True
    for i in range(seats):
        view.acting[b, i] = False
        view.score[b, i] = state.earned[b] / seats
    view.pick_ups[b] = state.pick_ups[b]
    view.deliveries[b] = state.deliveries[b]
    view.collisions[b] = state.collisions[b]
    view.mean_reward[b] = state.earned[b] / (seats * state.clock[b])


@njit(inline="always")
def _clear(view: View, b: int) -> None:
    """Forget what the match before showed; `_show` writes only what there is."""
    view.own[b] = 0
    view.entities[b] = 0
    view.entity_mask[b] = False


@njit(inline="always")
def _show(state: State, view: View, b: int) -> None:
    """Write what every seat sees."""
    collectors, seats, treasures = state.collectors[b], state.collectors[b] + state.deposits[b], state.treasures[b]
    position, velocity, colour = state.position[b], state.velocity[b], state.colour[b]
    for i in range(seats):
        own, entities, mask = view.own[b, i], view.entities[b, i], view.entity_mask[b, i]
        x, y = position[i, 0], position[i, 1]
        own[0], own[1], own[2], own[3] = velocity[i, 0], velocity[i, 1], x, y
        own[4] = i >= collectors
        for c in range(MAX_DEPOSITS):
            own[5 + c] = c == colour[i]
        own[5 + MAX_DEPOSITS] = collectors / MAX_COLLECTORS
        own[6 + MAX_DEPOSITS] = state.deposits[b] / MAX_DEPOSITS
        own[7 + MAX_DEPOSITS] = treasures / MAX_COLLECTORS
        for m in range(treasures):
            there = state.there[b, m]
            mask[m] = there
            entities[m, 2] = state.treasure[b, m, 0] - x if there else 0.0
            entities[m, 3] = state.treasure[b, m, 1] - y if there else 0.0
            for c in range(MAX_DEPOSITS):
                entities[m, 6 + c] = there and c == state.kind[b, m]
        e = state.treasure.shape[1]
        for j in range(seats):
            if j != i:
                mask[e] = True
                entities[e, 0] = j < collectors
                entities[e, 1] = j >= collectors
                entities[e, 2] = position[j, 0] - x
                entities[e, 3] = position[j, 1] - y
                entities[e, 4] = velocity[j, 0]
                entities[e, 5] = velocity[j, 1]
                for c in range(MAX_DEPOSITS):
                    entities[e, 6 + c] = c == colour[j]
                e += 1
