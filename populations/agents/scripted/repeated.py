"""Two players for repeated games who do unto others what was done to them."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from games import Game
from games.markov.repeated.rules import MAX_ACTIONS, OWN
from populations.policy import Decision, Rows, State

__all__ = ["Grim", "TitForTat"]

_LAST = slice(OWN.index("last_0"), OWN.index("last_0") + MAX_ACTIONS)

Bools = NDArray[np.bool_]


class _Reciprocal(ABC):
    """Takes action 0 as long as it is content, else action 1. All that it remembers is what it sees of the last round."""

    observes = True
    privileged = False

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row."""
        mine = rows.observation["self"][:, _LAST][:, 1:].max(axis=1) > 0
        theirs = rows.observation["entities"][:, :, 1:].max(axis=(1, 2)) > 0
        return Decision(self.strays(mine, theirs).astype(np.int32)[:, None])

    @abstractmethod
    def strays(self, mine: Bools, theirs: Bools) -> Bools:
        """Return whether to take action 1 [R], given whether oneself [R] and any other seat [R] strayed in the last round."""

    def refuses(self, game: Game) -> str | None:
        """It reads the observations of one game."""
        return None if game.name == "markov/repeated-v0" else "it knows only markov/repeated-v0"


class TitForTat(_Reciprocal):
    """Begins with action 0 and takes action 1 after a round in which any other seat did not take action 0."""

    def strays(self, mine: Bools, theirs: Bools) -> Bools:
        """Answer the others alone."""
        return theirs


class Grim(_Reciprocal):
    """Begins with action 0 and takes action 1 for ever after anyone, itself included, did not take action 0."""

    def strays(self, mine: Bools, theirs: Bools) -> Bools:
        """Never forgive: once it has strayed, it strays on."""
        return mine | theirs
