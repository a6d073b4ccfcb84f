"""The stage games, in plain Python, and the layout of what a seat sees.

All of them are symmetric and anonymous: what a player gets depends on its own action and on how many of the others took
each. `payoff` is the one text of the rules; the kernels are tested against it for every action and every crowd.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "ACTIONS",
    "COST",
    "GAMES",
    "HARE",
    "LEVERS",
    "MAX_ACTIONS",
    "MAX_MULTIPLIER",
    "MAX_POPULATION",
    "MAX_ROUNDS",
    "OWN",
    "PUNISHMENT",
    "REWARD",
    "ROUTES",
    "STAG",
    "SUCKER",
    "TEMPTATION",
    "payoff",
]

GAMES = (
    "prisoners_dilemma",
    "public_goods",
    "volunteers_dilemma",
    "stag_hunt",
    "coordination",
    "minority",
    "congestion",
)
ACTIONS = {name: 3 if name in ("coordination", "congestion") else 2 for name in GAMES}
MAX_ACTIONS = 3
MAX_POPULATION = 24
MAX_ROUNDS = 200
MAX_MULTIPLIER = 4.0

TEMPTATION, REWARD, PUNISHMENT, SUCKER = 5.0, 3.0, 1.0, 0.0
"""Of the prisoner's dilemma: to defect from a cooperator, to cooperate both, to defect both, to cooperate with a defector."""
COST = 0.4
"""Of volunteering for what is worth 1 to everyone."""
STAG, HARE = 4.0, 3.0
LEVERS = (1.0, 0.9, 0.8)
"""What the actions of the coordination game are worth when all others take the same."""
ROUTES = (1.0, 2.0, 3.0)
"""What the actions of the congestion game are worth to all who take them together."""

_LAST = tuple(f"last_{k}" for k in range(MAX_ACTIONS))
OWN = (*GAMES, *_LAST, "rounds_left", "endless", "population", "multiplier")
"""Fields of `self`: which game it is, the own last action (none in the first round), the share of rounds that is left (0 where
the end is not known), whether the end is not known, the population over 24, and the multiplier (0 where there is none)."""


def payoff(game: str, action: int, others: Sequence[int], multiplier: float = 0.0) -> float:
    """Return what a player gets in one round.

    Args:
        game: one of `GAMES`.
        action: its own.
        others: how many of the other players took each action.
        multiplier: of the public goods game.
    """
    players = sum(others) + 1
    if game == "prisoners_dilemma":  # the mean of the game against each other player; 0 cooperates, 1 defects
        pair = ((REWARD, SUCKER), (TEMPTATION, PUNISHMENT))[action]
        return (others[0] * pair[0] + others[1] * pair[1]) / (players - 1)
    if game == "public_goods":  # 0 gives 1 into the pot, which is multiplied and shared by all; 1 keeps it
        given = others[0] + (action == 0)
        return multiplier * given / players - (action == 0)
    if game == "volunteers_dilemma":  # 0 volunteers
        if action == 0:
            return 1.0 - COST
        return 1.0 if others[0] > 0 else 0.0
    if game == "stag_hunt":  # 0 hunts the stag, which takes everyone; 1 the hare
        if action == 1:
            return HARE
        return STAG if others[1] == 0 else 0.0
    if game == "coordination":
        return LEVERS[action] * others[action] / (players - 1)
    if game == "minority":  # those on the smaller side win; sides of equal size share the prize
        with_me = others[action] + 1
        return 1.0 if 2 * with_me < players else 0.5 if 2 * with_me == players else 0.0
    if game == "congestion":  # a route is worth its value, in equal shares
        return ROUTES[action] / (others[action] + 1)
    raise ValueError(f"unknown game {game!r}")
