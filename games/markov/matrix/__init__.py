"""Matrix games: small, famous, and solved."""

from games.markov.matrix.game import MatrixGame

__all__ = ["MatrixGame"]
