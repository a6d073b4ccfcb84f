"""Populations that grow by exact best responses to what a meta-solver says: the loop that all of this is for."""

import numpy as np
import pytest

from eval import GameTree, average_policy, best_response, expected_returns, nash_conv
from eval.meta_solvers import cce, marginals, nash, opponents_given, uniform
from games.adapters.openspiel import make, tree


def grown(game, solver, rounds):
    """Return the policies (one table holds one of each player's), their payoffs and the joint distribution."""
    policies = [game.legal / game.legal.sum(axis=1, keepdims=True)]
    players = range(game.players)
    for _ in range(rounds):
        shape = (len(policies),) * game.players
        payoffs = np.empty((game.players, *shape))
        for profile in np.ndindex(shape):
            payoffs[(slice(None), *profile)] = expected_returns(game, [policies[k] for k in profile])
        joint = solver(payoffs)
        new = np.empty_like(policies[0])
        for player in players:
            target = opponents_given(joint, player)
            combinations = [np.insert(others, player, 0) for others in np.ndindex(target.shape)]
            seated = [np.choose(game.player[:, None], [policies[k] for k in profile]) for profile in combinations]
            response = best_response(game, seated, player, weights=target.ravel())
            new[game.player == player] = response[game.player == player]
        policies.append(new)
    return policies[:-1], payoffs, joint


def test_two_players_come_to_the_equilibrium():
    game = GameTree(**tree(make("kuhn_poker")).arrays)
    policies, payoffs, joint = grown(game, nash, 12)
    mixed = average_policy(game, policies, marginals(joint))
    found = nash_conv(game, mixed)
    assert found.value < 1e-6
    np.testing.assert_allclose(found.values, [-1 / 18, 1 / 18], atol=1e-6)
    assert np.sum(joint * payoffs[0]) == pytest.approx(-1 / 18, abs=1e-6)


def test_fictitious_play_comes_closer():
    game = GameTree(**tree(make("kuhn_poker")).arrays)
    far, near = (
        nash_conv(game, average_policy(game, policies, marginals(joint))).value
        for policies, _, joint in (grown(game, uniform, rounds) for rounds in (5, 20))
    )
    assert near < far
    assert near < 0.15


def test_three_players_come_to_a_correlated_equilibrium():
    """What a player could gain by leaving for the best of all its strategies, drawn policies of the others unseen."""
    game = GameTree(**tree(make("kuhn_poker(players=3)")).arrays)
    policies, payoffs, joint = grown(game, cce, 10)
    gains = []
    for player in range(3):
        target = opponents_given(joint, player)
        combinations = [np.insert(others, player, 0) for others in np.ndindex(target.shape)]
        seated = [np.choose(game.player[:, None], [policies[k] for k in profile]) for profile in combinations]
        response = best_response(game, seated, player, weights=target.ravel())
        earned = sum(
            weight * expected_returns(game, [response if p == player else table for p in range(3)])[player]
            for weight, table in zip(target.ravel(), seated, strict=True)
        )
        gains.append(earned - np.sum(joint * payoffs[player]))
    assert max(gains) < 0.01
    assert min(gains) > -1e-9
