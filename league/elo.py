"""Elo ratings that move with every match: for choosing opponents of equal strength, not for ranking anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import InputError
from league.places import Places

__all__ = ["Elo", "expected_score"]

Array = NDArray[np.float64]


def expected_score(difference: Any) -> Any:
    """Return the score, from 0 to 1, that a rating higher by `difference` Elo points promises; arrays give arrays."""
    return 1.0 / (1.0 + 10.0 ** (-difference / 400.0))


class Elo:
    """The rating of every agent that has played; 0 is where agents begin that nothing is known of.

    From Elo, "The rating of chessplayers, past and present", 1978. Ours differs in matches of n sides: they are a game for
    every two sides, all rated as things stood before the match, each with the weight 1 / (n - 1). The order of matches
    matters, so rankings go by maximum likelihood instead.

    Args:
        step: points that an agent wins or loses at most in one match.

    Raises:
        InputError: for a step that is not above 0.
    """

    def __init__(self, *, step: float = 16.0) -> None:
        if not step > 0.0:
            raise InputError(f"elo step must be above 0, not {step}")
        self.step = step
        self._places = Places()
        self._ratings = np.zeros(64)

    def enter(self, agent: str, like: str) -> None:
        """Rate an agent as another one, whose copy it is."""
        self._set(agent, self.rating(like))

    def book(self, agents: Sequence[str], scores: Sequence[float]) -> None:
        """Move the ratings by one match.

        Args:
            agents: of each side, at least two of them; several sides may be the same agent's, which say nothing of it.
            scores: of each side; the higher one of two has won, equal is a draw.
        """
        before = [self.rating(agent) for agent in agents]
        share = self.step / (len(agents) - 1)
        for i in range(len(agents)):
            for j in range(i + 1, len(agents)):
                if agents[i] != agents[j]:
                    outcome = 0.5 if scores[i] == scores[j] else float(scores[i] > scores[j])
                    change = share * (outcome - expected_score(before[i] - before[j]))
                    self._set(agents[i], self.rating(agents[i]) + change)
                    self._set(agents[j], self.rating(agents[j]) - change)

    def rating(self, agent: str) -> float:
        """Return the rating of an agent, in Elo points."""
        number = self._places.number(agent)
        return float(self._ratings[number]) if number < len(self._ratings) else 0.0

    def ratings(self, agents: Sequence[str]) -> Array:
        """Return the ratings [n] of agents, in Elo points."""
        numbers = self._places.numbers(agents)
        self._grow()
        return self._ratings[numbers]

    def _set(self, agent: str, rating: float) -> None:
        number = self._places.number(agent)
        self._grow()
        self._ratings[number] = rating

    def _grow(self) -> None:
        if len(self._places) > len(self._ratings):
            self._ratings = np.concatenate([self._ratings, np.zeros(len(self._places))])

    def state_dict(self) -> dict[str, float]:
        """Return the ratings that are not 0, by agent."""
        return {agent: rating for agent in self._places if (rating := self.rating(agent)) != 0.0}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self._ratings[:] = 0.0
        for agent, rating in state.items():
            self._set(agent, rating)
