"""Numbers that change over a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from games import InputError

__all__ = ["Schedule", "at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Goes from `start` to `end` while the progress of the run goes from 0 to 1.

    Attributes:
        start: value at the beginning.
        end: value at the end.
        shape: "linear" by equal differences, "exponential" by equal ratios (both ends above 0).
    """

    start: float
    end: float
    shape: Literal["linear", "exponential"] = "linear"

    def __post_init__(self) -> None:
        if self.shape not in ("linear", "exponential"):
            raise InputError(f"a schedule's shape must be linear or exponential, not {self.shape!r}")
        if min(self.start, self.end) < 0.0 or (self.shape == "exponential" and min(self.start, self.end) == 0.0):
            raise InputError(f"a schedule of {self.shape} shape cannot go from {self.start} to {self.end}")

    def at(self, progress: float) -> float:
        """Return the value at this share of the run."""
        progress = min(max(progress, 0.0), 1.0)
        if self.shape == "exponential":
            return self.start * (self.end / self.start) ** progress
        return self.start + (self.end - self.start) * progress


def at(value: float | Schedule, progress: float) -> float:
    """Return a number that may or may not have a schedule."""
    return value.at(progress) if isinstance(value, Schedule) else value
