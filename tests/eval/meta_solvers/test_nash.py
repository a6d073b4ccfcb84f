import numpy as np
import pytest

from eval.meta_solvers import marginals, nash


def test_known_games(games):
    np.testing.assert_allclose(nash(games["rps"]), 1 / 9, atol=1e-9)
    for strategy in marginals(nash(games["biased rps"])):
        np.testing.assert_allclose(strategy, [0.25, 0.5, 0.25], atol=1e-9)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (8, 8), (12, 4)])
@pytest.mark.parametrize("whole", [False, True])
def test_no_regret_and_no_order(random_game, regret, equivariant, shape, whole):
    payoffs = random_game(0, *shape, whole=whole, zero_sum=True)
    assert regret(payoffs, nash(payoffs)) < 1e-9
    equivariant(nash, payoffs, atol=1e-6)


def test_scores_have_a_constant_sum(games):
    np.testing.assert_allclose(nash((games["biased rps"] + 3) / 6), nash(games["biased rps"]), atol=1e-9)


def test_other_games_are_refused(games):
    with pytest.raises(ValueError, match="for two players, not 3"):
        nash(games["minority"])
    for name in ("prisoners", "sexes", "coordination"):
        with pytest.raises(ValueError, match="sum to the same for both players"):
            nash(games[name])
