"""The matrix games: payoffs of every player for every joint action."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["TABLES"]

Table = NDArray[np.float64]


def _zero_sum(first: list[list[float]]) -> Table:
    return np.stack([np.array(first), -np.array(first)])


def _symmetric(own: list[list[float]]) -> Table:
    return np.stack([np.array(own), np.array(own).T])


def _pennies_of_three() -> Table:
    """The first wants to match the second, the second the third, and the third not to match the first."""
    one, two, three = np.indices((2, 2, 2))
    return np.stack(
        [np.where(one == two, 1.0, -1.0), np.where(two == three, 1.0, -1.0), np.where(three == one, -1.0, 1.0)]
    )


def _levers() -> Table:
    """Both are paid when they pull the same lever: nine levers pay 1, the last one 0.9."""
    return np.stack([np.diag([1.0] * 9 + [0.9])] * 2)


TABLES: dict[str, Table] = {
    "rps": _zero_sum([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]),
    "biased_rps": _zero_sum([[0, -0.5, 1], [0.5, 0, -0.1], [-1, 0.1, 0]]),
    "rps_cloned": _zero_sum([[0, -1, 1, 0], [1, 0, -1, 1], [-1, 1, 0, -1], [0, -1, 1, 0]]),
    "rps_dominated": _zero_sum([[0, -1, 1, 0.1], [1, 0, -1, 1.1], [-1, 1, 0, -0.9], [-0.1, -1.1, 0.9, 0]]),
    "matching_pennies": _zero_sum([[1, -1], [-1, 1]]),
    "prisoners_dilemma": _symmetric([[3, 0], [5, 1]]),
    "stag_hunt": _symmetric([[4, 0], [3, 3]]),
    "battle_of_sexes": np.array([[[3.0, 0.0], [0.0, 2.0]], [[2.0, 0.0], [0.0, 3.0]]]),
    "pennies_of_three": _pennies_of_three(),
    "levers": _levers(),
}
"""Name to payoffs [P, A, ..., A], an axis for each of the P players' actions.

Actions are, in this order: rock, paper, scissors (and a second rock: equal, or worse by 0.1 against everyone); heads, tails;
cooperate, defect; stag, hare; the one's favourite, the other's. `biased_rps` is rock, paper, scissors with prizes of
0.5 for paper, 1 for rock and 0.1 for scissors; `levers` is from Hu et al., "Other-play for zero-shot coordination", ICML 2020;
`pennies_of_three` is from Jordan, "Three problems in learning mixed-strategy
Nash equilibria", Games and Economic Behavior 1993.
"""
