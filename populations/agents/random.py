"""The agent that everyone must beat."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import ActionLayout, Game
from games.compiled import kernel
from games.randomness import integer, seat_stream, uniform
from populations.layout import same_actions
from populations.policy import Decision, Rows, State
from populations.sampling import ALL_LEGAL

__all__ = ["RandomPolicy"]


class RandomPolicy:
    """Takes every legal action of each head with the same probability, drawn from the seat's stream.

    Continuous actions are uniform between their bounds; a bound at infinity is taken one unit beyond the other one, and both
    at infinity as -1 and 1.
    """

    observes = False
    privileged = False

    def __init__(self, actions: ActionLayout) -> None:
        self.actions = actions
        if actions.continuous:
            assert actions.low is not None
            assert actions.high is not None
            low, high = actions.low.astype(np.float64), actions.high.astype(np.float64)
            self._low = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 1.0, -1.0))
            self._high = np.where(np.isfinite(high), high, np.where(np.isfinite(low), low + 1.0, 1.0))

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Draw an action for every row."""
        action = np.empty((len(rows), self.actions.heads), dtype=self.actions.dtype)
        keys = (rows.seed, rows.seat, rows.step)
        if self.actions.continuous:
            _continuous(self._low, self._high, *keys, action)
        else:
            _discrete(ALL_LEGAL if rows.mask is None else rows.mask, self.actions.offsets, *keys, action)
        return Decision(action)

    def probabilities(self, rows: Rows) -> NDArray[np.float64]:
        """Return [R, A], the probability of every discrete action, head beside head: for tabulating a policy."""
        mask = np.ones((len(rows), self.actions.width), bool) if rows.mask is None else rows.mask
        counts = np.add.reduceat(mask, self.actions.offsets[:-1], axis=1, dtype=np.int64)
        return mask / np.repeat(np.maximum(counts, 1), self.actions.sizes, axis=1)

    def refuses(self, game: Game) -> str | None:
        """It must know the form of the actions."""
        return None if same_actions(self.actions, game.actions) else "it was made for actions of another form"


@kernel
def _discrete(mask: Any, offsets: Any, seed: Any, seat: Any, step: Any, action: Any) -> None:
    for r in range(action.shape[0]):
        for h in range(action.shape[1]):
            low, high = offsets[h], offsets[h + 1]
            if mask.shape[0] == 0:
                action[r, h] = integer(seed[r], seat_stream(seat[r]), step[r], h, high - low)
                continue
            legal = 0
            for j in range(low, high):
                legal += mask[r, j]
            left = integer(seed[r], seat_stream(seat[r]), step[r], h, legal) if legal > 0 else 0
            action[r, h] = 0
            for j in range(low, high):
                if mask[r, j]:
                    if left == 0:
                        action[r, h] = j - low
                        break
                    left -= 1


@kernel
def _continuous(low: Any, high: Any, seed: Any, seat: Any, step: Any, action: Any) -> None:
    for r in range(action.shape[0]):
        for i in range(action.shape[1]):
            u = uniform(seed[r], seat_stream(seat[r]), step[r], i)
            action[r, i] = low[i] + u * (high[i] - low[i])
