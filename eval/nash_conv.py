"""Exact returns, best responses and NashConv in small games, and the policy that a mixture of policies amounts to.

All of it works on the sequence form (Koller, Megiddo and von Stengel, "Fast algorithms for finding randomized strategies in
game trees", STOC 1994), where a policy of one player is the vector of its realisation weights: for each sequence (an
information set and an action there), the product of the player's own probabilities on the way. The probability of a
finished history is the product of its chance and of one weight of each player, so nothing walks a tree here.

Policies are [I, A] tables: the probability of every action at every information set of the tree. As each information set
belongs to one player, one table holds a policy of every player: a joint policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

__all__ = ["GameTree", "NashConv", "average_policy", "best_response", "expected_returns", "nash_conv"]


@dataclass(frozen=True, kw_only=True)
class GameTree:
    """A finite game with perfect recall: Z finished histories, P players, I information sets, A actions.

    A sequence is `information set * A + action`: the last choice of a player, which with perfect recall implies all its
    earlier ones; -1 stands for a player that has not chosen yet.

    Attributes:
        chance: [Z] float64, the product of chance's probabilities in each finished history.
        payoff: [Z, P] float64.
        sequence: [Z, P] int64, the last sequence of each player.
        player: [I] int64, who decides.
        parent: [I] int64, the sequence of that same player that leads there; it belongs to an earlier information set.
        legal: [I, A] bool.

    Raises:
        ValueError: when the arrays contradict each other.
    """

    chance: NDArray[np.float64]
    payoff: NDArray[np.float64]
    sequence: NDArray[np.int64]
    player: NDArray[np.int64]
    parent: NDArray[np.int64]
    legal: NDArray[np.bool_]

    def __post_init__(self) -> None:
        infosets, actions = self.legal.shape
        if self.payoff.shape != self.sequence.shape or len(self.chance) != len(self.payoff):
            raise ValueError("chance [Z], payoff [Z, P] and sequence [Z, P] must be of one length")
        if self.player.shape != (infosets,) or self.parent.shape != (infosets,):
            raise ValueError("player [I], parent [I] and legal [I, A] must be of one length")
        if not self.legal.any(axis=1).all():
            raise ValueError("every information set needs a legal action")
        if np.any(self.parent >= np.arange(infosets) * actions):
            raise ValueError("the parent of an information set must belong to an earlier one")
        inner = self.parent >= 0
        if np.any(self.player[self.parent[inner] // actions] != self.player[inner]):
            raise ValueError("the parent of an information set must belong to the same player")
        for player, last in enumerate(self.sequence.T):
            if np.any(self.player[last[last >= 0] // actions] != player):
                raise ValueError("sequence [:, p] must hold sequences of player p")

    @property
    def players(self) -> int:
        """P."""
        return self.payoff.shape[1]


@dataclass(frozen=True)
class NashConv:
    """How much the players could gain, each by leaving a joint policy alone.

    Attributes:
        value: the sum of `improvements`; zero exactly at a Nash equilibrium. Half of it is the exploitability of a
            two-player zero-sum game.
        improvements: [P] what a best response to the others' policies earns above the player's own policy.
        values: [P] expected payoffs when everyone follows the policy.
    """

    value: float
    improvements: NDArray[np.float64]
    values: NDArray[np.float64]


def nash_conv(tree: GameTree, policy: NDArray[np.floating]) -> NashConv:
    """Return the NashConv of a joint policy: the sum over players of what their best responses gain.

    Source: Lanctot et al., "A unified game-theoretic approach to multiagent reinforcement learning", NeurIPS 2017.

    Args:
        tree: the game.
        policy: [I, A] probabilities at each information set.

    Raises:
        ValueError: when a row is not a distribution over the legal actions.
    """
    values, worth, best = _counterfactual(tree, [policy], np.ones(1))
    _back_up(tree.player, tree.parent, tree.legal, worth, best)
    return NashConv(float(np.sum(best - values)), best - values, values)


def expected_returns(tree: GameTree, policies: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Return [P], what every player earns on average when player p follows policies[p].

    Args:
        tree: the game.
        policies: P arrays [I, A], one for each player; of policies[p] only the rows of player p count.

    Raises:
        ValueError: for another number of policies, or when a row is not a distribution over the legal actions.
    """
    if len(policies) != tree.players:
        raise ValueError(f"this game has {tree.players} players, and so many policies are needed, not {len(policies)}")
    stacked = np.stack([_checked(tree, policy) for policy in policies])
    joint = np.take_along_axis(stacked, tree.player[None, :, None], axis=0)[0]
    return _counterfactual(tree, [joint], np.ones(1))[0]


