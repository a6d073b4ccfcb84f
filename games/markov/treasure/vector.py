"""B matches of the treasure game."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from games.game import Limits, Step, VectorGame
from games.markov.treasure import kernels
from games.markov.treasure.picture import picture
from games.markov.treasure.rules import HORIZON, treasures
from games.task import Task

if TYPE_CHECKING:
    from games.markov.treasure.game import TreasureGame

__all__ = ["TreasureVector"]


class TreasureVector(VectorGame):
    """The state of B matches, their kernels, and the one `Step` through which they are seen.

    All arrays are made here, once. What comes from outside is copied into them, so that each kernel is compiled for one
    signature and never meets an array of another kind.
    """

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
        slots = np.array(slots, np.int64, ndmin=1)
        seeds = np.array(seeds, np.uint64, ndmin=1)
        if not len(slots) == len(tasks) == len(seeds):
            raise ValueError(f"{len(slots)} slots, {len(tasks)} tasks and {len(seeds)} seeds; give one for each match")
        if len(slots) and not 0 <= slots.min() <= slots.max() < self.slots:
            raise ValueError(f"slots must be from 0 to {self.slots - 1}, not {slots.min()} to {slots.max()}")
        facts = {task: _numbers(task) for task in set(tasks)}
        counts = np.array([facts[task][0] for task in tasks], np.int64).reshape(-1, 4)
        reals = np.array([facts[task][1] for task in tasks], np.float64).reshape(-1, 2)
        most = counts[:, :2].sum(axis=1).max(initial=0)
        if most > self.limits.seats:
            raise ValueError(f"a population of {most} does not fit limits of {self.limits.seats} seats")
        kernels.seat(self._state, self._view, slots, counts, reals, seeds, self.limits.observe)
        return self._step

    def step(self, actions: NDArray[Any]) -> Step:
        """Advance every match that has not ended (see the contract).

        Raises:
            ValueError: for actions of another shape, or an action of an acting seat that is not 0 .. 4; no match has moved
                then.
        """
        if actions.shape != self._actions.shape:
            raise ValueError(f"actions must have the shape {self._actions.shape}, not {actions.shape}")
        np.copyto(self._actions, actions, casting="same_kind")
        wrong = kernels.advance(
            self._state, self._view, self._actions, self._force, self._near, self._limit, self.limits.observe
        )
        if wrong >= 0:
            raise ValueError(f"slot {wrong} has an action outside of {self.game.action_space}")
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
