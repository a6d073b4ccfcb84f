"""Elo window: meet those of about the same strength."""

from __future__ import annotations

import numpy as np

from games.errors import InputError
from league.elo import expected_score
from league.matchmakers.matchmaker import Choice, Pool
from league.matchmakers.share import share

__all__ = ["EloWindow"]


class EloWindow:
    """Draws opponents, live and frozen, by how even the match promises to be.

    How likely an opponent is falls with the distance of the expected score from one half, as a normal density of the width
    `sigma`: the rule of Elo-based matching in Sun et al., "TLeague", 2020, arXiv 2011.12895. The expected score
    comes from Elo ratings that move with every match, not from counts of a pair, so newcomers find their place quickly.

    Args:
        sigma: width of the window, in expected score; 0.1 is about 70 Elo points.
        self_play: probability that a side goes to the live learner itself; it also does while there is nobody else.

    Raises:
        InputError: for a width that is not above 0, or a share outside 0 to 1.
    """

    def __init__(self, *, sigma: float = 0.1, self_play: float = 0.0) -> None:
        if isinstance(sigma, bool) or not sigma > 0.0:
            raise InputError(f"elo_window sigma must be above 0, not {sigma!r}")
        self.sigma, self.self_play = float(sigma), share("elo_window", "self_play", self_play)

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[Choice]:
        """Draw every side by itself; see `Matchmaker`."""
        others = tuple(name for name in pool.learners if name != learner)
        elo = pool.payoff.elo
        ratings = np.concatenate([elo.ratings(others), elo.ratings(pool.frozen)])
        if not len(ratings):
            return [Choice((learner,) * seats, "self-play")] * matches
        distance = expected_score(elo.rating(learner) - ratings) - 0.5
        exponent = -0.5 * (distance / self.sigma) ** 2
        likely = np.exp(exponent - exponent.max())
        drawn = rng.choice(len(ratings), size=(matches, seats), p=likely / likely.sum())
        drawn[rng.random(drawn.shape) < self.self_play] = -1
        names = (*others, *pool.frozen, learner)  # -1 is the learner
        return [
            Choice(tuple(names[k] for k in sides), "self-play" if max(sides) < 0 else "elo window")
            for sides in drawn.tolist()
        ]
