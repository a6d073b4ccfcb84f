"""The teacher that sets any task: domain randomisation, and the yardstick of every other teacher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from games import Game, TaskSpace
from league.teachers.teacher import Proposal, Result

__all__ = ["Uniform"]


class Uniform:
    """Draws every task uniformly from the unit cube of the task space.

    Args:
        space: the game's task space.
        seed: of its draws.
    """

    def __init__(self, space: TaskSpace, seed: int) -> None:
        self._space = space
        self._rng = np.random.default_rng(seed)
        self._asked = 0

    def max_seats(self, game: Game) -> int:
        """Return the largest population of the game."""
        return game.max_seats

    def ask(self, n: int) -> list[Proposal]:
        """Return n random tasks; see `Teacher`."""
        numbers = range(self._asked, self._asked + n)
        self._asked += n
        return [Proposal(k, self._space.sample(self._rng), "uniform") for k in numbers]

    def tell(self, result: Result) -> None:
        """Results change nothing."""

    def state_dict(self) -> dict[str, Any]:
        """Return how many tasks were asked for, and the state of the generator."""
        return {"asked": self._asked, "generator": self._rng.bit_generator.state}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on after so many tasks, with the generator as it was then."""
        self._asked = int(state["asked"])
        self._rng.bit_generator.state = state["generator"]
