"""What a learner learns from: its own decisions and what came of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from populations.policy import State

__all__ = ["CUT", "ENDED", "PENDING", "Ahead", "Trajectories"]

ENDED = -1
"""`Trajectories.next`: the match ended by its rules; nothing follows."""
CUT = -2
"""`Trajectories.next`: the match was truncated, or the fragment ended; the value that follows is in `bootstrap`."""
PENDING = -3
"""`Trajectories.next`: the fragment ended before the seat's reward was complete. Not to be learned from; it only lends its
value to the decision before it."""


@dataclass(slots=True)
class Ahead:
    """What C seats saw after decisions that were cut: the truncated match's last view, or where the next fragment goes on.

    Attributes:
        row: [C] int64, the decisions, as rows of the `Trajectories`; ascending.
        observation: named arrays [C, ...].
        mask: [C, A] bool of legal actions, or None.
    """

    row: NDArray[np.int64]
    observation: dict[str, NDArray[Any]]
    mask: NDArray[np.bool_] | None


@dataclass(slots=True)
class Trajectories:
    """R decisions of one learner, one row each, in the order in which they were made (rows of all its seats interleaved).

    Seats that rarely act (turns, death, late arrival) cost nothing: there is a row only where the learner decided.

    Attributes:
        observation: named arrays [R, ...].
        mask: [R, A] bool of legal actions, or None.
        action: [R, heads] int32 or float32.
        log_prob: [R] float32 of the action under the policy that chose it.
        value: [R] float32, expected return as estimated then.
        reward: [R] float32, the sum of what the seat got from this decision until its next one, or until the end.
        next: [R] int64, row of the same seat's next decision in the same match (always a later row), or ENDED, CUT, PENDING.
        bootstrap: [R] float32, expected return after the row where `next` is CUT; else 0.
        state: recurrent state before the decision, named arrays [R, ...]; empty without memory.
        match: [R] int64, a number that rows of one match share; None where nobody asks.
        seat: [R] int64, who decided; step: [R] int64, when, in steps since the match began; None where nobody asks. Rows of
            one match and step are decisions that were taken at once.
        ahead: what was seen after each row whose `next` is CUT; None for learners that do not look ahead.
    """

    observation: dict[str, NDArray[Any]]
    mask: NDArray[np.bool_] | None
    action: NDArray[Any]
    log_prob: NDArray[np.float32]
    value: NDArray[np.float32]
    reward: NDArray[np.float32]
    next: NDArray[np.int64]
    bootstrap: NDArray[np.float32]
    state: State = field(default_factory=dict)
    match: NDArray[np.int64] | None = None
    seat: NDArray[np.int64] | None = None
    step: NDArray[np.int64] | None = None
    ahead: Ahead | None = None

    def __len__(self) -> int:
        return len(self.log_prob)

    def only(self, keep: NDArray[np.bool_]) -> Trajectories:
        """Return some of the rows, as copies.

        Args:
            keep: [R] bool; all rows of a seat's match, or none of them.
        """
        number = np.cumsum(keep) - 1
        ahead = self.ahead
        if ahead is not None:
            kept = keep[ahead.row]
            seen = {name: values[kept] for name, values in ahead.observation.items()}
            ahead = Ahead(number[ahead.row[kept]], seen, None if ahead.mask is None else ahead.mask[kept])
        return Trajectories(
            observation={name: values[keep] for name, values in self.observation.items()},
            mask=None if self.mask is None else self.mask[keep],
            action=self.action[keep],
            log_prob=self.log_prob[keep],
            value=self.value[keep],
            reward=self.reward[keep],
            next=np.where(self.next >= 0, number[np.maximum(self.next, 0)], self.next)[keep],
            bootstrap=self.bootstrap[keep],
            state={name: values[keep] for name, values in self.state.items()},
            match=None if self.match is None else self.match[keep],
            seat=None if self.seat is None else self.seat[keep],
            step=None if self.step is None else self.step[keep],
            ahead=ahead,
        )
