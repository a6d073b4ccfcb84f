import numpy as np
import pytest
from scipy.stats import beta

from eval.advantage import advantage, bootstrap_table

WINS = np.array([[0, 7, 9], [3, 0, 6], [1, 2, 0]])
DRAWS = np.array([[0, 2, 0], [2, 0, 4], [0, 4, 0]])


def test_tables_by_hand():
    rate = advantage(WINS, DRAWS)
    np.testing.assert_allclose(rate[0, 1], 8 / 12 - 0.5)
    np.testing.assert_allclose(rate, -rate.T)
    assert not np.diag(rate).any()
    logit = advantage(WINS, DRAWS, prior=0.5, scale="logit")
    np.testing.assert_allclose(logit[0, 2], np.log(9.5 / 1.5))
    np.testing.assert_allclose(logit, -logit.T)
    between = advantage([[3, 1]], [[0, 2]], [[1, 1]])
    np.testing.assert_allclose(between, [[0.25, 0]])


def test_a_bootstrap_has_the_posterior_spread():
    """Without draws a resampled rate follows a beta distribution."""
    wins = np.array([[0, 14], [6, 0]])
    found = bootstrap_table(lambda table: table, wins, samples=4000, confidence=0.9)
    assert found.value[0, 1] == pytest.approx(14.5 / 21 - 0.5)
    posterior = beta(14.5, 6.5)
    assert found.mean[0, 1] == pytest.approx(posterior.mean() - 0.5, abs=0.006)
    assert found.low[0, 1] == pytest.approx(posterior.ppf(0.05) - 0.5, abs=0.012)
    assert found.high[0, 1] == pytest.approx(posterior.ppf(0.95) - 0.5, abs=0.012)
    np.testing.assert_allclose(found.mean, -found.mean.T, atol=1e-15)
    again = bootstrap_table(lambda table: table, wins, samples=4000, confidence=0.9)
    np.testing.assert_array_equal(found.low, again.low)
    other = bootstrap_table(lambda table: table, wins, samples=4000, confidence=0.9, seed=1)
    assert other.low[0, 1] != found.low[0, 1]


def test_draws_narrow_the_spread():
    decisive = bootstrap_table(lambda table: table[0, 1], [[0, 10], [10, 0]], samples=500)
    drawn = bootstrap_table(lambda table: table[0, 1], [[0, 1], [1, 0]], [[0, 18], [18, 0]], samples=500)
    assert drawn.high - drawn.low < 0.6 * (decisive.high - decisive.low)


def test_every_cell_between_two_populations_varies_alone():
    fives = [[5, 5], [5, 5]]
    found = bootstrap_table(lambda table: [table[0, 1] * table[1, 0], table[0, 1] ** 2], fives, None, fives)
    assert found.mean[0] == pytest.approx(0, abs=0.004)
    assert found.mean[1] > 0.015


def test_pairs_that_never_met():
    apart = [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="0 and 2 never met"):
        advantage(apart)
    assert advantage(apart, prior=0.5)[0, 2] == 0
    found = bootstrap_table(lambda table: table[0, 2], apart)
    assert found.low < -0.45 < 0.45 < found.high


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="one never scored"):
        advantage([[0, 5], [0, 0]], scale="logit")
    with pytest.raises(ValueError, match="scale must be 'rate' or 'logit', not 'elo'"):
        advantage(WINS, scale="elo")
    with pytest.raises(ValueError, match="counts from 0"):
        advantage(-WINS)
    with pytest.raises(ValueError, match="draws must be symmetric"):
        advantage(WINS, WINS)
    with pytest.raises(ValueError, match="one shape"):
        advantage(WINS, DRAWS[:2])
    with pytest.raises(ValueError, match="samples must be at least 2"):
        bootstrap_table(np.sum, WINS, samples=1)
