import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import schur
from scipy.special import expit

from eval.hodge import cycle_test, hodge, schur_spectrum, three_cycles

TABLE = np.array([[0, 3, 1, 4], [-3, 0, 5, 2], [-1, -5, 0, 1], [-4, -2, -1, 0]])
GAMES = np.array([[0, 10, 0, 5], [10, 0, 20, 0], [0, 20, 0, 10], [5, 0, 10, 0]])
RPS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
GOLDEN = {"rtol": 0, "atol": 1e-6}


def test_golden_values_of_a_full_table():
    found = hodge(TABLE)
    np.testing.assert_allclose(found.rating, [2, 1, -1.25, -1.75])
    assert (found.gradient_energy, found.cyclic_energy) == (pytest.approx(77), pytest.approx(35))
    assert found.transitive_share == found.transitive_share_without_noise == pytest.approx(0.6875)
    np.testing.assert_allclose(found.cyclic[np.triu_indices(4, 1)], [2, -2.25, 0.25, 2.75, -0.75, 0.5])
    np.testing.assert_allclose(found.cyclic.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(schur_spectrum(TABLE), [6.820576, 3.078919], **GOLDEN)
    assert three_cycles(TABLE) == 0  # a large cyclic part without any cycle of signs


def test_golden_values_of_an_uneven_table():
    found = hodge(np.where(GAMES > 0, TABLE, np.nan), GAMES)
    np.testing.assert_allclose(found.rating, [3.611111, 1.722222, -2.722222, -2.611111], **GOLDEN)
    cyclic = found.cyclic[[0, 1, 2, 0], [1, 2, 3, 3]]
    np.testing.assert_allclose(cyclic, [1.111111, 0.555556, 1.111111, -2.222222], **GOLDEN)
    assert found.transitive_share == pytest.approx(0.918300, abs=1e-6)


def test_a_pure_cycle_and_a_pure_ladder():
    assert hodge(RPS).transitive_share == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(schur_spectrum(RPS), [1.732051], **GOLDEN)
    assert three_cycles(RPS) == 1
    rating = np.array([3.0, 1.0, 0.0, -4.0, 2.0])
    ladder = rating[:, None] - rating[None, :]
    found = hodge(ladder)
    assert found.transitive_share == pytest.approx(1)
    np.testing.assert_allclose(found.rating, rating - rating.mean())
    assert schur_spectrum(ladder)[1] == pytest.approx(0, abs=1e-9)
    assert three_cycles(ladder) == 0
    assert np.isnan(hodge(np.zeros((3, 3))).transitive_share)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 7))
def test_the_parts_are_orthogonal_and_nearest(seed, n):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n, n))
    table -= table.T
    weight = rng.integers(1, 5, size=(n, n)).astype(float)
    weight += weight.T
    np.fill_diagonal(weight, 0)
    found = hodge(table, weight)
    gradient = found.rating[:, None] - found.rating[None, :]
    assert np.sum(weight * gradient * found.cyclic) == pytest.approx(0, abs=1e-8)
    assert np.sum(weight * table**2) == pytest.approx(found.gradient_energy + found.cyclic_energy)
    np.testing.assert_allclose((weight * found.cyclic).sum(axis=1), 0, atol=1e-8)
    other = rng.normal(size=n)
    assert np.sum(weight * (table - other[:, None] + other[None, :]) ** 2) >= found.cyclic_energy
    # the spectrum is that of the real Schur form
    blocks = np.sort(np.abs(np.diag(schur(table)[0], 1)))[::-1][: n // 2]
    np.testing.assert_allclose(schur_spectrum(table)[: n // 2], blocks, atol=1e-8)


def test_the_expected_noise_is_what_noise_brings():
    """A ladder plus independent noise of known variance, many times over."""
    rng = np.random.default_rng(0)
    rating = np.array([1.0, 0.5, 0.0, -0.2, -1.0])
    variance = rng.uniform(0.1, 1, size=(5, 5))
    variance += variance.T
    weight = rng.uniform(0.5, 2, size=(5, 5))
    weight += weight.T
    gradient, cyclic = [], []
    for _ in range(4000):
        noise = np.triu(rng.normal(scale=np.sqrt(variance)), 1)
        found = hodge(rating[:, None] - rating[None, :] + noise - noise.T, weight, variances=variance)
        gradient.append(found.gradient_energy)
        cyclic.append(found.cyclic_energy)
    np.fill_diagonal(weight, 0)
    truth = np.sum(weight * (rating[:, None] - rating[None, :]) ** 2)
    assert np.mean(cyclic) == pytest.approx(found.cyclic_noise, rel=0.03)
    assert np.mean(gradient) - truth == pytest.approx(found.gradient_noise, rel=0.1)


def test_three_cycles_one_by_one():
    table = np.random.default_rng(3).integers(-1, 2, size=(7, 7))
    table = np.triu(table, 1) - np.triu(table, 1).T
    count = sum(
        table[i, j] > 0 and table[j, k] > 0 and table[k, i] > 0
        for i in range(7)
        for j in range(7)
        for k in range(7)
        if i == min(i, j, k)
    )
    assert count > 0
    assert three_cycles(table) == count


def _played(chance, games, seed, draws=0):
    rng = np.random.default_rng(seed)
    n = len(chance)
    won = np.triu(rng.binomial(games, chance), 1)
    return won + np.tril(games - won.T, -1), draws * (1 - np.eye(n))


def test_cycles_are_found():
    found = cycle_test(*_played(0.5 + 0.25 * RPS, 60, 0), samples=200)
    assert found.p_value == 1 / 201
    assert found.cycles == 1
    assert found.cycles_p_value < 0.5
    assert found.split.transitive_share < 0.2
    with_draws = cycle_test(*_played(0.5 + 0.25 * RPS, 60, 0, draws=30), samples=200)
    assert with_draws.p_value == 1 / 201
    again = cycle_test(*_played(0.5 + 0.25 * RPS, 60, 0), samples=200)
    assert again.p_value == found.p_value
    assert again.expected_cyclic_energy == found.expected_cyclic_energy


def test_noise_alone_is_seldom_called_a_cycle():
    """On a ladder the p-values are roughly uniform."""
    strength = np.linspace(-1, 1, 6)
    chance = expit(strength[:, None] - strength[None, :])
    found = [cycle_test(*_played(chance, 30, seed, draws=seed % 2 * 10), samples=99, seed=seed) for seed in range(60)]
    p_values = np.array([test.p_value for test in found])
    assert np.mean(p_values <= 0.1) < 0.22
    assert 0.3 < p_values.mean() < 0.7
    raw = np.mean([test.split.transitive_share for test in found])
    cleaned = np.mean([test.split.transitive_share_without_noise for test in found])
    assert raw < cleaned
    assert cleaned == pytest.approx(1, abs=0.03)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="square table"):
        hodge([[0, 1]])
    with pytest.raises(ValueError, match="antisymmetric"):
        hodge([[0, 1], [1, 0]])
    with pytest.raises(ValueError, match="antisymmetric"):
        hodge([[0, np.nan], [np.nan, 0]])
    with pytest.raises(ValueError, match="weights must be symmetric"):
        hodge(RPS, [[0, 1, 1], [2, 0, 1], [1, 1, 0]])
    with pytest.raises(ValueError, match="variances must be symmetric"):
        hodge(RPS, variances=-np.ones((3, 3)))
    with pytest.raises(ValueError, match="not related by any weight"):
        hodge(RPS, [[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    with pytest.raises(ValueError, match="prior above 0"):
        cycle_test([[0, 1], [1, 0]], prior=0)
