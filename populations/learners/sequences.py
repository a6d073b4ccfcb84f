"""Cutting trajectories into sequences, for learning with memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games.compiled import kernel
from populations.learners.trajectories import PENDING

__all__ = ["Sequences"]


@dataclass(frozen=True, slots=True)
class Sequences:
    """Pieces of seats' trajectories, each at most so many decisions long.

    Attributes:
        rows: [M] int64, the rows to learn from (all but the pending ones), sequence after sequence.
        starts: [S + 1] int64, where each sequence begins in `rows`.
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def cut(cls, follower: NDArray[np.int64], length: int) -> Sequences:
        """Follow `Trajectories.next` [R] from every first decision, and begin anew after each `length` of them."""
        rows = np.empty(len(follower), dtype=np.int64)
        starts = np.empty(len(follower) + 1, dtype=np.int64)
        count, sequences = _cut(follower, length, rows, starts)
        return cls(rows[:count].copy(), starts[: sequences + 1].copy())

    def __len__(self) -> int:
        return len(self.starts) - 1

    def gather(
        self, chosen: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of some sequences.

        Returns:
            rows [M]; the sequence of each row [M], as an index into `chosen`; its position in the sequence [M]; and the
            first row of each chosen sequence.
        """
        lengths = self.starts[chosen + 1] - self.starts[chosen]
        sequence = np.repeat(np.arange(len(chosen)), lengths)
        position = np.arange(len(sequence)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return self.rows[self.starts[chosen][sequence] + position], sequence, position, self.rows[self.starts[chosen]]


@kernel
def _cut(follower: Any, length: int, rows: Any, starts: Any) -> tuple[int, int]:
    continues = np.zeros(len(follower), dtype=np.bool_)
    for r in range(len(follower)):
        if follower[r] >= 0:
            continues[follower[r]] = True
    count, sequences = 0, 0
    for first in range(len(follower)):
        if continues[first]:
            continue
        r, long = first, 0
        while r >= 0 and follower[r] != PENDING:
            if long % length == 0:
                starts[sequences] = count
                sequences += 1
            rows[count] = r
            count += 1
            long += 1
            r = follower[r]
    starts[sequences] = count
    return count, sequences
