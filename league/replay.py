"""What was played in a match, small enough to keep: the actions of all seats, step by step.

A match follows from its task, its seed and its actions, so that this is all that is needed to see it again, whoever played.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import ActionLayout, Game, InputError, Limits, Step
from games.legality import illegal
from league.match import Reason, Record

__all__ = ["Replay", "pack", "unpack"]


def pack(actions: NDArray[Any]) -> bytes:
    """Return the actions [T, S, heads] of one match as a few bytes. Seats that did not act have zeros."""
    return zlib.compress(np.ascontiguousarray(actions).tobytes(), 1)


def unpack(data: bytes, seats: int, layout: ActionLayout) -> NDArray[Any]:
    """Return the actions [T, S, heads] that `pack` was given.

    Args:
        data: of one match.
        seats: S, of the match's task.
        layout: of the game's actions.
    """
    dtype = layout.empty(1, 1).dtype
    return np.frombuffer(zlib.decompress(data), dtype).reshape(-1, seats, layout.heads)


class Replay:
    """A recorded match, played again step by step.

    Attributes:
        game, record, steps: as given.
        actions: [T, S, heads] what was played.
        vector: the match itself, in slot 0.
        view: what its seats see now.
        turn: steps that have been played.

    Args:
        game: the rules.
        record: of the match.
        data: what was kept of it (`Store.replay`).
        steps: longer matches were truncated; None left it to the game.

    Raises:
        InputError: when the data is no replay of this match.
    """

    def __init__(self, game: Game, record: Record, data: bytes, *, steps: int | None = None) -> None:
        asked = record.matchup
        self.game, self.record, self.steps = game, record, steps
        try:
            self.actions = unpack(data, len(asked.agents), game.actions)
        except (zlib.error, ValueError):
            raise InputError(f"the replay of match {record.id} is damaged") from None
        if len(self.actions) != record.length:
            raise InputError(f"the replay of match {record.id} has {len(self.actions)} steps, not {record.length}")
        self.vector = game.vector(1, Limits(seats=len(asked.agents), steps=steps, observe=False))
        self.view: Step = self.vector.assign(np.array([0]), [asked.task], np.array([asked.seed], np.uint64))
        self.turn = 0

    @property
    def over(self) -> bool:
        """Whether all that was played has been played again."""
        return self.turn == len(self.actions)

    @property
    def acting(self) -> list[int]:
        """Seats that act now."""
        return np.flatnonzero(self.view.acting[0]).tolist()

    def advance(self) -> None:
        """Play the next step.

        Raises:
            InputError: when it is impossible, or the match does not end as its record says: the rules have changed.
        """
        actions, acting = self.actions[self.turn][None], self.view.acting[0]
        mask = None if self.view.action_mask is None else self.view.action_mask[0, acting]
        if illegal(actions[0, acting], mask, self.game.actions).any():
            raise self._changed(f"step {self.turn} is not legal")
        view = self.view = self.vector.step(actions)
        self.turn += 1
        ended = bool(view.terminated[0] or view.truncated[0])
        natural = self.record.reason in (Reason.NORMAL, Reason.TRUNCATED)
        if ended != (natural and self.over):
            raise self._changed(f"it {'ends' if ended else 'goes on'} after step {self.turn}")
        if ended:
            scores = tuple(view.score[0].tolist())
            if scores != self.record.scores:
                raise self._changed(f"its scores are {scores}")

    def _changed(self, how: str) -> InputError:
        record = self.record
        return InputError(
            f"match {record.id} goes another way when it is played again: {how}, but the record says"
            f" {record.reason.value} after {record.length} steps with scores {record.scores}; the rules of"
            f" {self.game.name} have changed since"
        )

    def close(self) -> None:
        """Release what the match holds."""
        self.vector.close()
