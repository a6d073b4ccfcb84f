"""Rules by which an organiser ends matches before the game does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from games import Game, InputError, Step

__all__ = ["Adjudication"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """When is a match decided?

    Attributes:
        draw_after: a match of so many steps is a draw; None for no such rule.

    Raises:
        InputError: for numbers out of range.
    """

    draw_after: int | None = None

    def __post_init__(self) -> None:
        if self.draw_after is not None and self.draw_after < 1:
            raise InputError(f"draw_after must be at least 1 step, not {self.draw_after}")

    def judge(self, game: Game, slots: int, seats: int) -> _Judge:
        """Return who watches over the matches of one driver."""
        return _Judge(self, game, slots, seats)


class _Judge:
    """See `league.driver.Judge`."""

    observes = False

    def __init__(self, rules: Adjudication, game: Game, slots: int, seats: int) -> None:
        self._rules, self._seats = rules, seats

    def seated(self, slots: NDArray[np.int64]) -> None:
        """Nothing is remembered of earlier matches."""

    def decided(self, flat: NDArray[np.int64], value: NDArray[np.float32]) -> None:
        """Values are not asked for."""

    def verdicts(self, step: Step, time: NDArray[np.int64]) -> Iterator[tuple[int, tuple[float, ...], str]]:
        """Yield the matches that are decided."""
        if self._rules.draw_after is not None:
            for slot in np.flatnonzero(time >= self._rules.draw_after).tolist():
                yield slot, (0.0,) * self._seats, f"draw after {self._rules.draw_after} steps"
