"""Rules by which an organiser ends matches before the game does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from games import Comparison, Game, InputError, Step
from games.compiled import kernel

__all__ = ["Adjudication"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """When is a match decided?

    Attributes:
        draw_after: a match of so many steps is a draw.
        repetition: so is a match in which the same position came so often: every seat shows the same observation (one that
            does not act, what it saw last) and the same seats are to act. Positions count from the first move on; games that
            show the time never repeat one.
        resign_below: an agent that says of its position that it is worth at most this (`Decision.value`, in its own units, so
            a number below 0) in `resign_moves` of its decisions in a row has lost. Matches of two seats only. Agents that
            say nothing of their position never resign.
        resign_moves: see there.
        resign_agreed: only if the other one has said in as many decisions in a row that its position is worth at least
            minus `resign_below`.

    Raises:
        InputError: for numbers out of range, and options without the one that they belong to.
    """

    draw_after: int | None = None
    repetition: int | None = None
    resign_below: float | None = None
    resign_moves: int = 3
    resign_agreed: bool = False

    def __post_init__(self) -> None:
        if self.draw_after is not None and self.draw_after < 1:
            raise InputError(f"draw_after must be at least 1 step, not {self.draw_after}")
        if self.repetition is not None and self.repetition < 2:
            raise InputError(f"repetition must be at least 2, not {self.repetition}: every position comes once")
        if self.resign_below is not None and not self.resign_below < 0.0:
            raise InputError(f"resign_below must be a number below 0, not {self.resign_below}")
        if self.resign_moves < 1:
            raise InputError(f"resign_moves must be at least 1, not {self.resign_moves}")
        if self.resign_below is None and (self.resign_agreed or self.resign_moves != 3):
            raise InputError(
                "resign_moves and resign_agreed need resign_below: how low the value of a lost position is"
            )

    def judge(self, game: Game, slots: int, seats: int) -> _Judge:
        """Return who watches over the matches of one driver (see `league.driver.Judge`).

        Args:
            game: the rules.
            slots: matches in flight.
            seats: of the largest of them.

        Raises:
            InputError: for rules that this game has no use for.
        """
        if game.comparison is Comparison.COOPERATIVE:
            raise InputError(f"nobody wins or loses in {game.name}: limit the length of its matches by steps instead")
        if self.resign_below is not None and seats != 2:
            raise InputError(f"resign_below needs matches of two seats, {game.name} has {seats} here")
        return _Judge(self, slots, seats)


class _Judge:
    """See `league.driver.Judge`."""

    def __init__(self, rules: Adjudication, slots: int, seats: int) -> None:
        self._rules, self._seats = rules, seats
        self.observes = rules.repetition is not None
        self._losing = np.zeros(slots * seats, np.int64)  # decisions in a row in which a seat thought so
        self._winning = np.zeros(slots * seats, np.int64)
        self._position = np.zeros(slots, np.uint64)
        self._known = np.zeros((slots, 64), np.uint64)  # positions of each match so far
        self._count = np.zeros(slots, np.int64)

    def seated(self, slots: NDArray[np.int64]) -> None:
        """Nothing is remembered of earlier matches."""
        self._losing.reshape(-1, self._seats)[slots] = 0
        self._winning.reshape(-1, self._seats)[slots] = 0
        self._count[slots] = 0

    def decided(self, flat: NDArray[np.int64], value: NDArray[np.float32]) -> None:
        """Count who thinks that it is losing, and who that it is winning."""
        least = self._rules.resign_below
        if least is not None:
            self._losing[flat] = np.where(value <= least, self._losing[flat] + 1, 0)
            self._winning[flat] = np.where(value >= -least, self._winning[flat] + 1, 0)

    def verdicts(self, step: Step, time: NDArray[np.int64]) -> Iterator[tuple[int, tuple[float, ...], str]]:
        """Yield the matches that are decided."""
        rules, draw = self._rules, (0.0,) * self._seats
        running = ~(step.terminated | step.truncated) & step.acting.any(axis=1)
        if rules.resign_below is not None:
            yield from self._resigned(running)
        if rules.repetition is not None:
            for slot in np.flatnonzero(self._repeated(step, running) >= rules.repetition).tolist():
                yield slot, draw, f"draw: the same position for the {_ordinal(rules.repetition)} time"
        if rules.draw_after is not None:
            for slot in np.flatnonzero(running & (time >= rules.draw_after)).tolist():
                yield slot, draw, f"draw after {rules.draw_after} steps"

    def _resigned(self, running: NDArray[np.bool_]) -> Iterator[tuple[int, tuple[float, ...], str]]:
        rules = self._rules
        losing = self._losing.reshape(-1, 2) >= rules.resign_moves
        if rules.resign_agreed:
            losing &= self._winning.reshape(-1, 2)[:, ::-1] >= rules.resign_moves
        for slot in np.flatnonzero(
            running & (losing[:, 0] != losing[:, 1])
        ).tolist():  # two that despair decide nothing
            seat = int(losing[slot, 1])
            agreed = ", and the other agreed" if rules.resign_agreed else ""
            detail = f"seat {seat} resigned: at most {rules.resign_below:g} in {rules.resign_moves} decisions in a row{agreed}"
            yield slot, (-1.0, 1.0) if seat == 0 else (1.0, -1.0), detail

    def _repeated(self, step: Step, running: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return how often the position of each match has come, this time included; 0 where no match runs."""
        slots = len(running)
        self._position[:] = 0
        for values in (*step.observation.values(), step.acting):
            words = values if values.dtype.itemsize % 4 == 0 else values.astype(np.uint32)
            _mix(np.ascontiguousarray(words).reshape(slots, -1).view(np.uint32), self._position)
        if self._count.max(initial=0) == self._known.shape[1]:
            self._known = np.concatenate([self._known, np.zeros_like(self._known)], axis=1)
        times = np.zeros(slots, np.int64)
        _count(self._position, running, self._known, self._count, times)
        return times


def _ordinal(n: int) -> str:
    return {2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(n, f"{n}th")


_PRIME, _ODD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


@kernel
def _mix(rows, digest):  # type: ignore[no-untyped-def]
    """Mix the words [slots, n] of each slot into its 64 bits, each multiplied and folded."""
    for slot in range(len(rows)):
        bits = digest[slot]
        for k in range(rows.shape[1]):
            bits = (bits ^ np.uint64(rows[slot, k])) * _PRIME
            bits ^= bits >> np.uint64(32)
        digest[slot] = bits * _ODD


@kernel
def _count(position, running, known, count, times):  # type: ignore[no-untyped-def]
    """Note the position of every running match and count how often it was there."""
    for slot in range(len(position)):
        if running[slot]:
            times[slot] = 1
            for k in range(count[slot]):
                times[slot] += known[slot, k] == position[slot]
            known[slot, count[slot]] = position[slot]
            count[slot] += 1
