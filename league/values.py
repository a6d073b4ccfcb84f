"""What learners' value estimates say about the matches that they play, added up over fragments."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from league.teachers import ValueStatistics
from populations.learners.learner import Values
from populations.learners.trajectories import PENDING, Trajectories

__all__ = ["ValueSums"]


class ValueSums:
    """Sums over the decisions of each learner in each match that has not ended yet."""

    def __init__(self) -> None:
        # (match, learner) -> decisions, and sums of V, R - V, |R - V|, max(R - V, 0), |delta|
        self._sums: dict[tuple[int, str], NDArray[np.float64]] = {}

    def add(self, name: str, learner: Values, batch: Trajectories) -> None:
        """Add the decisions of one fragment; a pending one counts when its reward is complete.

        Args:
            name: of the learner.
            learner: who made them.
            batch: its decisions, with their matches.
        """
        assert batch.match is not None
        rows = np.flatnonzero(batch.next != PENDING)
        advantage, delta = learner.advantages(batch)[rows], learner.advantages(batch, trace=0.0)[rows]
        matches, place = np.unique(batch.match[rows], return_inverse=True)
        columns = (
            np.ones(len(rows)),
            batch.value[rows],
            advantage,
            np.abs(advantage),
            np.maximum(advantage, 0.0),
            np.abs(delta),
        )
        sums = np.stack([np.bincount(place, column, len(matches)) for column in columns], axis=1)
        for match, row in zip(matches.tolist(), sums, strict=True):
            key = match, name
            self._sums[key] = self._sums[key] + row if key in self._sums else row

    def take(self, match: int, name: str) -> ValueStatistics | None:
        """Return what was added up for a learner in a match, and forget it; None when it decided nothing there."""
        row = self._sums.pop((match, name), None)
        return None if row is None else ValueStatistics(int(row[0]), *(row[1:] / row[0]).tolist())

    def state_dict(self) -> list[Any]:
        """Return the sums as plain JSON values."""
        return [[match, name, *row.tolist()] for (match, name), row in self._sums.items()]

    def load_state_dict(self, state: list[Any]) -> None:
        """Go back to a state."""
        self._sums = {(match, name): np.array(row) for match, name, *row in state}
