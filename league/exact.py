"""Exact exploitability of agents in small OpenSpiel games."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.nash_conv import GameTree, NashConv, average_policy, nash_conv
from games import Game, InputError
from populations.agent import Agent
from populations.policy import Rows, Tabular

__all__ = ["Exact"]


class Exact:
    """Tabulates agents at every information set of a game, and measures them.

    Args:
        game: a small OpenSpiel game.

    Raises:
        InputError: for any other game.
    """

    def __init__(self, game: Game) -> None:
        # pyspiel is loaded only by those who measure exactly
        from games.adapters.openspiel.game import OpenSpielGame
        from games.adapters.openspiel.tree import tree

        if not isinstance(game, OpenSpielGame):
            raise InputError(f"NashConv is exact for small OpenSpiel games only, not for {game.name}")
        self.game = game
        flat = tree(game)
        self.tree = GameTree(**flat.arrays)
        rows = len(self.tree.player)
        zeros = np.zeros(rows, np.int64)
        self._rows = Rows(flat.observation, self.tree.legal, zeros.astype(np.uint64), self.tree.player, zeros, zeros)
        self._tables: dict[str, NDArray[np.float64]] = {}

    def table(self, agent: Agent) -> NDArray[np.float64]:
        """Return [I, A], the agent's probability of every action at every information set.

        Raises:
            InputError: for agents that cannot say (search, scripts), or whose choice depends on more than the information
                set (recurrent memory).
        """
        known = self._tables.get(agent.hash)
        if known is None:
            if not isinstance(agent.policy, Tabular) or agent.policy.initial_state(1):
                raise InputError(f"agent {agent.id!r} has no table of probabilities, so its NashConv cannot be exact")
            known = self._tables[agent.hash] = agent.policy.probabilities(self._rows)
        return known

    def nash_conv(self, agents: Sequence[Agent], *, weights: ArrayLike | None = None) -> NashConv:
        """Return the NashConv of drawing one of K agents for each seat at the start of a match.

        Args:
            agents: K of them.
            weights: [K], or [P, K] where seats draw with weights of their own; by default all are equally likely.

        Raises:
            ValueError: as for `average_policy`.
            InputError: as for `table`.
        """
        tables = [self.table(agent) for agent in agents]
        return nash_conv(
            self.tree, average_policy(self.tree, tables, np.ones(len(tables)) if weights is None else weights)
        )
