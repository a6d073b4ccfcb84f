"""B matches of a repeated game."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from games.game import Limits, Step, VectorGame
from games.markov.repeated import kernels
from games.markov.repeated.nash import max_welfare
from games.markov.repeated.rules import GAMES, MAX_ACTIONS, MAX_ROUNDS
from games.task import Task

if TYPE_CHECKING:
    from games.markov.repeated.game import RepeatedGame

__all__ = ["RepeatedVector"]


class RepeatedVector(VectorGame):
    """The state of B matches, their kernels, and the one `Step` through which they are seen."""

    def __init__(self, game: RepeatedGame, slots: int, limits: Limits) -> None:
        self.game = game
        self.slots = slots
        self.limits = limits
        self.observation_space = game.observation_space_for(limits.seats)
        self._limit = MAX_ROUNDS if limits.steps is None else limits.steps
        self._state = state = kernels.State.empty(slots, limits.seats)
        self._view = view = kernels.View.empty(slots, limits.seats)
        self._actions = game.actions.empty(slots, limits.seats)
        self._crowd = np.zeros(MAX_ACTIONS, np.int64)
        self._step = Step(
            observation={"self": view.own, "entities": view.entities, "entity_mask": view.entity_mask},
            action_mask=view.action_mask,
            acting=view.acting,
            reward=view.reward,
            terminated=view.terminated,
            truncated=view.truncated,
            score=state.score,
            metrics={name: getattr(view, name) for name in game.metrics},
        )

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        """Seat new matches (see the contract). Nothing in them is left to chance, so seeds do not matter.

        Raises:
            ValueError: for a slot that does not exist, a population above `limits.seats`, or lengths that differ.
        """
        slots = np.array(slots, np.int64, ndmin=1)
        if not len(slots) == len(tasks) == len(seeds):
            raise ValueError(f"{len(slots)} slots, {len(tasks)} tasks and {len(seeds)} seeds; give one for each match")
        if len(slots) and not 0 <= slots.min() <= slots.max() < self.slots:
            raise ValueError(f"slots must be from 0 to {self.slots - 1}, not {slots.min()} to {slots.max()}")
        facts = {task: _numbers(task) for task in set(tasks)}
        counts = np.array([facts[task][0] for task in tasks], np.int64).reshape(-1, 4)
        reals = np.array([facts[task][1] for task in tasks], np.float64).reshape(-1, 2)
        most = counts[:, 1].max(initial=0)
        if most > self.limits.seats:
            raise ValueError(f"a population of {most} does not fit limits of {self.limits.seats} seats")
        kernels.seat(self._state, self._view, slots, counts, reals, self.limits.observe)
        return self._step

    def step(self, actions: NDArray[Any]) -> Step:
        """Play a round in every match that has not ended (see the contract).

        Raises:
            ValueError: for actions of another shape, or an action that its mask forbids; nothing has been played then.
        """
        if actions.shape != self._actions.shape:
            raise ValueError(f"actions must have the shape {self._actions.shape}, not {actions.shape}")
        np.copyto(self._actions, actions, casting="same_kind")
        wrong = kernels.advance(self._state, self._view, self._actions, self._crowd, self._limit, self.limits.observe)
        if wrong >= 0:
            slot, seat = divmod(wrong, self.limits.seats)
            game = GAMES[self._state.game[slot]]
            raise ValueError(
                f"seat {seat} in slot {slot} chose action {self._actions[slot, seat, 0]}, which {game} does not have"
            )
        return self._step

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of the arrays of `kernels.State`."""
        return {name: array.copy() for name, array in self._state._asdict().items()}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        """Go back to a state (see the contract).

        Raises:
            ValueError: for a state of another game or of other limits.
        """
        own = self._state._asdict()
        if {n: (a.shape, a.dtype) for n, a in own.items()} != {n: (a.shape, a.dtype) for n, a in state.items()}:
            raise ValueError(
                f"this is no state of {self.slots} slots of {self.game.name} with {self.limits.seats} seats"
            )
        for name, array in own.items():
            array[...] = state[name]
        kernels.show(self._state, self._view)
        return self._step

    def render(self, slot: int) -> str:
        """Return the round, the last actions and the returns of one match."""
        state, count = self._state, int(self._state.population[slot])
        last = " ".join("-" if action < 0 else str(action) for action in state.last[slot, :count])
        returns = " ".join(f"{value:.1f}" for value in state.score[slot, :count])
        end = "?" if state.endless[slot] else str(state.rounds[slot])
        return f"{GAMES[state.game[slot]]}, round {state.clock[slot]} of {end}, last actions {last}, returns {returns}"


def _numbers(task: Task) -> tuple[tuple[int, int, int, int], tuple[float, float]]:
    """The whole numbers and the real ones of a task, as `kernels.seat` takes them."""
    game, population = str(task["game"]), int(task["population"])
    multiplier = float(task["multiplier"]) if game == "public_goods" else 0.0
    counts = (GAMES.index(game), population, int(task["rounds"]), int(task["endless"]))
    return counts, (multiplier, max_welfare(game, population, multiplier=multiplier))
