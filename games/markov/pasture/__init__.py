"""What the three games of EPC share: a walled square, foods, teams of particles, death, and the sharing of rewards.

`game.py` has their common rules; `grassland/`, `battle/` and `food/` each add their rewards and deaths.
"""

from games.markov.pasture.game import PastureGame, Team, accel, pasture
from games.markov.pasture.vector import PastureVector

__all__ = ["PastureGame", "PastureVector", "Team", "accel", "pasture"]
