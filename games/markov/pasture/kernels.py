"""The compiled rules that the pasture games share: two kernels, and the parts of a step that each game puts together.

A game's own kernel is a loop over worlds of `quiet`, `move`, its rewards and deaths, `finish` and `show_moving`. Kernels are
single-threaded, resolve each world with plain branches and allocate nothing. They use no fast-math: a match has the same
bits in any slot of any batch. Helpers that take arrays are inlined and return at their end only (see
`games/markov/resource/kernels.py`).

Names of indices: b slot, i and j agents, m food, e entity, t team.
"""

from __future__ import annotations

import math

from numba import njit
from numpy.typing import NDArray

from games.compiled import kernel
from games.markov.particles import ACTIONS, DAMPING, DT, drive, push
from games.markov.pasture.rules import ACCEL, FOOD_RADIUS, MAX_POPULATION, RADIUS, ROLE, SPREAD, TOP_SPEED
from games.markov.pasture.state import Draft, Scratch, State, View
from games.randomness import WORLD, uniform

__all__ = [
    "apart",
    "finish",
    "give",
    "impossible",
    "move",
    "nearest_food",
    "quiet",
    "regrow",
    "seat",
    "show",
    "show_moving",
    "touches_food",
]

AGENTS = 1024
"""Where the random numbers of the first team begin at step 0; those of the second begin at twice that, foods at 0."""


@kernel
def seat(state: State, view: View, draft: Draft, observe: bool) -> None:
    """Begin new matches.

    Agents are uniform in [-extent, extent]^2, foods in the inner nine tenths of it, all from the world's stream at step 0:
    food m has the indices 2m and 2m + 1, member k of team t has 2 (AGENTS (1 + t) + k) and the next. So one seed has the
    same first foods and the same first members of a team whatever the populations.
    """
    view.reward[:] = 0
    view.terminated[:] = False
    view.truncated[:] = False
    for k in range(len(draft.slots)):
        b, seed, extent = draft.slots[k], draft.seeds[k], draft.extent[k]
        first, count = draft.sizes[k, 0], draft.sizes[k, 0] + draft.sizes[k, 1]
        state.seed[b], state.population[b], state.first[b], state.foods[b] = seed, count, first, draft.foods[k]
        state.extent[b], state.sharing[b], state.horizon[b] = extent, draft.sharing[k], draft.horizon[k]
        state.body[b] = draft.body[k]
        state.clock[b] = 0
        state.live[b] = True
        state.food[b] = 0
        state.position[b] = 0
        state.velocity[b] = 0
        state.earned[b] = 0
        state.tally[b] = 0
        view.score[b] = 0
        for axis in range(2):
            for m in range(draft.foods[k]):
                state.food[b, m, axis] = extent * SPREAD * (2 * uniform(seed, WORLD, 0, 2 * m + axis) - 1)
            for i in range(count):
                place = AGENTS + i if i < first else 2 * AGENTS + i - first
                state.position[b, i, axis] = extent * (2 * uniform(seed, WORLD, 0, 2 * place + axis) - 1)
        for i in range(view.acting.shape[1]):
            state.alive[b, i] = i < count
            view.acting[b, i] = i < count
        if observe:
            _show_fixed(state, view, b)
            show_moving(state, view, b)


@kernel
def show(state: State, view: View) -> None:
    """Write the whole view of a state, in which nothing has just happened."""
    view.reward[:] = 0
    view.terminated[:] = False
    view.truncated[:] = False
    view.score[:] = 0
    for b in range(len(state.live)):
        for i in range(view.acting.shape[1]):
            view.acting[b, i] = state.live[b] and state.alive[b, i]
        _share_score(state, view, b)
        _show_fixed(state, view, b)
        show_moving(state, view, b)


@njit(inline="always")
def impossible(state: State, actions: NDArray) -> int:
    """Return the first slot in which a living agent has no action of 0 .. 4, or -1."""
    found = -1
    for b in range(len(state.live)):
        if state.live[b] and found < 0:
            for i in range(state.population[b]):
                if state.alive[b, i] and (actions[b, i, 0] < 0 or actions[b, i, 0] >= ACTIONS):
                    found = b
    return found


