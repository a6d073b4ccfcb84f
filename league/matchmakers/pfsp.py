"""Prioritised fictitious self-play: meet those of the history more often from whom there is more to learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from games.errors import InputError, suggestion
from league.matchmakers.matchmaker import Choice, Pool
from league.matchmakers.share import share

__all__ = ["PFSP", "Weighting", "probabilities"]

Weighting = Literal["squared", "variance", "linear", "linear_capped"]
Array = NDArray[np.float64]

_WEIGHTS: dict[Weighting, Callable[[Array], Array]] = {
    "squared": lambda x: (1.0 - x) ** 2,
    "variance": lambda x: x * (1.0 - x),
    "linear": lambda x: 1.0 - x,
    "linear_capped": lambda x: np.minimum(0.5, 1.0 - x),
}
_NOTHING = 1e-10  # weights that sum to less tell opponents no better apart than chance


def probabilities(rates: Array, weighting: Weighting, epsilon: float = 0.0) -> Array:
    """Return how likely each opponent is met.

    Args:
        rates: [n] probability of beating each, n at least 1.
        weighting: `squared` (1-x)^2 is for those that beat us, `variance` x(1-x) for our equals, `linear` 1-x, and
            `linear_capped` min(1/2, 1-x), which does not prefer the hopeless to the even.
        epsilon: share that is spread evenly over all opponents, so that none is forgotten for good.

    Returns:
        [n] probabilities; even ones when every weight is zero (all are always beaten).
    """
    weights = _WEIGHTS[weighting](rates)
    total = weights.sum()
    even = 1.0 / len(rates)
    if total < _NOTHING:
        return np.full(len(rates), even)
    return (1.0 - epsilon) * weights / total + epsilon * even


class PFSP:
    """Draws frozen opponents by how the learner fares against them.

    From Vinyals et al., "Grandmaster level in StarCraft II using multi-agent reinforcement learning", Nature 2019
    (supplementary pseudocode). Ours differs in the floor `epsilon`: without it one opponent that cannot be beaten yet
    takes all games from those that are always beaten, and nothing is learned of them again.

    Args:
        weighting: what win rates are worth, see `probabilities`.
        epsilon: share of the draws that is even over all frozen agents.
        self_play: probability that a side goes to the live learner itself; it also does while nothing is frozen.

    Raises:
        InputError: for an unknown weighting, or shares outside 0 to 1.
    """

    def __init__(self, *, weighting: Weighting = "squared", epsilon: float = 0.1, self_play: float = 0.35) -> None:
        names = get_args(Weighting)
        if weighting not in names:
            hint = suggestion(str(weighting), names)
            raise InputError(f"unknown pfsp weighting {weighting!r}{hint} (known: {', '.join(names)})")
        self.weighting: Weighting = weighting
        self.epsilon = share("pfsp", "epsilon", epsilon)
        self.self_play = share("pfsp", "self_play", self_play)

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[Choice]:
        """Draw every side by itself; see `Matchmaker`."""
        frozen = pool.frozen
        if not frozen:
            return [Choice((learner,) * seats, "self-play")] * matches
        likely = probabilities(pool.payoff.rates(learner, frozen), self.weighting, self.epsilon)
        drawn = rng.choice(len(frozen), size=(matches, seats), p=likely)
        drawn[rng.random(drawn.shape) < self.self_play] = -1
        why = f"pfsp {self.weighting}"
        return [
            Choice(tuple(learner if k < 0 else frozen[k] for k in sides), "self-play" if max(sides) < 0 else why)
            for sides in drawn.tolist()
        ]
