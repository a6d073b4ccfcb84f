"""What mixed strategies of a matrix game earn, and what each player could gain by leaving them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from games.errors import InputError, suggestion
from games.markov.matrix.tables import TABLES

__all__ = ["improvements", "returns"]

Array = NDArray[np.float64]


def returns(game: str, strategies: Sequence[ArrayLike]) -> Array:
    """Return [P] expected payoffs.

    Args:
        game: name of a matrix game.
        strategies: P distributions [A], one over each player's actions.

    Raises:
        InputError: for an unknown game, or strategies that are none of it.
    """
    table, mixes = _checked(game, strategies)
    return np.array([_against(payoff, mixes, player) @ mixes[player] for player, payoff in enumerate(table)])


def improvements(game: str, strategies: Sequence[ArrayLike]) -> Array:
    """Return [P], how much more the best action of each player pays than its strategy: all zero at a Nash equilibrium.

    Their sum is NashConv; in a two-player zero-sum game half of that is the exploitability.

    Args:
        game: name of a matrix game.
        strategies: P distributions [A], one over each player's actions.

    Raises:
        InputError: for an unknown game, or strategies that are none of it.
    """
    table, mixes = _checked(game, strategies)
    gains = []
    for player, payoff in enumerate(table):
        worth = _against(payoff, mixes, player)
        gains.append(worth.max() - worth @ mixes[player])
    return np.array(gains)


def _against(payoff: Array, mixes: list[Array], player: int) -> Array:
    """Return [A], what each action of a player earns against the others' strategies."""
    worth = np.moveaxis(payoff, player, 0)
    for other in reversed([mix for k, mix in enumerate(mixes) if k != player]):
        worth = worth @ other
    return worth


def _checked(game: str, strategies: Sequence[ArrayLike]) -> tuple[Array, list[Array]]:
    if game not in TABLES:
        raise InputError(f"unknown matrix game {game!r}{suggestion(game, TABLES)} (known: {', '.join(TABLES)})")
    table, mixes = TABLES[game], [np.asarray(s, dtype=np.float64) for s in strategies]
    if [mix.shape for mix in mixes] != [(n,) for n in table.shape[1:]]:
        raise InputError(f"strategies of {game} are {len(table)} distributions over {table.shape[1]} actions each")
    if not all(np.all(mix >= 0) and abs(mix.sum() - 1) < 1e-6 for mix in mixes):
        raise InputError(f"strategies of {game} must be distributions: not negative, and with a sum of 1")
    return table, mixes
