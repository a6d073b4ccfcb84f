"""B matches of the resource game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from games.game import Limits, Step
from games.markov.compiled_vector import CompiledVector
from games.markov.resource import kernels
from games.markov.resource.picture import picture
from games.markov.resource.rules import HORIZON, LANDMARKS
from games.task import Task

if TYPE_CHECKING:
    from games.markov.resource.game import ResourceGame

__all__ = ["ResourceVector"]


class ResourceVector(CompiledVector):
    """The state of B matches, and what its kernels need besides."""

    def __init__(self, game: ResourceGame, slots: int, limits: Limits) -> None:
        self.game = game
        self.slots = slots
        self.limits = limits
        self.observation_space = game.observation_space_for(limits.seats)
        self._horizon = HORIZON if limits.steps is None else min(HORIZON, limits.steps)
        self._state = state = kernels.State.empty(slots, limits.seats, game.most_landmarks)
        self._view = view = kernels.View.empty(slots, limits.seats, game.most_landmarks)
        self._actions = game.actions.empty(slots, limits.seats)
        self._force = np.zeros((limits.seats, 2))
        self._step = Step(
            observation={"self": view.own, "entities": view.entities, "entity_mask": view.entity_mask},
            action_mask=None,
            acting=view.acting,
            reward=view.reward,
            terminated=np.zeros(slots, np.bool_),
            truncated=view.truncated,
            score=state.score,
            metrics={"welfare_share": view.welfare_share, "mean_reward": view.mean_reward},
        )

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        """Seat new matches (see the contract).

        Raises:
            ValueError: for a slot that does not exist, a population above `limits.seats`, or lengths that differ.
        """
        slots, seeds = self._seated(slots, tasks, seeds)
        populations = np.array([task["population"] for task in tasks], np.int64)
        landmarks = np.full(len(tasks), LANDMARKS)
        if "landmarks" in self.game.task_space:
            landmarks[:] = [task["landmarks"] for task in tasks]
        extents = np.array([task["extent"] for task in tasks], np.float64)
        self._require_room(populations)
        kernels.seat(self._state, self._view, slots, populations, landmarks, extents, seeds, self.limits.observe)
        return self._step

    def _advance(self) -> int:
        wrong: int = kernels.advance(
            self._state, self._view, self._actions, self._force, self._horizon, self.limits.observe
        )
        return wrong

    def _show(self) -> None:
        kernels.show(self._state, self._view)

    def render(self, slot: int) -> str:
        """Return one match as text for a terminal."""
        return picture(self._state, slot)
