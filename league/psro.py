"""Policy-space response oracles with exact best responses, on games small enough to be written down.

Everyone's population begins with the uniform policy. A meta-solver looks at what every policy earns against every other and
says how to mix them; each player adds a best response to the others' mixture; and so on (Lanctot et al., "A unified
game-theoretic approach to multiagent reinforcement learning", NeurIPS 2017, algorithm 1). With Nash equilibria as mixtures
this is the double oracle of McMahan, Gordon and Blum (ICML 2003), with uniform ones fictitious play. The league does the
same with learners in the place of exact responses: the matchmaker `psro`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from eval import GameTree, average_policy, best_response, expected_returns, nash_conv
from eval.meta_solvers import MetaSolver, marginals, opponents_given, rectified
from games import InputError
from games.errors import suggestion

__all__ = ["Round", "Target", "psro"]

Array = NDArray[np.float64]
Target = Literal["full", "rectified"]

_PLAYED = 1e-8  # policies below this share have no part in a mixture


@dataclass(frozen=True, slots=True)
class Round:
    """Where the populations stand before the next responses.

    Attributes:
        number: of the round, from 0: how often responses were added.
        joint: [n_1, ..., n_P] what the meta-solver says of everyone's policies.
        mixture: [I, A] the policy that plays like it, each player drawing for itself.
        nash_conv: of that mixture.
    """

    number: int
    joint: Array
    mixture: Array
    nash_conv: float


def psro(
    tree: GameTree, solver: MetaSolver, *, rounds: int, target: Target = "full", tolerance: float = 1e-9
) -> Iterator[Round]:
    """Yield every round, the first of them with uniform policies alone.

    Args:
        tree: the game.
        solver: how populations are mixed.
        rounds: how often responses are added, at most.
        target: what a response is best against: `full`, the others' mixture; `rectified`, for each policy of one's own in
            the mixture, only that part of it which this policy ties or beats (Balduzzi et al., "Open-ended learning in
            symmetric zero-sum games", arXiv 1901.08106, algorithm 4; for more players, where it earns at least the mean
            over players). Rectified responses that a population already has are left out; full ones are not, as
            under the uniform solver their number counts.
        tolerance: ends the rounds when NashConv is not above it.

    Raises:
        InputError: for an unknown target.
    """
    if target not in get_args(Target):
        hint = suggestion(str(target), get_args(Target))
        raise InputError(f"unknown psro target {target!r}{hint} (known: {', '.join(get_args(Target))})")
    uniform = tree.legal / tree.legal.sum(axis=1, keepdims=True)
    populations: list[list[Array]] = [[uniform] for _ in range(tree.players)]
    payoffs = np.zeros((tree.players, *[0] * tree.players))
    for number in range(rounds + 1):
        payoffs = _completed(tree, populations, payoffs)
        joint = solver(payoffs)
        mixture = _mixed(tree, populations, joint)
        gap = nash_conv(tree, mixture).value
        yield Round(number, joint, mixture, gap)
        if gap <= tolerance:
            return
        responses = [
            [_response(tree, populations, weights, player) for weights in _targets(payoffs, joint, player, target)]
            for player in range(tree.players)
        ]
        if target == "rectified":
            responses = [
                _new(tree, player, *both) for player, both in enumerate(zip(populations, responses, strict=True))
            ]
            if not any(responses):
                return
        populations = [old + new for old, new in zip(populations, responses, strict=True)]


def _completed(tree: GameTree, populations: Sequence[Sequence[Array]], known: Array) -> Array:
    """Return the payoffs [P, n_1, ..., n_P] of all joint choices, given those of the first ones of each population."""
    sizes = [len(policies) for policies in populations]
    payoffs = np.pad(known, [(0, 0), *((0, size - old) for size, old in zip(sizes, known.shape[1:], strict=True))])
    for cell in np.ndindex(*sizes):
        if any(k >= size for k, size in zip(cell, known.shape[1:], strict=True)):
            payoffs[(slice(None), *cell)] = expected_returns(
                tree, [p[k] for p, k in zip(populations, cell, strict=True)]
            )
    return payoffs


def _mixed(tree: GameTree, populations: Sequence[Sequence[Array]], joint: Array) -> Array:
    """Return the policy in which every player draws from its population with its own share of a joint distribution."""
    policies = [policy for population in populations for policy in population]
    owner = np.repeat(np.arange(tree.players), [len(population) for population in populations])
    shares = np.concatenate(marginals(joint))
    return average_policy(tree, policies, np.where(owner == np.arange(tree.players)[:, None], shares, 0.0))


def _targets(payoffs: Array, joint: Array, player: int, target: Target) -> list[Array]:
    """Return distributions over the others' joint choices, [n_1, ..., n_P] without the player's axis."""
    if target == "full":
        return [opponents_given(joint, player)]
    own = np.flatnonzero(marginals(joint)[player] > _PLAYED)
    return [rectified(joint, payoffs, player, policy) for policy in own.tolist()]


def _response(tree: GameTree, populations: Sequence[Sequence[Array]], weights: Array, player: int) -> Array:
    """Return the best response of a player when the others draw their policies together, with these weights."""
    cells = np.argwhere(weights > 0)
    joint = []
    for cell in cells:
        chosen = [*cell[:player], 0, *cell[player:]]
        tables = np.stack([policies[k] for policies, k in zip(populations, chosen, strict=True)])
        joint.append(np.take_along_axis(tables, tree.player[None, :, None], axis=0)[0])
    return best_response(tree, joint, player, weights=weights[tuple(cells.T)])


def _new(tree: GameTree, player: int, population: Sequence[Array], responses: Sequence[Array]) -> list[Array]:
    """Return the responses that are not in the population, each once."""
    mine = tree.player == player
    seen = {policy[mine].tobytes() for policy in population}
    found = []
    for response in responses:
        key = response[mine].tobytes()
        if key not in seen:
            seen.add(key)
            found.append(response)
    return found
