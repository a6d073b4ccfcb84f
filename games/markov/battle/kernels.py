"""The compiled rules of adversarial battle."""

from __future__ import annotations

import math

from numba import njit
from numpy.typing import NDArray

from games.compiled import kernel
from games.markov.battle.rules import ATTACKERS, FOOD, FOODS, KILL, NEAR_ENEMY, NEAR_FOOD, RADIUS
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
        _fight(state, b, scratch)
        _feed(state, b, scratch)
        left, right = 0, 0
        for i in range(state.population[b]):
            survives = state.alive[b, i] and not scratch.dies[i]
            left += survives and i < state.first[b]
            right += survives and i >= state.first[b]
        finish(state, view, b, scratch, left + right == 0, limit)
        view.metrics[b, 2] = left
        view.metrics[b, 3] = right
        view.metrics[b, 4] = state.tally[b, FOODS]
        if observe:
            show_moving(state, view, b)
    return -1


@njit(inline="always")
def _fight(state: State, b: int, scratch: Scratch) -> None:
    """Who is touched by two enemies dies, and all of them share the prize; everyone wants to be near an enemy."""
    count, first = state.population[b], state.first[b]
    for i in range(count):
        if state.alive[b, i]:
            low, high = (first, count) if i < first else (0, first)
            nearest, touching = math.inf, 0
            for j in range(low, high):
                if state.alive[b, j]:
                    away = apart(state, b, i, j)
                    nearest = min(nearest, away)
                    touching += away < REACH * REACH
            if nearest < math.inf:
                scratch.gain[i] -= NEAR_ENEMY * math.sqrt(nearest)
            if touching >= ATTACKERS:
                scratch.dies[i] = True
                give(state, b, scratch, i, -KILL)
                for j in range(low, high):
                    if state.alive[b, j] and apart(state, b, i, j) < REACH * REACH:
                        give(state, b, scratch, j, KILL / touching)


@njit(inline="always")
def _feed(state: State, b: int, scratch: Scratch) -> None:
    """Agents eat the foods that they touch, each of them what it touches, and want to be near one."""
    count = state.population[b]
    for i in range(count):
        if state.alive[b, i]:
            scratch.gain[i] -= NEAR_FOOD * nearest_food(state, b, i)
    for m in range(state.foods[b]):
        eaten = False
        for i in range(count):
            if state.alive[b, i] and touches_food(state, b, i, m):
                give(state, b, scratch, i, FOOD)
                eaten = True
        if eaten:
            state.tally[b, FOODS] += 1
            regrow(state, b, m)
