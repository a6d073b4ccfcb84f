"""Self-play: always meet yourself."""

from __future__ import annotations

import numpy as np

from league.matchmakers.matchmaker import Choice, Pool

__all__ = ["SelfPlay"]


class SelfPlay:
    """The learner has every seat, with the weights that it has now."""

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[Choice]:
        """Return the learner for every side; see `Matchmaker`."""
        return [Choice((learner,) * seats, "self-play")] * matches
