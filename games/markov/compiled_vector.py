"""What the vectors of our compiled games have in common: a named tuple of arrays that kernels advance."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games.game import Step, VectorGame
from games.task import Task

__all__ = ["CompiledVector"]


class CompiledVector(VectorGame):
    """The state of B matches, and the one `Step` through which they are seen.

    All arrays are made once, by the subclass. What comes from outside is copied into them, so that each kernel is compiled for
    one signature and never meets an array of another kind. A subclass sets what stands below beside `game`, `slots`, `limits`
    and `observation_space`, seats matches (`assign`), and calls its kernels (`_advance`, `_show`).

    Attributes:
        _state: a named tuple of arrays, all that a match depends on.
        _actions: [B, S, heads], where actions are copied to.
        _step: shows the matches.
    """

    _state: Any
    _actions: NDArray[Any]
    _step: Step

    @abstractmethod
    def _advance(self) -> int:
        """Advance every match by `_actions`; return where an action is impossible, with nothing moved, or -1."""

    @abstractmethod
    def _show(self) -> None:
        """Write the view of the state."""

    def _refused(self, wrong: int) -> str:
        """Return what is wrong with the action that `_advance` found impossible."""
        return f"slot {wrong} has an action outside of {self.game.action_space}"

    def _seated(
        self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]
    ) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Return slots and seeds as kernels take them.

        Raises:
            ValueError: for a slot that does not exist, or lengths that differ.
        """
        slots = np.array(slots, np.int64, ndmin=1)
        seeds = np.array(seeds, np.uint64, ndmin=1)
        if not len(slots) == len(tasks) == len(seeds):
            raise ValueError(f"{len(slots)} slots, {len(tasks)} tasks and {len(seeds)} seeds; give one for each match")
        if len(slots) and not 0 <= slots.min() <= slots.max() < self.slots:
            raise ValueError(f"slots must be from 0 to {self.slots - 1}, not {slots.min()} to {slots.max()}")
        return slots, seeds

    def _require_room(self, populations: NDArray[np.int64]) -> None:
        """Raise `ValueError` for a population above `limits.seats`."""
        most = populations.max(initial=0)
        if most > self.limits.seats:
            raise ValueError(f"a population of {most} does not fit limits of {self.limits.seats} seats")

    def step(self, actions: NDArray[Any]) -> Step:
        """Advance every match that has not ended (see the contract).

        Raises:
            ValueError: for actions of another shape, or an impossible action of an acting seat; no match has moved then.
        """
        if actions.shape != self._actions.shape:
            raise ValueError(f"actions must have the shape {self._actions.shape}, not {actions.shape}")
        np.copyto(self._actions, actions, casting="same_kind")
        wrong = self._advance()
        if wrong >= 0:
            raise ValueError(self._refused(wrong))
        return self._step

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of the arrays of the state."""
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
        self._show()
        return self._step