@njit(inline="always")
def quiet(view: View, b: int) -> None:
    """Forget what the step before gave."""
    for i in range(view.reward.shape[1]):
        view.reward[b, i] = 0
    view.terminated[b] = False
    view.truncated[b] = False


@njit(inline="always")
def move(state: State, b: int, actions: NDArray, scratch: Scratch) -> None:
    """Advance all bodies and the clock of world b, and clear the scratch of a step.

    Forces come from the positions before the step, damping comes before them, the top speed after them, and the arena
    ends the way. The dead push the others and stay where they are.
    """
    count, first = state.population[b], state.first[b]
    force, position, velocity, extent = scratch.force, state.position, state.velocity, state.extent[b]
    for i in range(count):
        force[i, 0], force[i, 1] = drive(actions[b, i, 0], state.body[b, int(i >= first), ACCEL])
    one, other = state.body[b, 0, RADIUS], state.body[b, 1, RADIUS]
    for i in range(count):
        x, y, radius = position[b, i, 0], position[b, i, 1], one if i < first else other
        for j in range(i + 1, count):
            dx, dy = x - position[b, j, 0], y - position[b, j, 1]
            factor = push(dx * dx + dy * dy, radius + (one if j < first else other))
            if factor != 0.0:
                force[i, 0] += factor * dx
                force[i, 1] += factor * dy
                force[j, 0] -= factor * dx
                force[j, 1] -= factor * dy
    for i in range(count):
        scratch.gain[i] = 0
        scratch.dies[i] = False
        if state.alive[b, i]:
            vx = velocity[b, i, 0] * (1.0 - DAMPING) + force[i, 0] * DT
            vy = velocity[b, i, 1] * (1.0 - DAMPING) + force[i, 1] * DT
            speed, top = math.sqrt(vx * vx + vy * vy), state.body[b, int(i >= first), TOP_SPEED]
            if speed > top:
                vx, vy = vx / speed * top, vy / speed * top
            velocity[b, i, 0], velocity[b, i, 1] = vx, vy
            position[b, i, 0] = min(max(position[b, i, 0] + vx * DT, -extent), extent)
            position[b, i, 1] = min(max(position[b, i, 1] + vy * DT, -extent), extent)
    scratch.shared[0], scratch.shared[1] = 0, 0
    state.clock[b] += 1


@njit(inline="always")
def give(state: State, b: int, scratch: Scratch, i: int, amount: float) -> None:
    """Reward agent i: it keeps 1 - alpha, and everyone of its team who lived before this step gets alpha, itself too."""
    alpha = state.sharing[b]
    scratch.gain[i] += (1 - alpha) * amount
    scratch.shared[int(i >= state.first[b])] += alpha * amount


@njit(inline="always")
def apart(state: State, b: int, i: int, j: int) -> float:
    """Return the squared distance of the centres of two agents."""
    dx, dy = state.position[b, i, 0] - state.position[b, j, 0], state.position[b, i, 1] - state.position[b, j, 1]
    return dx * dx + dy * dy


@njit(inline="always")
def nearest_food(state: State, b: int, i: int) -> float:
    """Return the distance of an agent to the nearest food."""
    nearest = math.inf
    for m in range(state.foods[b]):
        dx, dy = state.food[b, m, 0] - state.position[b, i, 0], state.food[b, m, 1] - state.position[b, i, 1]
        nearest = min(nearest, dx * dx + dy * dy)
    return math.sqrt(nearest)


@njit(inline="always")
def touches_food(state: State, b: int, i: int, m: int) -> bool:
    """Return whether an agent touches a food."""
    dx, dy = state.food[b, m, 0] - state.position[b, i, 0], state.food[b, m, 1] - state.position[b, i, 1]
    reach = FOOD_RADIUS + state.body[b, int(i >= state.first[b]), RADIUS]
    return dx * dx + dy * dy < reach * reach


