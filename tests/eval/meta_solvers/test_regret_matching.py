import time

import numpy as np
import pytest
from open_spiel.python.algorithms.regret_matching import regret_matching as openspiel_regret_matching

from eval.meta_solvers import marginals, regret_matching


def slow(payoffs, iterations):
    """The same in plain numpy, with tensor contractions."""
    k = payoffs.ndim - 1
    regrets = [np.zeros(n) for n in payoffs.shape[1:]]
    average = np.zeros(payoffs.shape[1:])
    for _ in range(iterations):
        positive = [np.maximum(r, 0) for r in regrets]
        x = [p / p.sum() if p.sum() > 0 else np.full(len(p), 1 / len(p)) for p in positive]
        joint = np.einsum(*[part for i in range(k) for part in (x[i], [i])], list(range(k)))
        average += joint / iterations
        for p in range(k):
            others = [part for i in range(k) if i != p for part in (x[i], [i])]
            values = np.einsum(payoffs[p], list(range(k)), *others, [p])
            regrets[p] += values - values @ x[p]
    return average


@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (2, 3, 2), (2, 1, 2, 3)])
def test_a_slow_version_agrees(random_game, shape):
    payoffs = random_game(3, *shape)
    np.testing.assert_allclose(regret_matching(payoffs, iterations=200, explore=0.0), slow(payoffs, 200), atol=1e-9)


def test_openspiel_comes_to_the_same_equilibrium(games):
    """It starts from small regrets instead of none, and averages each player alone, so only the end is the same."""
    theirs = openspiel_regret_matching(list(games["biased rps"]), iterations=3000)
    for ours, expected in zip(marginals(regret_matching(games["biased rps"], iterations=3000)), theirs, strict=True):
        np.testing.assert_allclose(ours, [0.25, 0.5, 0.25], atol=0.02)
        np.testing.assert_allclose(ours, expected, atol=0.04)


def test_known_games(games, regret):
    for name, payoffs in games.items():
        assert regret(payoffs, regret_matching(payoffs)) < 0.01, name
    assert regret_matching(games["prisoners"])[1, 1] > 0.999


@pytest.mark.parametrize("shape", [(5, 5), (3, 4, 3)])
def test_the_average_joint_play_has_little_regret(random_game, regret, shape):
    """Also where the product of the averages would not: in games that are not zero-sum."""
    payoffs = random_game(4, *shape)
    assert regret(payoffs, regret_matching(payoffs)) < 0.01


def test_order_does_not_matter(random_game, equivariant):
    for shape in ((3, 5), (2, 3, 4)):
        equivariant(lambda payoffs: regret_matching(payoffs, iterations=500), random_game(2, *shape), atol=1e-9)


def test_fifty_policies_take_a_second(random_game):
    payoffs = random_game(0, 50, 50, zero_sum=True)
    regret_matching(payoffs, iterations=1)
    start = time.perf_counter()
    regret_matching(payoffs)
    assert time.perf_counter() - start < 2


def test_options_out_of_range_are_refused(games):
    for options in ({"iterations": 0}, {"explore": 2}, {"explore": np.nan}):
        with pytest.raises(ValueError, match="iterations must be at least 1"):
            regret_matching(games["rps"], **options)
