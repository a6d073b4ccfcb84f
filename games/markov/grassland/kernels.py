"""The compiled rules of grassland."""

from __future__ import annotations

import math

from numba import njit
from numpy.typing import NDArray

from games.compiled import kernel
from games.markov.grassland.rules import EATEN, FOOD, FOODS, NEAR_FOOD, NEAR_SHEEP, SHEEP, SHEEP_RADIUS, WOLF_RADIUS
from games.markov.pasture.kernels import (
    apart,
    finish,
    give,
    impossible,
    move,
    nearest_food,
    quiet,
    regrow,
    show_moving,
    touches_food,
)
from games.markov.pasture.state import Scratch, State, View

__all__ = ["advance"]

REACH = WOLF_RADIUS + SHEEP_RADIUS


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
        _hunt(state, b, scratch)
        _graze(state, b, scratch)
        flock = 0
        for j in range(state.first[b]):
            flock += state.alive[b, j] and not scratch.dies[j]
        finish(state, view, b, scratch, flock == 0, limit)
        view.metrics[b, 2] = state.tally[b, SHEEP]
        view.metrics[b, 3] = flock
        view.metrics[b, 4] = state.tally[b, FOODS]
        if observe:
            show_moving(state, view, b)
    return -1


@njit(inline="always")
def _hunt(state: State, b: int, scratch: Scratch) -> None:
    """Wolves eat the sheep that they touch, each of them what it touches, and want to be near one."""
    for i in range(state.first[b], state.population[b]):
        nearest = math.inf
        for j in range(state.first[b]):
            if state.alive[b, j]:
                away = apart(state, b, i, j)
                nearest = min(nearest, away)
                if away < REACH * REACH:
                    give(state, b, scratch, i, EATEN)
                    give(state, b, scratch, j, -EATEN)
                    state.tally[b, SHEEP] += not scratch.dies[j]
                    scratch.dies[j] = True
        scratch.gain[i] -= NEAR_SHEEP * math.sqrt(nearest)


@njit(inline="always")
def _graze(state: State, b: int, scratch: Scratch) -> None:
    """Sheep eat the foods that they touch, each of them what it touches, and want to be near one."""
    for j in range(state.first[b]):
        if state.alive[b, j]:
            scratch.gain[j] -= NEAR_FOOD * nearest_food(state, b, j)
    for m in range(state.foods[b]):
        eaten = False
        for j in range(state.first[b]):
            if state.alive[b, j] and touches_food(state, b, j, m):
                give(state, b, scratch, j, FOOD)
                eaten = True
        if eaten:
            state.tally[b, FOODS] += 1
            regrow(state, b, m)
