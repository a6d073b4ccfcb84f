"""One number for what came of a task."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from games import InputError
from league.teachers.teacher import Result

__all__ = ["Measure", "Meter"]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """How a teacher reads a result.

    Attributes:
        of: what it goes by: the sum of rewards (`return`), the share of opponents beaten (`score`), or how far the task was
            solved (`success`).
        low: what counts as 0; None for the lowest value so far. Teachers that compare results need them in [0, 1].
        high: what counts as 1; None for the highest value so far.
        success_above: a return above this is a success; None leaves it to the game. Where that does not say, the share of
            opponents beaten (`of: score`) or the place of the return in its range stands for the probability of success.

    Raises:
        InputError: when `low` is not below `high`.
    """

    of: Literal["return", "score", "success"] = "return"
    low: float | None = None
    high: float | None = None
    success_above: float | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise InputError(f"measure.low must be below measure.high, not {self.low} and {self.high}")


class Meter:
    """Applies a measure; remembers the range so far where the measure declares none.

    Args:
        measure: what to go by.

    Attributes:
        low, high: the lowest and highest value so far.
    """

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self.low, self.high = float("inf"), float("-inf")
        self._returns = [float("inf"), float("-inf")]  # lowest and highest, where the range above is not one of returns

    def value(self, result: Result) -> float:
        """Return what the result is measured by, in its own units."""
        of = self._measure.of
        if of == "return":
            return result.total_return
        if of == "score":
            return result.score
        return self.success(result)

    def reward(self, value: float) -> float:
        """Return a value within the declared range, or that of all values so far, as a number from 0 to 1.

        0.5 as long as only one value is known.
        """
        self.low, self.high = min(self.low, value), max(self.high, value)
        low, high = self.bounds
        if not high > low:
            return 0.5
        return min(max((value - low) / (high - low), 0.0), 1.0)

    @property
    def bounds(self) -> tuple[float, float]:
        """What counts as 0 and as 1 now."""
        m = self._measure
        return self.low if m.low is None else m.low, self.high if m.high is None else m.high

    def success(self, result: Result) -> float:
        """Return how far the task was solved, 0 to 1: see `Measure.success_above`."""
        above = self._measure.success_above
        if above is not None:
            return float(result.total_return > above)
        if result.success is not None:
            return result.success
        if self._measure.of == "score":
            return result.score
        low, high = self.bounds if self._measure.of == "return" else self._returns
        low, high = min(low, result.total_return), max(high, result.total_return)
        if self._measure.of == "success" and isfinite(result.total_return):
            self._returns = [low, high]
        return min(max((result.total_return - low) / (high - low), 0.0), 1.0) if high > low else 0.5

    def state_dict(self) -> list[list[float] | None]:
        """Return the ranges so far as plain JSON values; None for one without values."""
        return [[low, high] if low <= high else None for low, high in ((self.low, self.high), self._returns)]

    def load_state_dict(self, state: list[list[float] | None]) -> None:
        """Go back to ranges."""
        (self.low, self.high), self._returns = (known or [float("inf"), float("-inf")] for known in state)
