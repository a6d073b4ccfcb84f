"""The kinds of parameters that a task has, each with a range and a way to and from the unit interval."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from games.errors import InputError
from games.task.task import Scalar

__all__ = ["Categorical", "Integer", "Parameter", "Real"]


@dataclass(frozen=True, slots=True)
class Real:
    """A real parameter in the closed interval [low, high].

    Attributes:
        low, high, default: in its own units.
        log: whether equal steps in the unit cube are equal factors, not equal differences. Both ends are then above zero.

    Raises:
        InputError: for a logarithmic scale that does not begin above zero.
    """

    low: float
    high: float
    default: float
    log: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if self.log and not self.low > 0.0:
            raise InputError(
                f"a parameter with a logarithmic scale needs a lowest value above zero, not {self.low} (to {self.high})"
            )

    @property
    def count(self) -> float:
        """How many values it has: 1 or infinitely many."""
        return math.inf if self.high > self.low else 1

    def check(self, value: Scalar) -> Scalar:
        """Return the value as a float; raise `ValueError` when it is no number of the interval."""
        if isinstance(value, bool | str) or not self.low <= value <= self.high or not math.isfinite(value):
            raise ValueError(f"must be a number from {self.low} to {self.high}, not {value!r}")
        return float(value)

    def from_unit(self, x: float) -> float:
        """Map x in [0, 1] to the interval."""
        if self.log:
            value = self.low * (self.high / self.low) ** x
        else:
            value = self.low + (self.high - self.low) * x
        return min(max(value, self.low), self.high)

    def to_unit(self, value: Scalar) -> float:
        """Inverse of `from_unit`; 0.5 for an interval of one point."""
        if not self.high > self.low:
            return 0.5
        if self.log:
            return math.log(float(value) / self.low) / math.log(self.high / self.low)
        return (float(value) - self.low) / (self.high - self.low)

    def mutate(self, value: Scalar, rng: np.random.Generator, scale: float) -> float:
        """Return the value after a Gaussian step of `scale` of the range, reflected at its ends."""
        moved = abs(self.to_unit(value) + scale * rng.standard_normal()) % 2.0
        return self.from_unit(min(moved, 2.0 - moved))


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer parameter from low to high, both included."""

    low: int
    high: int
    default: int

    @property
    def count(self) -> int:
        """How many values it has."""
        return self.high - self.low + 1

    def check(self, value: Scalar) -> Scalar:
        """Return the value as an int; raise `ValueError` when it is no integer of the range."""
        whole = isinstance(value, int | np.integer) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool | str) or not whole or not self.low <= value <= self.high:
            raise ValueError(f"must be an integer from {self.low} to {self.high}, not {value!r}")
        return int(value)

    def mutate(self, value: Scalar, rng: np.random.Generator, scale: float) -> int:
        """Return another integer, a rounded Gaussian step of `scale` of the range away, but one at least.

        Where the range ends before, the step is made in the other direction, or to the farther end.
        """
        step = max(1, round(abs(rng.standard_normal()) * scale * (self.high - self.low)))
        up, down = int(value) + step, int(value) - step
        for target in (up, down) if rng.random() < 0.5 else (down, up):
            if self.low <= target <= self.high:
                return target
        return self.low if int(value) - self.low > self.high - int(value) else self.high

    def from_unit(self, x: float) -> int:
        """Map x in [0, 1] to the range: each integer owns an equal part of the interval."""
        count = self.high - self.low + 1
        return self.low + min(max(int(x * count), 0), count - 1)

    def to_unit(self, value: Scalar) -> float:
        """The middle of the part that the value owns, so that `from_unit(to_unit(v)) == v`."""
        return (int(value) - self.low + 0.5) / (self.high - self.low + 1)


@dataclass(frozen=True, slots=True)
class Categorical:
    """A parameter with named choices."""

    choices: tuple[Scalar, ...]
    default: Scalar

    @property
    def count(self) -> int:
        """How many values it has."""
        return len(self.choices)

    def check(self, value: Scalar) -> Scalar:
        """Return the value; raise `ValueError` when it is none of the choices."""
        for choice in self.choices:
            if choice == value and isinstance(choice, bool) == isinstance(value, bool):
                return choice
        raise ValueError(f"must be one of {', '.join(map(repr, self.choices))}, not {value!r}")

    def from_unit(self, x: float) -> Scalar:
        """Map x in [0, 1] to a choice: each owns an equal part of the interval."""
        return self.choices[min(max(int(x * len(self.choices)), 0), len(self.choices) - 1)]

    def to_unit(self, value: Scalar) -> float:
        """The middle of the part that the choice owns."""
        return (self._number(value) + 0.5) / len(self.choices)

    def mutate(self, value: Scalar, rng: np.random.Generator, scale: float) -> Scalar:
        """Return another choice, each with the same probability, whatever the scale."""
        number = self._number(value)
        other = int(rng.integers(len(self.choices) - 1))
        return self.choices[other + (other >= number)]

    def _number(self, value: Scalar) -> int:
        """Which choice it is; a plain search would take 1 for True."""
        return next(
            k for k, c in enumerate(self.choices) if c == value and isinstance(c, bool) == isinstance(value, bool)
        )


Parameter = Real | Integer | Categorical
