"""Self-play: meet yourself, as you are now or as you were of late."""

from __future__ import annotations

import math

import numpy as np

from league.matchmakers.matchmaker import Choice, Pool
from league.matchmakers.share import share

__all__ = ["SelfPlay"]


class SelfPlay:
    """The learner has every side, with the weights that it has now or those of one of its later snapshots.

    Delta-uniform sampling, from Bansal et al., "Emergent complexity via multi-agent competition", ICLR 2018, section 4: of all
    versions so far, from the first to the live one, the last share of 1 - `delta` is equally likely.

    Args:
        delta: 1 meets the live learner only, 0 every version that ever was.

    Raises:
        InputError: for a number outside 0 to 1.
    """

    def __init__(self, *, delta: float = 1.0) -> None:
        self.delta = share("self_play", "delta", delta)

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[Choice]:
        """Draw every side by itself; see `Matchmaker`."""
        versions = (*pool.history(learner), learner)
        last = len(versions) - 1
        drawn = rng.integers(math.ceil(self.delta * last), last + 1, size=(matches, seats)).tolist()
        return [
            Choice(tuple(versions[k] for k in sides), "self-play" if min(sides) == last else "delta-uniform self-play")
            for sides in drawn
        ]
