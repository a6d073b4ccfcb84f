"""The contract of everything that learns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from populations.learners.trajectories import Trajectories
from populations.policy import Policy, Rows, State

if TYPE_CHECKING:  # torch is not needed to say what a learner is
    from populations.neural import NeuralPolicy

__all__ = ["Adopts", "Learner", "LooksAhead", "Values"]


class Learner(Protocol):
    """A policy that still changes, with its algorithm."""

    @property
    def policy(self) -> Policy:
        """Acts with the current weights and reports `log_prob` and `value`."""
        ...

    def value(self, rows: Rows, state: State) -> NDArray[np.float32]:
        """Return [R] float32, the expected return of each row in the learner's own units: what bootstraps a cut trajectory."""
        ...

    def update(self, batch: Trajectories, progress: float) -> dict[str, float]:
        """Learn from one batch.

        Args:
            batch: decisions of `policy`, made with the weights that it has now, but for those that were pending at the last
                update.
            progress: share of the run that is done, 0 to 1: schedules depend on it.

        Returns:
            Named figures for the learning curves.
        """
        ...

    def freeze(self) -> NeuralPolicy:
        """Return a policy with a copy of the current weights, which later updates leave alone."""
        ...

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of weights, optimiser, counters: all that the next update depends on, as named arrays."""
        ...

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        ...


@runtime_checkable
class Adopts(Protocol):
    """What a learner has besides, when it can begin with the weights of somebody else."""

    def adopt(self, policy: NeuralPolicy) -> None:
        """Take over a frozen policy's weights, as if these had been its first.

        Raises:
            InputError: when the network is another one.
        """
        ...


@runtime_checkable
class Values(Protocol):
    """What a learner has besides, when its value estimates can be held against what came of its decisions."""

    def advantages(self, batch: Trajectories, *, trace: float | None = None) -> NDArray[np.float32]:
        """Return advantage estimates [R] in the learner's own units of reward; 0 for pending rows.

        Args:
            batch: R decisions.
            trace: the lambda of the estimate; None for the learner's own.
        """
        ...


@runtime_checkable
class LooksAhead(Protocol):
    """What a learner has besides, when it must see what came after a cut, to value it later and with other weights.

    Attributes:
        looks_ahead: whether its batches shall carry `Trajectories.ahead`.
    """

    looks_ahead: bool
