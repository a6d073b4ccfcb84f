"""Resource occupation: agents spread over landmarks that pay in shares. The pattern for engines of our own."""

from games.markov.resource.game import ResourceGame, ResourceLandmarksGame
from games.markov.resource.vector import ResourceVector

__all__ = ["ResourceGame", "ResourceVector", "ResourceLandmarksGame"]
