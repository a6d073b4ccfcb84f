"""Fictitious self-play: meet the whole history, evenly."""

from __future__ import annotations

import numpy as np

from league.matchmakers.matchmaker import Choice, Pool

__all__ = ["Fictitious"]


class Fictitious:
    """Every frozen agent of the pool is equally likely; the learner meets itself while there are none.

    In fictitious play (Brown, "Iterative solution of games by fictitious play", 1951) each player answers the average of
    what the others did so far; the snapshots stand for that average, as in Heinrich, Lanctot and Silver, "Fictitious
    self-play in extensive-form games", ICML 2015, but the answer is one learner's and not a best response.
    """

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[Choice]:
        """Draw every side by itself; see `Matchmaker`."""
        frozen = pool.frozen or (learner,)
        drawn = rng.integers(len(frozen), size=(matches, seats)).tolist()
        return [Choice(tuple(frozen[k] for k in sides), "fictitious") for sides in drawn]
