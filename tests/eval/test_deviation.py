import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.deviation import deviation_gains, deviation_ratings
from eval.nash import nash_average

RPS = np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])
CLONED = [[0, -1, 1, 0], [1, 0, -1, 1], [-1, 1, 0, -1], [0, -1, 1, 0]]
DOMINATED = [[0, -1, 1, 0.1], [1, 0, -1, 1.1], [-1, 1, 0, -0.9], [-0.1, -1.1, 0.9, 0]]
TRANSITIVE = [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]


def symmetric(table):
    return np.stack([np.array(table, dtype=float), np.array(table, dtype=float).T])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (RPS, [0, 0, 0]),
        (CLONED, [0, 0, 0, 0]),
        (DOMINATED, [0, 0, 0, -0.1]),
        (TRANSITIVE, [0, -1, -2]),
        ([[3, 0], [5, 1]], [-1, 0]),  # the prisoner's dilemma
        ([[2, 0], [0, 1]], [-2 / 3, -2 / 3]),  # coordination
    ],
)
def test_golden_values(table, expected):
    for player, ratings in enumerate(deviation_ratings(symmetric(table))):
        np.testing.assert_allclose(ratings, expected, atol=1e-7, err_msg=f"player {player}")


def test_gains_by_hand():
    payoffs = np.arange(2 * 2 * 3, dtype=float).reshape(2, 2, 3) ** 2
    gains = deviation_gains(payoffs)
    assert gains.shape == (5, 6)
    for i in range(2):
        for j in range(3):
            for other in range(2):
                assert gains[other, 3 * i + j] == payoffs[0, other, j] - payoffs[0, i, j]
            for other in range(3):
                assert gains[2 + other, 3 * i + j] == payoffs[1, i, other] - payoffs[1, i, j]


@settings(derandomize=True, deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 6))
def test_zero_sum_games_have_nash_averages(seed, n):
    table = np.random.default_rng(seed).normal(size=(n, n))
    table -= table.T
    for ratings in deviation_ratings(symmetric(table)):
        np.testing.assert_allclose(ratings, nash_average(table).score, atol=1e-6)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), shape=st.sampled_from([(2, 3), (3, 3), (2, 2, 2), (2, 3, 2)]))
def test_clones_order_and_offsets_do_not_matter(seed, shape):
    rng = np.random.default_rng(seed)
    payoffs = rng.integers(-3, 4, size=(len(shape), *shape)).astype(float)
    plain = deviation_ratings(payoffs)
    assert max(ratings.max() for ratings in plain) < 1e-7
    order = np.append(
        rng.permutation(shape[0]), 0
    )  # strategies of the first player in another order, one of them twice
    moved = deviation_ratings(payoffs[:, order])
    np.testing.assert_allclose(moved[0], plain[0][order], atol=1e-6)
    shifted = payoffs.copy()
    shifted[0] += rng.normal(size=(1, *shape[1:]))  # whatever the others bring about, for all of its choices alike
    for before, clone, offset in zip(plain[1:], moved[1:], deviation_ratings(shifted)[1:], strict=True):
        np.testing.assert_allclose(clone, before, atol=1e-6)
        np.testing.assert_allclose(offset, before, atol=1e-6)
    for before, scaled in zip(plain, deviation_ratings(1e6 * payoffs), strict=True):
        np.testing.assert_allclose(scaled, 1e6 * before, atol=1)


def test_twenty_by_twenty_take_seconds():
    payoffs = np.random.default_rng(0).normal(size=(2, 20, 20))
    start = time.perf_counter()
    ratings = deviation_ratings(payoffs)
    assert [len(of_player) for of_player in ratings] == [20, 20]
    assert time.perf_counter() - start < 5


def test_other_shapes_are_refused():
    for payoffs in (np.zeros((3, 2, 2)), np.zeros(3), np.full((2, 2, 2), np.nan), np.zeros((2, 0, 2))):
        with pytest.raises(ValueError, match="payoffs must be finite, of shape"):
            deviation_ratings(payoffs)
