"""B matches of the treasure game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from games.game import Limits, Step
from games.markov.compiled_vector import CompiledVector
from games.markov.treasure import kernels
from games.markov.treasure.picture import picture
from games.markov.treasure.rules import HORIZON, treasures
from games.task import Task

if TYPE_CHECKING:
    from games.markov.treasure.game import TreasureGame

__all__ = ["TreasureVector"]


class TreasureVector(CompiledVector):
    """The state of B matches, and what its kernels need besides."""

    def __init__(self, game: TreasureGame, slots: int, limits: Limits) -> None:
        self.game = game
        self.slots = slots
        self.limits = limits
        self.observation_space = game.observation_space_for(limits.seats)
        self._limit = HORIZON if limits.steps is None else limits.steps
        self._state = kernels.State.empty(slots, limits.seats)
        self._view = view = kernels.View.empty(slots, limits.seats)
        self._actions = game.actions.empty(slots, limits.seats)
        self._force = np.zeros((limits.seats, 2))
        self._near = np.zeros(limits.seats)
        self._step = Step(
            observation={"self": view.own, "entities": view.entities, "entity_mask": view.entity_mask},
            action_mask=None,
            acting=view.acting,
            reward=view.reward,
            terminated=np.zeros(slots, np.bool_),
            truncated=view.truncated,
            score=view.score,
            metrics={name: getattr(view, name) for name in game.metrics},
        )

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        """Seat new matches (see the contract).

        Raises:
            ValueError: for a slot that does not exist, a population above `limits.seats`, or lengths that differ.
        """
        slots, seeds = self._seated(slots, tasks, seeds)
        facts = {task: _numbers(task) for task in set(tasks)}
        counts = np.array([facts[task][0] for task in tasks], np.int64).reshape(-1, 4)
        reals = np.array([facts[task][1] for task in tasks], np.float64).reshape(-1, 2)
        self._require_room(counts[:, :2].sum(axis=1))
        kernels.seat(self._state, self._view, slots, counts, reals, seeds, self.limits.observe)
        return self._step

    def _advance(self) -> int:
        wrong: int = kernels.advance(
            self._state, self._view, self._actions, self._force, self._near, self._limit, self.limits.observe
        )
        return wrong

    def _show(self) -> None:
        kernels.show(self._state, self._view)

    def render(self, slot: int) -> str:
        """Return one match as text for a terminal."""
        return picture(self._state, slot)


def _numbers(task: Task) -> tuple[tuple[int, int, int, int], tuple[float, float]]:
    """The whole numbers and the real ones of a task, as `kernels.seat` takes them."""
    collectors = int(task["collectors"])
    counts = (
        collectors,
        int(task["deposits"]),
        treasures(collectors, float(task["treasures_per_collector"])),
        int(task["horizon"]),
    )
    return counts, (float(task["extent"]), float(task["speed"]))