def best_response(
    tree: GameTree,
    policy: NDArray[np.floating] | Sequence[NDArray[np.floating]],
    player: int | None = None,
    *,
    weights: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Return the best that a player can do against what the others play, as a policy that never mixes.

    At every information set of its own the player takes the action of the highest expected payoff, given the others'
    policies and its own best play afterwards, also where it never gets itself; the first of them when several are as
    good, and so the first legal action where the others' policies never lead. The gain over the player's own policy is
    the one that `nash_conv` reports.

    Args:
        tree: the game.
        policy: [I, A] what everyone plays; with `weights`, K of them.
        player: who responds; None when all players do, each against the others' given policies.
        weights: [K] how likely the others follow each of the K policies: they draw one at the start, all of them the
            same, as in a correlated equilibrium over a population. Where each of several others draws for itself,
            respond to their `average_policy` instead; against a single other player the two are the same.

    Returns:
        [I, A]: the response in the rows of the player, ones and zeros; the given policy (with weights, their
        `average_policy`) in all other rows.

    Raises:
        ValueError: for a player or weights out of range, or when a row is not a distribution over the legal actions.
    """
    if player is not None and not 0 <= player < tree.players:
        raise ValueError(f"player must be from 0 to {tree.players - 1}, not {player}")
    if weights is None:
        policies, mix, given = [np.asarray(policy)], np.ones(1), _checked(tree, np.asarray(policy))
    else:
        policies = [np.asarray(table) for table in policy]
        mix = np.asarray(weights, dtype=np.float64)
        given = average_policy(tree, policies, mix)
    _, worth, best = _counterfactual(tree, policies, mix / mix.sum())
    choice = _back_up(tree.player, tree.parent, tree.legal, worth, best)
    pure = np.eye(tree.legal.shape[1])[choice]
    return pure if player is None else np.where(tree.player[:, None] == player, pure, given)


def average_policy(tree: GameTree, policies: Sequence[NDArray[np.floating]], weights: ArrayLike) -> NDArray[np.float64]:
    """Return the policy that plays like drawing one of K policies at the start, each player for itself.

    The behaviour probabilities are averaged with the weight of each policy times its own probability of getting there
    (Kuhn's theorem; the average of Zinkevich et al., "Regret minimization in games with incomplete information", NeurIPS
    2007, equation 4), so against any opponents the expected payoffs are those of the drawn policy. Where none of
    the policies ever gets, only the weights count.

    Args:
        tree: the game.
        policies: K arrays [I, A].
        weights: [K], or [P, K] where players draw with weights of their own; not negative, with positive sums.

    Raises:
        ValueError: for other weights, or when a row is not a distribution over the legal actions.
    """
    mix = np.asarray(weights, dtype=np.float64)
    if mix.shape not in ((len(policies),), (tree.players, len(policies))):
        raise ValueError(f"{len(policies)} policies need weights of shape [K] or [P, K], not {list(mix.shape)}")
    total = mix.sum(axis=-1, keepdims=True)
    if not (np.all(mix >= 0) and np.all(total > 0) and np.all(total < np.inf)):
        raise ValueError("weights of policies must not be negative, and their sum must be positive and finite")
    shares = np.broadcast_to(mix / total, (tree.players, len(policies)))
    reached = np.zeros(tree.legal.shape)
    plain = np.zeros(tree.legal.shape)
    for k, policy in enumerate(policies):
        checked = _checked(tree, policy)
        share = shares[tree.player, k, None]
        reached += share * _realisation(tree.parent, checked)
        plain += share * checked
    total = reached.sum(axis=1, keepdims=True)
    return np.where(total > 0, reached / np.where(total > 0, total, 1.0), plain)


def _counterfactual(
    tree: GameTree, policies: Sequence[NDArray[np.floating]], shares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return [P] expected payoffs, and what `_back_up` starts from, when all draw one of the policies together."""
    values, best = np.zeros(tree.players), np.zeros(tree.players)
    worth = np.zeros(tree.legal.shape)
    for share, policy in zip(shares, policies, strict=True):
        weights = _realisation(tree.parent, _checked(tree, policy))
        _gather(share * tree.chance, tree.payoff, tree.sequence, weights, values, worth, best)
    return values, worth, best


def _checked(tree: GameTree, policy: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a policy as float64, its rows summing to one exactly."""
    table = np.asarray(policy, dtype=np.float64)
    if table.shape != tree.legal.shape:
        raise ValueError(f"a policy of this game has shape {tree.legal.shape}, not {table.shape}")
    total = table.sum(axis=1, keepdims=True)
    if not (np.all(table >= 0) and np.all(table[~tree.legal] == 0) and np.all(np.abs(total - 1) < 1e-4)):
        raise ValueError("every row of a policy must be a distribution over the legal actions")
    return table / total


@njit(cache=True)
def _realisation(parent: NDArray[np.int64], policy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the realisation weight of every sequence, [I, A]."""
    infosets, actions = policy.shape
    weights = np.empty_like(policy)
    for i in range(infosets):
        above = 1.0 if parent[i] < 0 else weights[parent[i] // actions, parent[i] % actions]
        for a in range(actions):
            weights[i, a] = above * policy[i, a]
    return weights


@njit(cache=True)
def _gather(chance, payoff, sequence, weights, values, worth, best):  # type: ignore[no-untyped-def]
    """Add to [P] expected payoffs, and to what each sequence is worth by the finished histories that it ends.

    That is their payoff, weighted by chance and by the others. Where a player has not chosen at all, it goes to `best`.
    """
    actions = weights.shape[1]
    players = payoff.shape[1]
    mine = np.empty(players)
    for z in range(len(chance)):
        for p in range(players):
            last = sequence[z, p]
            mine[p] = 1.0 if last < 0 else weights[last // actions, last % actions]
        for p in range(players):
            others = chance[z]
            for q in range(players):
                if q != p:
                    others *= mine[q]
            values[p] += others * mine[p] * payoff[z, p]
            last = sequence[z, p]
            if last < 0:
                best[p] += others * payoff[z, p]
            else:
                worth[last // actions, last % actions] += others * payoff[z, p]


@njit(cache=True)
def _back_up(player, parent, legal, worth, best):  # type: ignore[no-untyped-def]
    """Return [I] the best actions, and complete `worth` [I, A] and `best` [P] from the last information set to the first.

    A sequence is worth what its finished histories pay plus the worth of the information sets right below it; an
    information set is worth its best action.
    """
    infosets, actions = legal.shape
    choice = np.zeros(infosets, np.int64)
    for i in range(infosets - 1, -1, -1):
        top = -np.inf
        for a in range(actions):
            if legal[i, a] and worth[i, a] > top:
                top, choice[i] = worth[i, a], a
        if parent[i] < 0:
            best[player[i]] += top
        else:
            worth[parent[i] // actions, parent[i] % actions] += top
    return choice
