"""The contract of everything that chooses opponents, and what it may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from league.payoff import PayoffTable

__all__ = ["Choice", "Matchmaker", "Mixes", "NeedsResults", "Pool"]


@dataclass(frozen=True)
class Pool:
    """Who can be met, and what is known of every pair.

    Attributes:
        learners: id of each live learner to its role ("main", "main_exploiter", "league_exploiter", ...).
        snapshots: id of each frozen snapshot to the id of the learner that it came from, in order of creation.
        fixed: ids of agents that never learned, such as scripted ones.
        payoff: results so far.
    """

    learners: Mapping[str, str]
    snapshots: Mapping[str, str]
    fixed: tuple[str, ...]
    payoff: PayoffTable

    @cached_property
    def frozen(self) -> tuple[str, ...]:
        """All opponents that do not change: snapshots in order of creation, then the fixed ones."""
        return (*self.snapshots, *self.fixed)

    def history(self, learner: str) -> tuple[str, ...]:
        """Return the snapshots of a learner in order of creation; always the same tuple."""
        return self._histories.get(learner, ())

    @cached_property
    def _histories(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name, parent in self.snapshots.items():
            found.setdefault(parent, []).append(name)
        return {parent: tuple(names) for parent, names in found.items()}

    @cached_property
    def exploiters(self) -> tuple[str, ...]:
        """The snapshots of live learners with the role "main_exploiter"."""
        return tuple(n for n, parent in self.snapshots.items() if self.learners.get(parent) == "main_exploiter")

    @cached_property
    def mains(self) -> tuple[str, ...]:
        """The live learners with the role "main"."""
        return tuple(name for name, role in self.learners.items() if role == "main")


class Choice(NamedTuple):
    """Who meets a learner in one match, and why.

    Attributes:
        opponents: an agent id per opposing side. The learner's own id means itself, with the weights that it has now.
        why: the rule that chose them, in a few words, such as "pfsp squared".
        shared: whether live learners among the opponents learn from the match, too.
    """

    opponents: tuple[str, ...]
    why: str
    shared: bool = True


class Matchmaker(Protocol):
    """Chooses opponents. Keeps nothing between calls: what it knows is in the pool."""

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[Choice]:
        """Return who meets a learner in its next matches: made at once, because matches are many and short.

        Args:
            learner: id of the learner that the matches are made for.
            seats: how many opposing sides (a seat each, or a team) to fill in each match.
            pool: who there is.
            rng: the only source of chance.
            matches: how many.

        Returns:
            A choice for each match.
        """
        ...


@runtime_checkable
class NeedsResults(Protocol):
    """What a matchmaker has besides, when it cannot choose before certain frozen agents have met."""

    def missing(self, pool: Pool, sides: int) -> list[tuple[tuple[str, ...], int]]:
        """Return line-ups of frozen agents, one per side, and how many more matches of each are wanted; least known first."""
        ...


@runtime_checkable
class Mixes(Protocol):
    """What a matchmaker has besides, when its answer to the game is a mixture of the frozen agents and not the latest one."""

    def mixture(self, pool: Pool) -> dict[str, float]:
        """Return how likely each frozen agent is in the mixture; agents that are not named have 0."""
        ...
