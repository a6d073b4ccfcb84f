"""The same rules for smaller populations: what a network must be as wide as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from games.game import Game, Limits, Seat, VectorGame
from games.task import Task

if TYPE_CHECKING:
    from games.relabelled import Symmetry

__all__ = ["SameRules", "at_most"]


def at_most(game: Game, seats: int) -> Game:
    """Return a game for those of its tasks that have at most so many seats.

    Its name and its rules stay as they are. Its observation space is as small as those tasks allow, so a network that
    flattens its observations is no wider than it must be.
    """
    return game if seats >= game.max_seats else _AtMost(game, seats)


class SameRules(Game):
    """A game that shows another one's rules; for wrappers, which override what they change.

    Args:
        game: whose rules.
    """

    def __init__(self, game: Game) -> None:
        self._game = game
        self.name, self.task_space, self.comparison = game.name, game.task_space, game.comparison
        self.observation_space, self.action_space, self.uses = game.observation_space, game.action_space, game.uses
        self.turn_based, self.elimination, self.metrics = game.turn_based, game.elimination, game.metrics

    @property
    def max_seats(self) -> int:
        """The largest population of any task."""
        return self._game.max_seats

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return the seats of this task, in order."""
        return self._game.seats(task)

    def symmetries(self, task: Task) -> tuple[Symmetry, ...]:
        """Return what else actions and features of this task may be called."""
        return self._game.symmetries(task)

    def vector(self, slots: int, limits: Limits) -> VectorGame:
        """Return room for `slots` matches."""
        return self._game.vector(slots, limits)


class _AtMost(SameRules):
    def __init__(self, game: Game, seats: int) -> None:
        super().__init__(game)
        self._seats = seats
        vector = game.vector(1, Limits(seats=seats))
        self.observation_space = vector.observation_space
        vector.close()

    @property
    def max_seats(self) -> int:
        return self._seats
