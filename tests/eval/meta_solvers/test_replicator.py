import time

import numpy as np
import pytest
from open_spiel.python.algorithms.projected_replicator_dynamics import (
    _simplex_projection,
    projected_replicator_dynamics,
)

from eval.meta_solvers import marginals, replicator
from eval.meta_solvers.replicator import _project


@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (2, 3, 2), (2, 2, 2, 2)])
def test_openspiel_agrees(random_game, shape):
    payoffs = random_game(1, *shape)
    theirs = projected_replicator_dynamics(list(payoffs), prd_iterations=300, prd_dt=0.05, prd_gamma=0.01)
    for ours, expected in zip(
        marginals(replicator(payoffs, iterations=300, step=0.05, floor=0.01)), theirs, strict=True
    ):
        np.testing.assert_allclose(ours, expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_projection(seed):
    rng = np.random.default_rng(seed)
    x = rng.dirichlet(np.full(6, 0.3)) + rng.normal(scale=0.05, size=6)
    x += (1 - x.sum()) / 6
    expected = _simplex_projection(x.copy(), 0.02)
    _project(x, 0.02)
    np.testing.assert_allclose(x, expected, atol=1e-12)


def test_known_games(games):
    joint = replicator(games["prisoners"], iterations=50_000)
    assert joint[1, 1] > 0.9
    np.testing.assert_allclose(replicator(games["rps"]), 1 / 9, atol=1e-9)
    assert replicator(games["coordination"], iterations=50_000)[0, 0] > 0.8
    assert replicator(games["together"], iterations=50_000)[1, 1, 1] > 0.8
    np.testing.assert_allclose(replicator(games["minority"], iterations=1000), 1 / 8, atol=1e-9)


def test_the_average_comes_close_in_zero_sum_games(random_game, regret):
    for seed in range(3):
        payoffs = random_game(seed, 4, 4, zero_sum=True)
        assert regret(payoffs, replicator(payoffs, step=0.01)) < 0.02


def test_joint_play_is_averaged(random_game):
    joint = replicator(random_game(0, 3, 3), iterations=100)
    assert joint.sum() == pytest.approx(1)
    assert np.all(joint > 0)


def test_order_does_not_matter(random_game, equivariant):
    for shape in ((3, 5), (2, 3, 4)):
        equivariant(lambda payoffs: replicator(payoffs, iterations=2000), random_game(2, *shape), atol=1e-9)


def test_fifty_policies_take_a_second(random_game):
    payoffs = random_game(0, 50, 50, zero_sum=True)
    replicator(payoffs, iterations=1)
    start = time.perf_counter()
    replicator(payoffs)
    assert time.perf_counter() - start < 2


def test_options_out_of_range_are_refused(games):
    for options in ({"step": 0}, {"iterations": 0}, {"floor": 0.4}, {"floor": -0.1}, {"step": np.nan}):
        with pytest.raises(ValueError, match="step must be above 0"):
            replicator(games["rps"], **options)