@njit(inline="always")
def regrow(state: State, b: int, m: int) -> None:
    """Put a food elsewhere: uniform, from the world's stream at the number of this step, indices 2m and 2m + 1."""
    for axis in range(2):
        place = 2 * uniform(state.seed[b], WORLD, state.clock[b], 2 * m + axis) - 1
        state.food[b, m, axis] = state.extent[b] * SPREAD * place


@njit(inline="always")
def finish(state: State, view: View, b: int, scratch: Scratch, over: bool, limit: int) -> None:
    """Book the rewards of a step, bury the dead, and end the match where it is over or at its horizon.

    Metrics begin with the mean reward per seat and step of each team; the rest is up to the game.

    Args:
        state: is overwritten.
        view: is overwritten.
        b: slot.
        scratch: gains and deaths of this step.
        over: whether the rules end the match here.
        limit: steps after which every match is cut.
    """
    count, first, clock = state.population[b], state.first[b], state.clock[b]
    for i in range(count):
        if state.alive[b, i]:
            gain = scratch.gain[i] + scratch.shared[int(i >= first)]
            state.earned[b, i] += gain
            view.reward[b, i] = gain
        if scratch.dies[i]:
            state.alive[b, i] = False
            state.velocity[b, i, 0], state.velocity[b, i, 1] = 0, 0
    if over or clock >= min(state.horizon[b], limit):
        state.live[b] = False
        view.terminated[b] = over
        view.truncated[b] = not over
    _share_score(state, view, b)
    view.metrics[b, 0] = view.score[b, 0] / clock
    if first < count:
        view.metrics[b, 1] = view.score[b, first] / clock
    for i in range(count):
        view.acting[b, i] = state.live[b] and state.alive[b, i]


@njit(inline="always")
def show_moving(state: State, view: View, b: int) -> None:
    """Write what a step changes: positions, velocities, and who lives."""
    position, velocity, food, alive = state.position[b], state.velocity[b], state.food[b], state.alive[b]
    for i in range(state.population[b]):
        x, y = position[i, 0], position[i, 1]
        own, entities, mask = view.own[b, i], view.entities[b, i], view.entity_mask[b, i]
        own[0], own[1], own[2], own[3], own[4] = velocity[i, 0], velocity[i, 1], x, y, alive[i]
        for m in range(state.foods[b]):
            entities[m, 3] = food[m, 0] - x
            entities[m, 4] = food[m, 1] - y
        e = food.shape[0]
        for j in range(state.population[b]):
            if j != i:
                if alive[j]:
                    entities[e, 3] = position[j, 0] - x
                    entities[e, 4] = position[j, 1] - y
                    entities[e, 5] = velocity[j, 0]
                    entities[e, 6] = velocity[j, 1]
                elif mask[e]:
                    mask[e] = False
                    for f in range(entities.shape[1]):
                        entities[e, f] = 0
                e += 1


@njit(inline="always")
def _show_fixed(state: State, view: View, b: int) -> None:
    """Write what stays the same during a match, as if everyone lived, and zero elsewhere."""
    count, first, room = state.population[b], state.first[b], state.food.shape[1]
    view.own[b] = 0
    view.entities[b] = 0
    view.entity_mask[b] = False
    for i in range(count):
        t = int(i >= first)
        kin = count - first if t else first
        own, entities, mask = view.own[b, i], view.entities[b, i], view.entity_mask[b, i]
        own[5], own[6], own[7] = state.body[b, t, ROLE], state.body[b, t, ACCEL], state.extent[b]
        own[8], own[9] = kin / MAX_POPULATION, (count - kin) / MAX_POPULATION
        for m in range(state.foods[b]):
            entities[m, 0] = 1
            mask[m] = True
        e = room
        for j in range(count):
            if j != i:
                entities[e, 1 if (j >= first) == (i >= first) else 2] = 1
                mask[e] = True
                e += 1


@njit(inline="always")
def _share_score(state: State, view: View, b: int) -> None:
    """Give all seats of a team what its members earned on average."""
    count, first = state.population[b], state.first[b]
    for t in range(2):
        low, high = (0, first) if t == 0 else (first, count)
        total = 0.0
        for i in range(low, high):
            total += state.earned[b, i]
        for i in range(low, high):
            view.score[b, i] = total / (high - low)
