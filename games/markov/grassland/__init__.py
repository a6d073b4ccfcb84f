"""Grassland: sheep graze and wolves eat them. EPC's game of two roles."""

from games.markov.grassland.game import GrasslandGame

__all__ = ["GrasslandGame"]
