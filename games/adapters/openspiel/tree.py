"""A small OpenSpiel game, flattened to its sequence form for exact measures.

The sequence form (Koller, Megiddo and von Stengel, "Fast algorithms for finding randomized strategies in game trees", STOC
1994) keeps of every finished match only its probability by chance, its payoffs, and the last choice of each player: with
perfect recall, that choice implies all the earlier ones.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pyspiel
from numpy.typing import NDArray

from games.adapters.openspiel.game import OpenSpielGame
from games.errors import InputError

__all__ = ["Tree", "tree"]


class Tree(NamedTuple):
    """A flattened game with Z finished histories, P players, I information sets and A actions.

    Attributes:
        arrays: the sequence form, by the names that `eval.GameTree` takes: `chance` [Z], `payoff` [Z, P], `sequence`
            [Z, P], `player` [I], `parent` [I], `legal` [I, A]. A sequence is `information set * A + action`, or -1 for
            "has not chosen yet". Parents come before their children.
        observation: named arrays [I, ...]: what the deciding seat sees there, as a vector game shows it.
        keys: [I] OpenSpiel's information-state strings.
    """

    arrays: dict[str, NDArray[Any]]
    observation: dict[str, NDArray[np.float32]]
    keys: list[str]


def tree(game: OpenSpielGame, *, limit: int = 2_000_000) -> Tree:
    """Walk through a whole game.

    Where several players choose at once, each has an information set of its own, as in the vector game.

    Args:
        game: any game with information-state strings.
        limit: the largest number of histories, inner ones included.

    Raises:
        InputError: for a game with more histories, without information-state strings, or without perfect recall.
    """
    if not game.spiel.get_type().provides_information_state_string:
        raise InputError(f"{game.name} has no exact measures: OpenSpiel gives no information states for it")
    walk = _Walk(game, limit)
    walk.visit(game.spiel.new_initial_state(), 1.0, (-1,) * game.spiel.num_players())
    arrays = {
        "chance": np.array(walk.chance, dtype=np.float64),
        "payoff": np.array(walk.payoff, dtype=np.float64),
        "sequence": np.array(walk.sequence, dtype=np.int64),
        "player": np.array(walk.player, dtype=np.int64),
        "parent": np.array(walk.parent, dtype=np.int64),
        "legal": np.zeros((len(walk.player), walk.width), dtype=bool),
    }
    for row, actions in zip(arrays["legal"], walk.legal, strict=True):
        row[actions] = True
    return Tree(arrays, {"vector": np.array(walk.seen)}, [key for _, key in walk.index])


class _Walk:
    """The lists that grow on the way."""

    def __init__(self, game: OpenSpielGame, limit: int) -> None:
        self.game, self.limit, self.histories = game, limit, 0
        self.width, self.observer = game.actions.width, game.observer()
        self.chance: list[float] = []
        self.payoff: list[list[float]] = []
        self.sequence: list[tuple[int, ...]] = []
        self.index: dict[tuple[int, str], int] = {}
        self.player: list[int] = []
        self.parent: list[int] = []
        self.legal: list[list[int]] = []
        self.seen: list[NDArray[np.float32]] = []

    def visit(self, state: Any, chance: float, last: tuple[int, ...]) -> None:
        """Add a history and all that follow; `last` [P] are the players' last sequences."""
        self.histories += 1
        if self.histories > self.limit:
            raise InputError(f"{self.game.name} is too large for exact measures: more than {self.limit} histories")
        player = state.current_player()
        if player >= 0:
            start = self.infoset(state, player, last[player]) * self.width
            for action in state.legal_actions():
                self.visit(state.child(action), chance, (*last[:player], start + action, *last[player + 1 :]))
        elif player == pyspiel.PlayerId.CHANCE:
            for action, probability in state.chance_outcomes():
                if probability > 0:
                    self.visit(state.child(action), chance * probability, last)
        elif player == pyspiel.PlayerId.SIMULTANEOUS:
            self.together(state, chance, last)
        else:
            self.chance.append(chance)
            self.payoff.append(state.returns())
            self.sequence.append(last)

    def together(self, state: Any, chance: float, last: tuple[int, ...]) -> None:
        """All players with legal actions choose at once."""
        options = [state.legal_actions(player) for player in range(len(last))]
        start = [self.infoset(state, p, last[p]) * self.width if actions else -1 for p, actions in enumerate(options)]
        for joint in product(*(actions or [0] for actions in options)):
            child = state.clone()
            child.apply_actions(list(joint))
            chosen = (
                base + action if base >= 0 else before for base, action, before in zip(start, joint, last, strict=True)
            )
            self.visit(child, chance, tuple(chosen))

    def infoset(self, state: Any, player: int, parent: int) -> int:
        """Return the number of an information set, making it when it is new."""
        key = (player, state.information_state_string(player))
        number = self.index.setdefault(key, len(self.index))
        if number == len(self.player):
            self.observer.set_from(state, player)
            self.seen.append(self.observer.tensor.copy())
            self.player.append(player)
            self.parent.append(parent)
            self.legal.append(state.legal_actions(player))
        elif self.parent[number] != parent:
            raise InputError(f"{self.game.name} has no exact measures: a player forgets what it did (imperfect recall)")
        return number
