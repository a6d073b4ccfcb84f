"""The repeated game of two solved: what a player with a memory of one round gets, and what the best answer to it gets.

A strategy is `first` [A], the mixture of the first round, and `then` [A, A, A]: the mixture after the own last action (first
axis) and the other's (second axis). Against such a strategy the best answer needs no more memory than that (Press and Dyson,
PNAS 2012), so it is found by dynamic programming over last joint actions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from games.errors import InputError
from games.markov.repeated.rules import ACTIONS, payoff

__all__ = ["STRATEGIES", "Strategy", "gain", "values"]

Array = NDArray[np.float64]
_ENOUGH = 1e-13  # of the first round's payoffs, where a discounted sum is cut


@dataclass(frozen=True, eq=False)
class Strategy:
    """How to play with a memory of one round.

    Attributes:
        first: [A] probabilities in the first round.
        then: [A, A, A] probabilities after the own last action and the other's.
    """

    first: Array
    then: Array


def _dilemma(first: float, after: tuple[float, float, float, float]) -> Strategy:
    """Chances to cooperate: at first, and after both did, only oneself, only the other, nobody."""
    then = np.array(after).reshape(2, 2)
    return Strategy(np.array([first, 1 - first]), np.stack([then, 1 - then], axis=2))


STRATEGIES = {
    "always_cooperate": _dilemma(1, (1, 1, 1, 1)),
    "always_defect": _dilemma(0, (0, 0, 0, 0)),
    "tit_for_tat": _dilemma(1, (1, 0, 1, 0)),
    "grim": _dilemma(1, (1, 0, 0, 0)),
    "win_stay_lose_shift": _dilemma(1, (1, 0, 0, 1)),
}
"""Those of the prisoner's dilemma that everyone knows."""


def values(
    game: str,
    own: Strategy,
    other: Strategy,
    *,
    rounds: int | None = None,
    discount: float = 1.0,
    multiplier: float = 0.0,
) -> tuple[float, float]:
    """Return what a strategy gets against another one, and what the best answer to that gets.

    Args:
        game: name of a stage game, of two players here.
        own: whose value is asked.
        other: the opponent's.
        rounds: length of the match; None for endless play, which needs a discount below 1.
        discount: what the next round is worth beside this one.
        multiplier: of the public goods game.

    Raises:
        InputError: for endless play without a discount, or numbers out of range.
    """
    if rounds is None and not 0.0 <= discount < 1.0:
        raise InputError(f"endless play needs a discount from 0 to below 1, not {discount}")
    if rounds is not None and rounds < 1:
        raise InputError(f"a match has at least one round, not {rounds}")
    if rounds is None:  # long enough for what is left to round away
        rounds = 1 if discount == 0.0 else int(np.ceil(np.log(_ENOUGH * (1 - discount)) / np.log(discount)))
    count = ACTIONS[game]
    one = np.eye(count, dtype=int)
    stage = np.array([[payoff(game, a, one[b], multiplier) for b in range(count)] for a in range(count)])
    answers = np.swapaxes(other.then, 0, 1)  # the other's mixture after (own, other)
    kept = best = np.zeros((count, count))  # from the next round on, after the last joint action
    for _ in range(rounds - 1):
        kept = np.einsum("...a,...b,ab->...", own.then, answers, stage + discount * kept)
        best = np.einsum("...b,ab->...a", answers, stage + discount * best).max(axis=-1)
    kept = np.einsum("a,b,ab->", own.first, other.first, stage + discount * kept)
    best = ((stage + discount * best) @ other.first).max()
    return float(kept), float(best)


def gain(
    game: str, own: Strategy, *, rounds: int | None = None, discount: float = 1.0, multiplier: float = 0.0
) -> float:
    """Return how much more the best answer to a strategy gets than the strategy against itself: zero at an equilibrium.

    Arguments and errors are those of `values`.
    """
    kept, best = values(game, own, own, rounds=rounds, discount=discount, multiplier=multiplier)
    return best - kept
