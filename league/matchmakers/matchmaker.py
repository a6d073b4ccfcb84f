"""The contract of everything that chooses opponents, and what it may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from league.payoff import PayoffTable

__all__ = ["Matchmaker", "Pool"]


@dataclass(frozen=True, slots=True)
class Pool:
    """Who can be met, and what is known of every pair.

    Attributes:
        learners: ids of the live learners.
        snapshots: id of each frozen snapshot to the id of the learner that it came from, in order of creation.
        fixed: ids of agents that never learned, such as scripted ones.
        payoff: results so far.
    """

    learners: tuple[str, ...]
    snapshots: Mapping[str, str]
    fixed: tuple[str, ...]
    payoff: PayoffTable

    @property
    def frozen(self) -> tuple[str, ...]:
        """All opponents that do not change: snapshots in order of creation, then the fixed ones."""
        return (*self.snapshots, *self.fixed)


class Matchmaker(Protocol):
    """Chooses opponents. Keeps nothing between calls: what it knows is in the pool."""

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[tuple[str, ...]]:
        """Return who meets a learner in its next matches: made at once, because matches are many and short.

        Args:
            learner: id of the learner that the matches are made for.
            seats: how many opposing sides (a seat each, or a team) to fill in each match.
            pool: who there is.
            rng: the only source of chance.
            matches: how many.

        Returns:
            For each match an agent id per opposing side. The learner's own id means itself, with the weights that it has
            now.
        """
        ...
