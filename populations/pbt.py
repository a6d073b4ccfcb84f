"""Population-based training: the worse learners take over the better ones, and try other hyper-parameters.

Jaderberg et al., "Population based training of neural networks", arXiv 1711.09846, with truncation selection. Pure rules:
who takes over whom, and which hyper-parameters come next. `league.breeding` carries them out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from games import InputError, Scalar

__all__ = ["PBT", "Exploit", "Range", "Space", "explored", "quantiles"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """All numbers from `low` to `high`; whole ones where `whole`; by equal ratios instead of equal differences where `log`."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InputError(f"a range needs low < high, not low {self.low} and high {self.high}")
        if self.log and self.low <= 0.0:
            raise InputError(f"a range by ratios must begin above 0, not at {self.low}")
        if self.whole and math.ceil(self.low) > math.floor(self.high):
            raise InputError(f"there is no whole number from {self.low} to {self.high}")

    def draw(self, rng: np.random.Generator) -> float | int:
        """Return any of its numbers."""
        if self.log:
            return self.nearest(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))
        if self.whole:
            return int(rng.integers(math.ceil(self.low), math.floor(self.high), endpoint=True))
        return float(rng.uniform(self.low, self.high))

    def nearest(self, value: float) -> float | int:
        """Return the number of the range that is nearest to a value."""
        value = min(max(value, self.low), self.high)
        return min(max(round(value), math.ceil(self.low)), math.floor(self.high)) if self.whole else float(value)


Space = Range | tuple[Scalar, ...]
"""Where a hyper-parameter may be: a range of numbers, or a list of values in their order."""


class Exploit(NamedTuple):
    """A learner that takes over another one, and what the two were worth."""

    loser: str
    donor: str
    lost: float
    gained: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PBT:
    """When, among whom and how; defaults of the shares and factors are those of Ray Tune.

    Attributes:
        parameters: name of each hyper-parameter that may change, to where it may be.
        every: steps between two comparisons.
        after: no comparison before so many steps: what has hardly begun cannot be judged.
        quantile: share of a population that is taken over, and share that it may be taken over from, at most one half.
        resample: probability that a hyper-parameter is drawn anew instead of being changed a little.
        factors: a number is multiplied by one of these.
        min_gap: a learner is taken over only when the other's fitness is higher by more than this. A difference and no ratio,
            so that it means the same for fitness of any sign.
    """

    parameters: Mapping[str, Space]
    every: int
    after: int = 0
    quantile: float = 0.25
    resample: float = 0.25
    factors: Sequence[float] = (0.8, 1.2)
    min_gap: float = 0.0

    def __post_init__(self) -> None:
        if self.every < 1 or self.after < 0:
            raise InputError(f"pbt needs every >= 1 and after >= 0, not every {self.every} and after {self.after}")
        if not 0.0 < self.quantile <= 0.5:
            raise InputError(f"pbt quantile must be above 0 and at most 0.5, not {self.quantile}")
        if not 0.0 <= self.resample <= 1.0:
            raise InputError(f"pbt resample must be from 0 to 1, not {self.resample}")
        if not self.factors or not all(factor > 0.0 and math.isfinite(factor) for factor in self.factors):
            raise InputError(f"pbt factors must be one or more numbers above 0, not {list(self.factors)}")
        if not self.min_gap >= 0.0:
            raise InputError(f"pbt min_gap must be at least 0, not {self.min_gap}")
        for name, space in self.parameters.items():
            if not isinstance(space, Range) and not space:
                raise InputError(f"pbt needs at least one value for {name}")

    def due(self, step: int, last: int) -> bool:
        """Return whether to compare at this step, when that was done last at the step `last`."""
        return step >= self.after and step - last >= self.every

    def draw(self, rng: np.random.Generator) -> dict[str, Scalar]:
        """Return any hyper-parameters."""
        return {name: _drawn(space, rng) for name, space in self.parameters.items()}

    def exploits(self, fitness: Mapping[str, float], rng: np.random.Generator) -> list[Exploit]:
        """Return who takes over whom.

        Each of the lower quantile draws one of the upper one. Learners without a finite fitness take no part.
        """
        lower, upper = quantiles(fitness, self.quantile)
        drawn = [(loser, upper[int(rng.integers(len(upper)))]) for loser in lower]
        pairs = [Exploit(loser, donor, fitness[loser], fitness[donor]) for loser, donor in drawn]
        return [pair for pair in pairs if pair.gained - pair.lost > self.min_gap]

    def explore(self, options: Mapping[str, Scalar], rng: np.random.Generator) -> dict[str, Scalar]:
        """Return other hyper-parameters near these."""
        return {
            name: explored(options[name], space, rng, resample=self.resample, factors=self.factors)
            for name, space in self.parameters.items()
        }


def quantiles(fitness: Mapping[str, float], quantile: float) -> tuple[list[str], list[str]]:
    """Return the names of the lower and of the upper quantile, the worst first.

    Of n they are ceil(n * quantile) each; floor(n / 2) where that would be more than half; nobody where n is 1. Equal ones
    stay in order. Names whose fitness is not finite are left out.
    """
    ranked = sorted((name for name, value in fitness.items() if math.isfinite(value)), key=lambda name: fitness[name])
    count = math.ceil(len(ranked) * quantile)
    if count > len(ranked) / 2:
        count = len(ranked) // 2
    return ranked[:count], ranked[len(ranked) - count :]


def explored(
    value: Scalar, space: Space, rng: np.random.Generator, *, resample: float, factors: Sequence[float]
) -> Scalar:
    """Return another value near this one.

    With probability `resample`, or where the value is not of its list, it is drawn anew. Otherwise a value of a list moves one
    step to either side and stops at the ends, and a number is multiplied by one of the factors, rounded where it is whole,
    and kept in its range. Truth values are neighbours of nothing: they are drawn anew or stay.
    """
    if rng.random() < resample:
        return _drawn(space, rng)
    if isinstance(space, Range):
        return space.nearest(float(value) * factors[int(rng.integers(len(factors)))])
    if (place := _place(value, space)) is None:
        return _drawn(space, rng)
    if isinstance(value, bool):
        return value
    return space[min(max(place + (1 if rng.random() < 0.5 else -1), 0), len(space) - 1)]


def _place(value: Scalar, space: Sequence[Scalar]) -> int | None:
    """Return where a value stands in a list; true is not 1."""
    alike = (
        k for k, other in enumerate(space) if other == value and isinstance(other, bool) == isinstance(value, bool)
    )
    return next(alike, None)


def _drawn(space: Space, rng: np.random.Generator) -> Scalar:
    return space.draw(rng) if isinstance(space, Range) else space[int(rng.integers(len(space)))]
