"""Pursuit: predators hunt faster prey around obstacles, with the rules of simple_tag."""

from games.markov.pursuit.game import PursuitGame
from games.markov.pursuit.vector import PursuitVector

__all__ = ["PursuitGame", "PursuitVector"]
