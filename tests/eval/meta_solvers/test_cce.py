import numpy as np
import pytest
from scipy.optimize import linprog

from eval.deviation import deviation_gains
from eval.meta_solvers import cce, marginals, nash


def entropy(joint):
    p = joint[joint > 0]
    return -float(p @ np.log(p))


def test_known_games(games):
    np.testing.assert_allclose(cce(games["prisoners"]), [[0, 0], [0, 1]], atol=1e-7)
    np.testing.assert_allclose(cce(games["uneven"]), [[0, 0, 1]], atol=1e-7)
    np.testing.assert_allclose(cce(games["rps"]), 1 / 9, atol=1e-7)
    np.testing.assert_allclose(cce(games["minority"]), 1 / 8, atol=1e-7)
    np.testing.assert_allclose(cce(games["coordination"], select="welfare"), [[1, 0], [0, 0]], atol=1e-7)
    np.testing.assert_allclose(cce(games["together"], select="welfare")[1, 1, 1], 1, atol=1e-7)
    # both equilibria are worth 5 together, and the spread of the two is fair
    np.testing.assert_allclose(cce(games["sexes"], select="welfare"), [[0.5, 0], [0, 0.5]], atol=1e-6)
    # of the minority game's profiles, the six in which someone wins
    expected = np.full((2, 2, 2), 1 / 6)
    expected[0, 0, 0] = expected[1, 1, 1] = 0
    np.testing.assert_allclose(cce(games["minority"], select="welfare"), expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (5, 5), (3, 3, 3), (2, 3, 2, 2)])
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("select", ["entropy", "welfare"])
def test_no_regret_and_no_order(random_game, regret, equivariant, shape, whole, select):
    for seed in range(4):
        payoffs = random_game(seed, *shape, whole=whole)
        joint = cce(payoffs, select=select)
        assert joint.shape == shape
        assert joint.sum() == pytest.approx(1)
        assert regret(payoffs, joint) < 1e-6
    equivariant(lambda payoffs: cce(payoffs, select=select), payoffs, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_none_is_better(random_game, seed):
    payoffs = random_game(seed, 3, 3)
    conditions, ones = deviation_gains(payoffs), np.ones((1, 9))
    spread, best = cce(payoffs), cce(payoffs, select="welfare")
    most = linprog(-payoffs.sum(axis=0).ravel(), A_ub=conditions, b_ub=np.zeros(6), A_eq=ones, b_eq=[1])
    assert np.sum(best * payoffs.sum(axis=0)) == pytest.approx(-most.fun, abs=1e-6)
    assert entropy(best) <= entropy(spread) + 1e-9
    rng = np.random.default_rng(seed)
    for _ in range(50):
        corner = linprog(rng.normal(size=9), A_ub=conditions, b_ub=np.zeros(6), A_eq=ones, b_eq=[1]).x.reshape(3, 3)
        for weight in (0.01, 0.3, 1.0):  # the set is convex, and the entropy concave
            assert entropy((1 - weight) * spread + weight * corner) <= entropy(spread) + 1e-9


def test_zero_sum_games_have_nash_marginals(random_game):
    payoffs = random_game(0, 4, 6, zero_sum=True)
    for ours, expected in zip(marginals(cce(payoffs)), marginals(nash(payoffs)), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-6)


def test_another_choice_is_refused(games):
    with pytest.raises(ValueError, match="select must be 'entropy' or 'welfare', not 'gini'"):
        cce(games["rps"], select="gini")
