"""B matches of the pursuit game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from games.game import Limits, Step
from games.markov.compiled_vector import CompiledVector
from games.markov.pursuit import kernels
from games.markov.pursuit.picture import picture
from games.markov.pursuit.rules import PARAMETERS
from games.task import Task

if TYPE_CHECKING:
    from games.markov.pursuit.game import PursuitGame

__all__ = ["PursuitVector"]

_ENDLESS = 2**62


class PursuitVector(CompiledVector):
    """The state of B matches, and what its kernels need besides."""

    def __init__(self, game: PursuitGame, slots: int, limits: Limits) -> None:
        self.game = game
        self.slots = slots
        self.limits = limits
        self.observation_space = game.observation_space_for(limits.seats)
        self._state = kernels.State.empty(slots, limits.seats)
        self._view = view = kernels.View.empty(slots, limits.seats)
        self._actions = game.actions.empty(slots, limits.seats)
        self._force = np.zeros((limits.seats, 2))
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
        numbers = _numbers(tasks)
        self._require_room(numbers[:, :2].sum(axis=1).astype(np.int64))
        limit = _ENDLESS if self.limits.steps is None else self.limits.steps
        kernels.seat(self._state, self._view, slots, numbers, seeds, limit, self.limits.observe)
        return self._step

    def _advance(self) -> int:
        wrong: int = kernels.advance(self._state, self._view, self._actions, self._force, self.limits.observe)
        return wrong

    def _show(self) -> None:
        kernels.show(self._state, self._view)

    def render(self, slot: int) -> str:
        """Return one match as text for a terminal."""
        return picture(self._state, slot)


def _numbers(tasks: Sequence[Task]) -> NDArray[np.float64]:
    """Return [K, PARAMETERS] the values of tasks. A large batch holds few tasks many times, and each is read once."""
    rows: dict[int, int] = {}
    distinct: list[list[float]] = []
    for task in tasks:
        if id(task) not in rows:
            rows[id(task)] = len(distinct)
            distinct.append([float(task[name]) for name in PARAMETERS])
    table = np.array(distinct, np.float64).reshape(-1, len(PARAMETERS))
    return table[np.array([rows[id(task)] for task in tasks], np.int64)]
