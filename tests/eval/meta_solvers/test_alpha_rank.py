import numpy as np
import pytest

from eval.alpha_rank import alpha_rank as of_agents
from eval.alpha_rank import alpha_rank_profiles
from eval.meta_solvers import alpha_rank, symmetric_payoffs


def test_known_games(games):
    np.testing.assert_allclose(alpha_rank(games["prisoners"])[1, 1], 1, atol=1e-5)
    np.testing.assert_allclose(alpha_rank(games["sexes"]), [[0.5, 0], [0, 0.5]], atol=1e-5)
    np.testing.assert_allclose(alpha_rank(games["coordination"]), [[0.5, 0], [0, 0.5]], atol=1e-5)
    np.testing.assert_allclose(alpha_rank(games["rps"], one_population=True), 1 / 9, atol=1e-9)
    uneven = alpha_rank(games["uneven"])
    np.testing.assert_allclose(uneven, [[0, 0, 1]], atol=1e-5)


def test_it_is_the_ranking_of_profiles(random_game):
    payoffs = random_game(0, 2, 3, 2)
    for options in ({}, {"alpha": 0.3, "population": 7}, {"alpha": None}):
        expected = alpha_rank_profiles(payoffs, **({"alpha": np.inf} | options)).distribution
        np.testing.assert_allclose(alpha_rank(payoffs, **options), expected)
    table = random_game(1, 4, 4)[0]
    agents = of_agents(table, alpha=2.0).distribution
    joint = alpha_rank(symmetric_payoffs(table), alpha=2.0, one_population=True)
    np.testing.assert_allclose(joint, np.outer(agents, agents))


def test_order_does_not_matter(random_game, equivariant):
    equivariant(alpha_rank, random_game(2, 3, 4), rtol=1e-7)
    equivariant(alpha_rank, random_game(2, 2, 3, 2), rtol=1e-7)
    table, order = random_game(3, 4, 4)[0], [2, 0, 3, 1]
    plain = alpha_rank(symmetric_payoffs(table), one_population=True)
    moved = alpha_rank(symmetric_payoffs(table[np.ix_(order, order)]), one_population=True)
    np.testing.assert_allclose(moved, plain[np.ix_(order, order)], rtol=1e-7)


def test_one_population_is_for_symmetric_games(games):
    for name in ("sexes", "minority", "uneven"):
        with pytest.raises(ValueError, match="symmetric two-player game"):
            alpha_rank(games[name], one_population=True)
