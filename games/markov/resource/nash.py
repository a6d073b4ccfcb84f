"""The stage game: agents already in place, each on one landmark, which pays its value in equal shares.

This is a congestion game of identical players. Adding agents one by one, each to the landmark that then pays it most,
ends in a pure Nash equilibrium: shares only fall as landmarks fill, so whoever came earlier has nothing better either.
Equal offers go to the larger landmark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from games.markov.resource.rules import LANDMARKS, VALUES
from games.markov.resource.rules import values as worths

__all__ = ["Stage", "is_equilibrium", "max_welfare", "occupancy", "table", "welfare"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the stage game of a population comes to.

    Attributes:
        population: number of agents.
        occupancy: agents on each landmark in the greedy equilibrium, smallest landmark first.
        welfare: what they get together a step.
        max_welfare: the most that they could get together a step.
    """

    population: int
    occupancy: tuple[int, ...]
    welfare: float
    max_welfare: float

    @property
    def share(self) -> float:
        """What an agent gets a step in the equilibrium, on average."""
        return self.welfare / self.population


def table(populations: Iterable[int], landmarks: int = LANDMARKS) -> list[Stage]:
    """Return the stage game of each population, on any number of landmarks worth 0.5, 1.0, 1.5, ..."""
    worth = worths(landmarks)
    stages = []
    for population in populations:
        crowd = occupancy(population, worth)
        stages.append(Stage(population, crowd, welfare(crowd, worth), max_welfare(population, worth)))
    return stages


def occupancy(population: int, values: Sequence[float] = VALUES) -> tuple[int, ...]:
    """Return how many agents sit on each landmark in the greedy equilibrium; sums to `population`."""
    crowd = [0] * len(values)
    for _ in range(population):
        best = max(
            range(len(values)), key=lambda landmark: (values[landmark] / (crowd[landmark] + 1), values[landmark])
        )
        crowd[best] += 1
    return tuple(crowd)


def is_equilibrium(crowd: Sequence[int], values: Sequence[float] = VALUES) -> bool:
    """Return whether no agent gains by moving alone to another landmark."""
    offers = [value / (count + 1) for value, count in zip(values, crowd, strict=True)]
    return all(
        value / count >= offer
        for here, (value, count) in enumerate(zip(values, crowd, strict=True))
        for there, offer in enumerate(offers)
        if count and there != here
    )


def welfare(crowd: Sequence[int], values: Sequence[float] = VALUES) -> float:
    """Return what all agents get together: the values of the occupied landmarks."""
    return sum((value for value, count in zip(values, crowd, strict=True) if count), start=0.0)


def max_welfare(population: int, values: Sequence[float] = VALUES) -> float:
    """Return the most that `population` agents can get together, each on a landmark of its own.

    Where landmarks overlap, one agent may touch two: in few worlds with fewer agents than landmarks, play exceeds it.
    """
    return sum(sorted(values, reverse=True)[:population], start=0.0)
