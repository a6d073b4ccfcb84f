"""Which snapshots leave the pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from games import InputError
from league.matchmakers import Matchmaker, Mixes, Pool

__all__ = ["Retire", "weights"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire:
    """Of a learner's snapshots at most so many stay; those with the least weight go, and of equal ones the oldest.

    The newest always stays: nothing is known of it yet.

    Attributes:
        keep: how many stay.
    """

    keep: int

    def __post_init__(self) -> None:
        if self.keep < 1:
            raise InputError(f"a retire rule must keep at least 1 snapshot, not {self.keep}")

    def due(self, snapshots: list[str], weights: Mapping[str, float]) -> Iterator[tuple[str, str]]:
        """Yield whom to retire, and why.

        Args:
            snapshots: one learner's, in order of creation, without those that are retired.
            weights: see `weights`.
        """
        old = sorted(snapshots[:-1], key=lambda name: weights.get(name, 0.0))
        for name in old[: max(len(snapshots) - self.keep, 0)]:
            yield (
                name,
                f"least weight ({weights.get(name, 0.0):.3g}) of {len(snapshots)} snapshots, of which {self.keep} stay",
            )


def weights(matchmaker: Matchmaker, pool: Pool) -> dict[str, float]:
    """Return what each snapshot of a pool is worth: its share in the matchmaker's mixture, where it has one.

    Otherwise the mean over live learners of (1 - rate)^2, by which those come first who still beat somebody.
    """
    if isinstance(matchmaker, Mixes):
        return matchmaker.mixture(pool)
    names, live = tuple(pool.snapshots), tuple(pool.learners)
    if not names or not live:
        return {}
    worth = np.mean([(1.0 - pool.payoff.rates(name, names)) ** 2 for name in live], axis=0)
    return dict(zip(names, worth.tolist(), strict=True))
