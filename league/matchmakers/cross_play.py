"""Cross-play: meet partners that somebody else brought up."""

from __future__ import annotations

import numpy as np

from league.matchmakers.matchmaker import Choice, Pool
from league.matchmakers.share import share

__all__ = ["CrossPlay"]


class CrossPlay:
    """Every side goes to another learner, as it is now or as it once was: population play.

    In games of coordination, agents that only ever met themselves agree on conventions that no stranger knows. Partners from
    learners with other seeds do not share them (the diagnosis of Hu et al., "Other-play for zero-shot coordination", ICML
    2020; the remedy of Lupu et al., "Trajectory diversity for zero-shot coordination", ICML 2021, without its diversity
    term).

    Args:
        past: share of the draws that goes to snapshots of the other learners instead of to the live ones.
        self_play: probability that a side goes to the live learner itself; it also does while there is nobody else.

    Raises:
        InputError: for shares outside 0 to 1.
    """

    def __init__(self, *, past: float = 0.5, self_play: float = 0.0) -> None:
        self.past = share("cross_play", "past", past)
        self.self_play = share("cross_play", "self_play", self_play)

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[Choice]:
        """Draw every side by itself; see `Matchmaker`."""
        live = tuple(name for name in pool.learners if name != learner)
        past = (*(name for name, parent in pool.snapshots.items() if parent != learner), *pool.fixed)
        if not live and not past:
            return [Choice((learner,) * seats, "self-play")] * matches
        shape = (matches, seats)
        old = rng.random(shape) < self.past if live and past else np.full(shape, not live)
        from_past = rng.integers(max(len(past), 1), size=shape)
        from_live = rng.integers(max(len(live), 1), size=shape)
        own = rng.random(shape) < self.self_play
        drawn = np.where(own, -1, np.where(old, len(live) + from_past, from_live)).tolist()
        names = (*live, *past, learner)  # -1 is the learner
        return [
            Choice(tuple(names[k] for k in sides), "self-play" if max(sides) < 0 else "cross-play") for sides in drawn
        ]
