"""The game under test, and the matches that it is tested on."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from games.check.play import Match, Record
from games.game import Game, Limits
from games.randomness import WORLD, bits

__all__ = ["Subject"]

FEW = 8  # matches that are played again, alone or in small batches


class Subject:
    """A game and what to try on it.

    Attributes:
        game: the game.
        matches: every other one on the default task, the rest on the two corners of the task space and random tasks.
        steps: longer matches are truncated, but where a check is about limits.
        limits: of the vectors, likewise.
        records: of all matches, played in one batch; set by the checks of single steps, which watch that play.
    """

    def __init__(self, game: Game, matches: int, seed: int, steps: int) -> None:
        self.game = game
        self.steps = steps
        self.limits = Limits(seats=game.max_seats, steps=steps)
        self.records: list[Record] = []
        self._count, self._seed = matches, seed

    @cached_property
    def matches(self) -> list[Match]:  # noqa: D102 - an attribute
        space, rng = self.game.task_space, np.random.default_rng(self._seed)
        corners = [space.from_unit(np.full(len(space), x)) for x in (0.0, 1.0)]
        others = corners + [space.sample(rng) for _ in range(self._count // 2)]
        return [
            Match(others[i // 2] if i % 2 else space.task(), int(bits(np.uint64(self._seed), WORLD, 0, i)))
            for i in range(self._count)
        ]

    @property
    def few(self) -> range:
        """The numbers of the matches that are cheap enough to be played several times."""
        return range(min(FEW, len(self.matches)))

    def by_length(self, count: int) -> list[int]:
        """The numbers of this many of the few, first the longest."""
        return sorted(self.few, key=lambda i: -self.records[i].length)[:count]

    def says(self, number: int) -> str:
        """How a finding refers to a match."""
        match = self.matches[number]
        return f"match {number} ({dict(match.task)}, seed {match.seed})"
