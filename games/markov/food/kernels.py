"""The compiled rules of food collection."""

from __future__ import annotations

from numba import njit
from numpy.typing import NDArray

from games.compiled import kernel
from games.markov.food.rules import ALL, ALL_DECAY, COLLISION, COLLISIONS, FULL, OCCUPIED, OCCUPIED_SHARE, RADIUS
from games.markov.pasture.kernels import (
    apart,
    finish,
    give,
    impossible,
    move,
    nearest_food,
    quiet,
    show_moving,
    touches_food,
)
from games.markov.pasture.state import Scratch, State, View

__all__ = ["advance"]

REACH = 2 * RADIUS


@kernel
def advance(state: State, view: View, actions: NDArray, scratch: Scratch, limit: int, observe: bool) -> int:
    """Advance every live match by one step (see `PastureGame.advance`)."""
    wrong = impossible(state, actions)
    if wrong >= 0:
        return wrong
    for b in range(len(state.live)):
        quiet(view, b)
        if not state.live[b]:
            continue
        move(state, b, actions, scratch)
        _collide(state, b, scratch)
        _occupy(state, b, scratch)
        finish(state, view, b, scratch, False, limit)
        for k in range(state.tally.shape[1]):
            view.metrics[b, 1 + k] = state.tally[b, k] / state.clock[b]
        if observe:
            show_moving(state, view, b)
    return -1


@njit(inline="always")
def _collide(state: State, b: int, scratch: Scratch) -> None:
    """Two agents that touch both pay."""
    count = state.population[b]
    for i in range(count):
        for j in range(i + 1, count):
            if apart(state, b, i, j) < REACH * REACH:
                give(state, b, scratch, i, -COLLISION / count)
                give(state, b, scratch, j, -COLLISION / count)
                state.tally[b, COLLISIONS] += 1


@njit(inline="always")
def _occupy(state: State, b: int, scratch: Scratch) -> None:
    """Occupied foods pay everyone, and each agent wants to be near a food."""
    count, foods = state.population[b], state.foods[b]
    occupied = 0
    for m in range(foods):
        taken = False
        for i in range(count):
            taken = taken or touches_food(state, b, i, m)
        occupied += taken
    gain = OCCUPIED / count * occupied
    if occupied == foods:
        gain += ALL - ALL_DECAY * state.clock[b] / (state.horizon[b] + 1)
        state.tally[b, FULL] += 1
    state.tally[b, OCCUPIED_SHARE] += occupied / foods
    for i in range(count):
        scratch.gain[i] += gain - nearest_food(state, b, i)
