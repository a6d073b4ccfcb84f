"""The same rules for smaller populations: what a network must be as wide as."""

from __future__ import annotations

from games.game import Game, Limits, Seat, VectorGame
from games.task import Task

__all__ = ["at_most"]


def at_most(game: Game, seats: int) -> Game:
    """Return a game for those of its tasks that have at most so many seats.

    Its name and its rules stay as they are. Its observation space is as small as those tasks allow, so a network that
    flattens its observations is no wider than it must be.
    """
    return game if seats >= game.max_seats else _AtMost(game, seats)


class _AtMost(Game):
    def __init__(self, game: Game, seats: int) -> None:
        self._game, self._seats = game, seats
        self.name, self.task_space, self.comparison = game.name, game.task_space, game.comparison
        self.action_space, self.uses = game.action_space, game.uses
        self.turn_based, self.metrics = game.turn_based, game.metrics
        vector = game.vector(1, Limits(seats=seats))
        self.observation_space = vector.observation_space
        vector.close()

    @property
    def max_seats(self) -> int:
        return self._seats

    def seats(self, task: Task) -> tuple[Seat, ...]:
        return self._game.seats(task)

    def vector(self, slots: int, limits: Limits) -> VectorGame:
        return self._game.vector(slots, limits)
