"""The stage games solved: known equilibria, and what a player could gain by leaving any profile.

A symmetric profile is one mixture that all players play; a pure one is given by its crowd: how many players take each action.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from games.errors import InputError, suggestion
from games.markov.repeated.rules import ACTIONS, COST, GAMES, HARE, LEVERS, ROUTES, STAG, payoff
from games.markov.resource.nash import occupancy

__all__ = [
    "crowds",
    "improvement",
    "max_welfare",
    "pure_equilibria",
    "pure_improvement",
    "symmetric_equilibria",
    "worth",
]

Array = NDArray[np.float64]


def worth(game: str, mixture: ArrayLike, population: int, *, multiplier: float = 0.0) -> Array:
    """Return [A], what each action earns against others who all play one mixture.

    Args:
        game: name of a stage game.
        mixture: [A] probabilities.
        population: number of players, itself included.
        multiplier: of the public goods game.

    Raises:
        InputError: for an unknown game, a mixture that is none of it, or less than two players.
    """
    mix = _checked(game, mixture, population)
    earned = np.zeros(len(mix))
    for others in crowds(population - 1, len(mix)):
        chance = float(np.prod(mix ** np.array(others)))
        left = population - 1
        for count in others:
            chance *= comb(left, count)
            left -= count
        earned += chance * np.array([payoff(game, action, others, multiplier) for action in range(len(mix))])
    return earned


def improvement(game: str, mixture: ArrayLike, population: int, *, multiplier: float = 0.0) -> float:
    """Return how much more the best action pays than the mixture that all play: zero at a symmetric equilibrium.

    Times the number of players this is NashConv. Arguments and errors are those of `worth`.
    """
    earned = worth(game, mixture, population, multiplier=multiplier)
    return float(earned.max() - earned @ np.asarray(mixture, dtype=np.float64))


def pure_improvement(game: str, crowd: Sequence[int], *, multiplier: float = 0.0) -> float:
    """Return the most that any player gains by leaving a pure profile: zero at an equilibrium."""
    gains = [0.0]
    for here, count in enumerate(crowd):
        if count:
            others = [n - (action == here) for action, n in enumerate(crowd)]
            now = payoff(game, here, others, multiplier)
            gains += [payoff(game, there, others, multiplier) - now for there in range(len(crowd))]
    return max(gains)


def symmetric_equilibria(game: str, population: int, *, multiplier: float = 0.0) -> list[Array]:
    """Return the mixtures [A] of which theory knows that all may play them.

    They are all that there are, but for the coordination game, where each set of actions has one more, and for public goods
    at a multiplier of exactly the population, where anything goes.
    """
    others = population - 1
    cooperate, defect = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    if game == "prisoners_dilemma":
        return [defect]
    if game == "public_goods":
        return [cooperate if multiplier > population else defect]
    if game == "volunteers_dilemma":  # Diekmann 1985: nobody else volunteers with a chance equal to the cost
        idle = COST ** (1.0 / others)
        return [np.array([1.0 - idle, idle])]
    if game == "stag_hunt":
        brave = (HARE / STAG) ** (1.0 / others)
        return [cooperate, defect, np.array([brave, 1.0 - brave])]
    if game == "coordination":
        inverse = 1.0 / np.array(LEVERS)
        return [*np.eye(len(LEVERS)), inverse / inverse.sum()]
    if game == "minority":
        return [np.array([0.5, 0.5])]
    if game == "congestion":
        return [_balanced(population)]
    raise InputError(f"unknown game {game!r}{suggestion(game, GAMES)} (known: {', '.join(GAMES)})")


def pure_equilibria(game: str, population: int, *, multiplier: float = 0.0) -> list[tuple[int, ...]]:
    """Return the crowds of which theory knows that nobody leaves them; of the congestion game one of possibly several."""
    if game == "volunteers_dilemma":
        return [(1, population - 1)]
    if game == "minority":
        return sorted(
            {(population // 2, population - population // 2), (population - population // 2, population // 2)}
        )
    if game == "congestion":
        return [occupancy(population, ROUTES)]
    mixtures = symmetric_equilibria(game, population, multiplier=multiplier)
    return [tuple(int(share) * population for share in mix) for mix in mixtures if mix.max() == 1.0]


def max_welfare(game: str, population: int, *, multiplier: float = 0.0) -> float:
    """Return the most that all players together can get in a round."""
    if game not in ACTIONS:
        raise InputError(f"unknown game {game!r}{suggestion(game, GAMES)} (known: {', '.join(GAMES)})")
    if game == "public_goods":  # the only one with a real parameter; all the others are worth remembering
        return max(population * (multiplier - 1.0), 0.0)
    return _most(game, population)


def crowds(players: int, actions: int) -> Iterator[tuple[int, ...]]:
    """Yield every way in which players can spread over actions."""
    if actions == 1:
        yield (players,)
        return
    for first in range(players + 1):
        for rest in crowds(players - first, actions - 1):
            yield (first, *rest)


@cache
def _most(game: str, population: int) -> float:
    return max(
        sum(
            count * payoff(game, action, [n - (k == action) for k, n in enumerate(crowd)])
            for action, count in enumerate(crowd)
            if count
        )
        for crowd in crowds(population, ACTIONS[game])
    )


def _balanced(population: int) -> Array:
    """The mixture at which every route in use pays the same, and no other one more.

    A route of value v, taken by each of n players with probability p, pays v * (1 - (1 - p)^n) / (n p) on average to one who
    takes it against n - 1 others; this falls in p from v to v / n.
    """
    n = population

    def pays(value: float, p: float) -> float:
        return value if p == 0.0 else value * (1.0 - (1.0 - p) ** n) / (n * p)

    def shares(level: float) -> Array:
        """How often each route is taken when it pays this much."""
        return np.array(
            [
                0.0
                if value <= level
                else 1.0
                if value / n >= level
                else brentq(lambda p, value=value: pays(value, p) - level, 1e-12, 1.0, xtol=1e-15)
                for value in ROUTES
            ]
        )

    level = brentq(lambda level: shares(level).sum() - 1.0, 1e-9, max(ROUTES), xtol=1e-15)
    mix = shares(level)
    return mix / mix.sum()


def _checked(game: str, mixture: ArrayLike, population: int) -> Array:
    if game not in ACTIONS:
        raise InputError(f"unknown game {game!r}{suggestion(game, GAMES)} (known: {', '.join(GAMES)})")
    mix = np.asarray(mixture, dtype=np.float64)
    if mix.shape != (ACTIONS[game],) or not (mix >= 0).all() or abs(mix.sum() - 1.0) > 1e-6:
        raise InputError(f"a mixture of {game} must be {ACTIONS[game]} numbers, not negative, and with a sum of 1")
    if population < 2:
        raise InputError(f"a game has at least two players, not {population}")
    return mix
