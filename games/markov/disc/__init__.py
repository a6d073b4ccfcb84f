"""The disc game: continuous rock, paper, scissors, with as much skill in it as wanted."""

from games.markov.disc.game import DiscGame

__all__ = ["DiscGame"]
