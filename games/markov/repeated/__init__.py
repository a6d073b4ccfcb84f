"""Small symmetric games of any number of players, played over and over: dilemmas, coordination, congestion. All solved."""

from games.markov.repeated.game import RepeatedGame
from games.markov.repeated.vector import RepeatedVector

__all__ = ["RepeatedGame", "RepeatedVector"]
