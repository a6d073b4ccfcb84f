"""B matches of a pasture game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from games.game import Limits, Step
from games.markov.compiled_vector import CompiledVector
from games.markov.pasture import kernels
from games.markov.pasture.picture import picture
from games.markov.pasture.rules import BODY
from games.markov.pasture.state import Draft, Scratch, State, View
from games.task import Task

if TYPE_CHECKING:
    from games.markov.pasture.game import PastureGame

__all__ = ["PastureVector"]


class PastureVector(CompiledVector):
    """The state of B matches, and what its kernels need besides."""

    def __init__(self, game: PastureGame, slots: int, limits: Limits) -> None:
        self.game: PastureGame = game
        self.slots = slots
        self.limits = limits
        self.observation_space = game.observation_space_for(limits.seats)
        foods = game.most_foods(limits.seats)
        self._limit = np.iinfo(np.int64).max if limits.steps is None else limits.steps
        self._state = State.empty(slots, limits.seats, foods, game.counts)
        self._view = view = View.empty(slots, limits.seats, foods, len(game.metrics))
        self._scratch = Scratch.empty(limits.seats)
        self._actions = game.actions.empty(slots, limits.seats)
        self._step = Step(
            observation={"self": view.own, "entities": view.entities, "entity_mask": view.entity_mask},
            action_mask=None,
            acting=view.acting,
            reward=view.reward,
            terminated=view.terminated,
            truncated=view.truncated,
            score=view.score,
            metrics={name: view.metrics[:, k] for k, name in enumerate(game.metrics)},
        )

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        """Seat new matches (see the contract).

        Raises:
            ValueError: for a slot that does not exist, a population above `limits.seats`, or lengths that differ.
        """
        slots, seeds = self._seated(slots, tasks, seeds)
        draft = Draft(
            slots=slots,
            seeds=seeds,
            sizes=np.zeros((len(tasks), 2), np.int64),
            foods=np.array([self.game.foods(task) for task in tasks], np.int64),
            extent=np.array([task["extent"] for task in tasks], np.float64),
            sharing=np.array([task["sharing"] for task in tasks], np.float64),
            horizon=np.array([task["horizon"] for task in tasks], np.int64),
            body=np.zeros((len(tasks), 2, len(BODY))),
        )
        for k, task in enumerate(tasks):
            for t, team in enumerate(self.game.teams(task)):
                draft.sizes[k, t] = team.size
                draft.body[k, t] = team.radius, team.accel, team.top_speed, team.role
        populations = draft.sizes.sum(axis=1)
        self._require_room(populations)
        kernels.seat(self._state, self._view, draft, self.limits.observe)
        return self._step

    def _advance(self) -> int:
        wrong: int = self.game.advance(
            self._state, self._view, self._actions, self._scratch, self._limit, self.limits.observe
        )
        return wrong

    def _show(self) -> None:
        kernels.show(self._state, self._view)

    def render(self, slot: int) -> str:
        """Return one match as text for a terminal."""
        return picture(self._state, slot, self.game.crowd)
