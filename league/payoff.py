"""The payoff table: what is known of every pair of agents, and of every seat order.

It is a function of the match records, in the order of their booking, and can be rebuilt from them at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from games import InputError

__all__ = ["PayoffTable", "Tally"]


class Tally(NamedTuple):
    """What is known of one pair in one seat order, from the side of `home`, which sits before `away`."""

    wins: float = 0.0
    draws: float = 0.0
    losses: float = 0.0
    home_return: float = 0.0  # summed over games
    away_return: float = 0.0

    @property
    def games(self) -> float:
        """How many, less what decayed."""
        return self.wins + self.draws + self.losses

    @property
    def points(self) -> float:
        """What home scored: wins and half the draws."""
        return self.wins + 0.5 * self.draws


class PayoffTable:
    """Wins, draws, losses and returns of pairs of agent ids.

    Args:
        decay: what earlier games of a pair are multiplied by at each new game of it; the table then remembers about
            1 / (1 - decay) games per pair (Vinyals et al., "Grandmaster level in StarCraft II using multi-agent
            reinforcement learning", Nature 2019, use 0.99). 1 forgets nothing.

    Raises:
        InputError: for a decay outside (0, 1].
    """

    def __init__(self, *, decay: float = 1.0) -> None:
        if not 0.0 < decay <= 1.0:
            raise InputError(f"payoff decay must be above 0 and at most 1, not {decay}")
        self.decay = decay
        self._tallies: dict[tuple[str, str], Tally] = {}

    def update(self, home: str, away: str, outcome: float, returns: tuple[float, float] = (0.0, 0.0)) -> None:
        """Book one game.

        Args:
            home: agent with the earlier seat.
            away: agent with the later seat.
            outcome: 1 when home won, 0.5 for a draw, 0 when away won.
            returns: of home and away.
        """
        if self.decay < 1.0:
            for pair in {(home, away), (away, home)} & self._tallies.keys():
                self._tallies[pair] = Tally(*(self.decay * x for x in self._tallies[pair]))
        old = self._tallies.get((home, away), Tally())
        self._tallies[home, away] = Tally(
            old.wins + (outcome == 1.0),
            old.draws + (outcome == 0.5),
            old.losses + (outcome == 0.0),
            old.home_return + returns[0],
            old.away_return + returns[1],
        )

    def book(self, agents: Sequence[str], scores: Sequence[float], returns: Sequence[float] | None = None) -> None:
        """Book a match of any number of sides (a seat each, or a team): one game for every two of them.

        Args:
            agents: agent of each side, in the order of seats.
            scores: of each side; the higher one of two has won, equal is a draw.
            returns: of each side.
        """
        returns = returns or [0.0] * len(agents)
        for i in range(len(agents)):
            for j in range(i + 1, len(agents)):
                outcome = 0.5 if scores[i] == scores[j] else float(scores[i] > scores[j])
                self.update(agents[i], agents[j], outcome, (returns[i], returns[j]))

    def tally(self, home: str, away: str) -> Tally:
        """Return what is known of the pair in this seat order."""
        return self._tallies.get((home, away), Tally())

    def games(self, a: str, b: str) -> float:
        """Return how many games of the pair are known, in either seat order."""
        return self.tally(a, b).games + (self.tally(b, a).games if a != b else 0.0)

    def rate(self, a: str, b: str) -> float:
        """Return the mean score of a against b over both seat orders; 0.5 when they never met."""
        there, back = self.tally(a, b), self.tally(b, a)
        games = there.games + back.games
        return (there.points + back.losses + 0.5 * back.draws) / games if games else 0.5

    def rates(self, a: str, others: Iterable[str]) -> NDArray[np.float64]:
        """Return the rates [n] of a against each of the others."""
        return np.array([self.rate(a, b) for b in others], dtype=np.float64)

    def state_dict(self) -> dict[str, Any]:
        """Return the table as plain JSON values: rows of home, away and the figures of their tally."""
        return {"rows": [[home, away, *tally] for (home, away), tally in self._tallies.items()]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self._tallies = {(home, away): Tally(*figures) for home, away, *figures in state["rows"]}
