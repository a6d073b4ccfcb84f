"""The compiled rules: three kernels over struct-of-arrays state, each for all matches in one call.

Kernels are single-threaded and allocate nothing; a match has the same bits in any slot of any batch.

Names of indices: b slot, i and j seats, a action.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from games.compiled import kernel
from games.markov.repeated.rules import (
    ACTIONS,
    COST,
    GAMES,
    HARE,
    LEVERS,
    MAX_ACTIONS,
    MAX_MULTIPLIER,
    MAX_POPULATION,
    OWN,
    PUNISHMENT,
    REWARD,
    ROUTES,
    STAG,
    SUCKER,
    TEMPTATION,
)

__all__ = ["State", "View", "advance", "seat", "show"]

_COUNT = np.array([ACTIONS[name] for name in GAMES])
_PAIR = np.array([[REWARD, SUCKER], [TEMPTATION, PUNISHMENT]])
_LEVERS, _ROUTES = np.array(LEVERS), np.array(ROUTES)
_LAST = len(GAMES)  # where the own last action begins in `self`


class State(NamedTuple):
    """What a step depends on: B matches of up to S seats."""

    game: NDArray[np.int64]  # [B] number of the stage game
    population: NDArray[np.int64]  # [B]; 0 before the first match
    rounds: NDArray[np.int64]  # [B] length of the match
    endless: NDArray[np.bool_]  # [B] whether nobody knows that length
    multiplier: NDArray[np.float64]  # [B] of the public goods game
    best: NDArray[np.float64]  # [B] the most that all can get in a round
    clock: NDArray[np.int64]  # [B] rounds played
    live: NDArray[np.bool_]  # [B] whether the match goes on
    last: NDArray[np.int64]  # [B, S] last actions; -1 in the first round and on empty seats
    score: NDArray[np.float64]  # [B, S] rewards so far
    first: NDArray[np.int64]  # [B] how often action 0 was taken so far

    @classmethod
    def empty(cls, slots: int, seats: int) -> State:
        """Return the state of slots without matches."""
        return cls(
            game=np.zeros(slots, np.int64),
            population=np.zeros(slots, np.int64),
            rounds=np.zeros(slots, np.int64),
            endless=np.zeros(slots, np.bool_),
            multiplier=np.zeros(slots),
            best=np.zeros(slots),
            clock=np.zeros(slots, np.int64),
            live=np.zeros(slots, np.bool_),
            last=np.full((slots, seats), -1, np.int64),
            score=np.zeros((slots, seats)),
            first=np.zeros(slots, np.int64),
        )


class View(NamedTuple):
    """What `games.game.Step` shows, beside the score; the names are explained there."""

    own: NDArray[np.float32]  # [B, S, len(OWN)]
    entities: NDArray[np.float32]  # [B, S, S - 1, MAX_ACTIONS]
    entity_mask: NDArray[np.bool_]  # [B, S, S - 1]
    action_mask: NDArray[np.bool_]  # [B, S, MAX_ACTIONS]
    acting: NDArray[np.bool_]  # [B, S]
    reward: NDArray[np.float32]  # [B, S]
    terminated: NDArray[np.bool_]  # [B]
    truncated: NDArray[np.bool_]  # [B]
    welfare_share: NDArray[np.float64]  # [B]
    mean_reward: NDArray[np.float64]  # [B]
    first_action_share: NDArray[np.float64]  # [B]

    @classmethod
    def empty(cls, slots: int, seats: int) -> View:
        """Return the view of slots without matches."""
        return cls(
            own=np.zeros((slots, seats, len(OWN)), np.float32),
            entities=np.zeros((slots, seats, seats - 1, MAX_ACTIONS), np.float32),
            entity_mask=np.zeros((slots, seats, seats - 1), np.bool_),
            action_mask=np.zeros((slots, seats, MAX_ACTIONS), np.bool_),
            acting=np.zeros((slots, seats), np.bool_),
            reward=np.zeros((slots, seats), np.float32),
            terminated=np.zeros(slots, np.bool_),
            truncated=np.zeros(slots, np.bool_),
            welfare_share=np.zeros(slots),
            mean_reward=np.zeros(slots),
            first_action_share=np.zeros(slots),
        )


@kernel
def seat(state: State, view: View, slots: NDArray, counts: NDArray, reals: NDArray, observe: bool) -> None:
    """Begin new matches.

    Args:
        state: is overwritten.
        view: is overwritten.
        slots: [K].
        counts: [K, 4] int64: game, population, rounds, endless.
        reals: [K, 2] float64: multiplier, the most that all can get in a round.
        observe: whether to write observations.
    """
    _quiet(view)
    for k in range(len(slots)):
        b = slots[k]
        state.game[b] = counts[k, 0]
        state.population[b] = counts[k, 1]
        state.rounds[b] = counts[k, 2]
        state.endless[b] = counts[k, 3] > 0
        state.multiplier[b] = reals[k, 0]
        state.best[b] = reals[k, 1]
        state.clock[b] = 0
        state.live[b] = True
        state.last[b] = -1
        state.score[b] = 0
        state.first[b] = 0
        _admit(state, view, b)
        if observe:
            _show(state, view, b)


@kernel
def advance(state: State, view: View, actions: NDArray, crowd: NDArray, limit: int, observe: bool) -> int:
    """Play a round in every live match and end those that are over.

    Args:
        state: is overwritten.
        view: is overwritten.
        actions: [B, S, 1] int32.
        crowd: [MAX_ACTIONS] int64 scratch.
        limit: a match that is longer is truncated.
        observe: whether to write observations.

    Returns:
        -1, or slot * S + seat of an action that the game does not have; then nothing was played.
    """
    seats = view.acting.shape[1]
    for b in range(len(state.live)):
        if state.live[b]:
            for i in range(state.population[b]):
                if actions[b, i, 0] < 0 or actions[b, i, 0] >= _COUNT[state.game[b]]:
                    return b * seats + i
    _quiet(view)
    for b in range(len(state.live)):
        if not state.live[b]:
            continue
        crowd[:] = 0
        for i in range(state.population[b]):
            state.last[b, i] = actions[b, i, 0]
            crowd[actions[b, i, 0]] += 1
        state.first[b] += crowd[0]
        for i in range(state.population[b]):
            paid = _payoff(state.game[b], state.last[b, i], crowd, state.population[b], state.multiplier[b])
            state.score[b, i] += paid
            view.reward[b, i] = np.float32(paid)
        state.clock[b] += 1
        over = state.clock[b] >= state.rounds[b]
        if over or state.clock[b] >= limit:
            _end(state, view, b, over and not state.endless[b])
        if observe:
            _show(state, view, b)
    return -1


@kernel
def show(state: State, view: View) -> None:
    """Write the whole view of a state, in which nothing has just happened."""
    _quiet(view)
    for b in range(len(state.live)):
        _admit(state, view, b)
        _show(state, view, b)


@njit(inline="always")
def _quiet(view: View) -> None:
    view.reward[:] = 0
    view.terminated[:] = False
    view.truncated[:] = False


@njit(inline="always")
def _payoff(game: int, action: int, crowd: NDArray, players: int, multiplier: float) -> float:
    """What an action earns when `crowd` counts everyone, oneself included; games by their place in `rules.GAMES`."""
    others = crowd[action] - 1
    if game == 0:  # prisoner's dilemma
        met = crowd[0] - (action == 0)
        paid = (met * _PAIR[action, 0] + (players - 1 - met) * _PAIR[action, 1]) / (players - 1)
    elif game == 1:  # public goods
        paid = multiplier * crowd[0] / players - (action == 0)
    elif game == 2:  # volunteer's dilemma
        paid = 1.0 - COST if action == 0 else 1.0 * (crowd[0] > 0)
    elif game == 3:  # stag hunt
        paid = HARE if action == 1 else STAG * (crowd[1] == 0)
    elif game == 4:  # coordination
        paid = _LEVERS[action] * others / (players - 1)
    elif game == 5:  # minority
        paid = 0.5 * (2 * crowd[action] < players) + 0.5 * (2 * crowd[action] <= players)
    else:  # congestion
        paid = _ROUTES[action] / crowd[action]
    return paid


@njit(inline="always")
def _end(state: State, view: View, b: int, by_its_rules: bool) -> None:
    state.live[b] = False
    view.terminated[b] = by_its_rules
    view.truncated[b] = not by_its_rules
    total = 0.0
    for i in range(state.population[b]):
        view.acting[b, i] = False
        total += state.score[b, i]
    played = state.clock[b] * state.population[b]
    view.welfare_share[b] = total / (state.clock[b] * state.best[b])
    view.mean_reward[b] = total / played
    view.first_action_share[b] = state.first[b] / played


@njit(inline="always")
def _admit(state: State, view: View, b: int) -> None:
    """Write who acts and what is legal."""
    for i in range(view.acting.shape[1]):
        here = i < state.population[b]
        view.acting[b, i] = here and state.live[b]
        for a in range(MAX_ACTIONS):
            view.action_mask[b, i, a] = here and a < _COUNT[state.game[b]]


@njit(inline="always")
def _show(state: State, view: View, b: int) -> None:
    """Write what every seat sees."""
    count = state.population[b]
    view.own[b] = 0
    view.entities[b] = 0
    view.entity_mask[b] = False
    for i in range(count):
        own = view.own[b, i]
        own[state.game[b]] = 1
        if state.last[b, i] >= 0:
            own[_LAST + state.last[b, i]] = 1
        if not state.endless[b]:
            own[_LAST + MAX_ACTIONS] = (state.rounds[b] - state.clock[b]) / state.rounds[b]
        own[_LAST + MAX_ACTIONS + 1] = state.endless[b]
        own[_LAST + MAX_ACTIONS + 2] = count / MAX_POPULATION
        own[_LAST + MAX_ACTIONS + 3] = state.multiplier[b] / MAX_MULTIPLIER
        e = 0
        for j in range(count):
            if j != i:
                view.entity_mask[b, i, e] = True
                if state.last[b, j] >= 0:
                    view.entities[b, i, e, state.last[b, j]] = 1
                e += 1
