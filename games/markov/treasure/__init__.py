"""Treasure collection: collectors carry treasures to the deposit of their colour, and everyone is paid for it."""

from games.markov.treasure.game import TreasureGame
from games.markov.treasure.vector import TreasureVector

__all__ = ["TreasureGame", "TreasureVector"]
