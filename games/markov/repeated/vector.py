"""B matches of a repeated game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from games.game import Limits, Step
from games.markov.compiled_vector import CompiledVector
from games.markov.repeated import kernels
from games.markov.repeated.nash import max_welfare
from games.markov.repeated.rules import GAMES, MAX_ACTIONS, MAX_ROUNDS
from games.task import Task

if TYPE_CHECKING:
    from games.markov.repeated.game import RepeatedGame

__all__ = ["RepeatedVector"]


class RepeatedVector(CompiledVector):
    """The state of B matches, and what its kernels need besides."""

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
        slots, _ = self._seated(slots, tasks, seeds)
        facts = {task: _numbers(task) for task in set(tasks)}
        counts = np.array([facts[task][0] for task in tasks], np.int64).reshape(-1, 4)
        reals = np.array([facts[task][1] for task in tasks], np.float64).reshape(-1, 2)
        self._require_room(counts[:, 1])
        kernels.seat(self._state, self._view, slots, counts, reals, self.limits.observe)
        return self._step

    def _advance(self) -> int:
        wrong: int = kernels.advance(
            self._state, self._view, self._actions, self._crowd, self._limit, self.limits.observe
        )
        return wrong

    def _show(self) -> None:
        kernels.show(self._state, self._view)

    def _refused(self, wrong: int) -> str:
        slot, seat = divmod(wrong, self.limits.seats)
        game = GAMES[self._state.game[slot]]
        return f"seat {seat} in slot {slot} chose action {self._actions[slot, seat, 0]}, which {game} does not have"

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
