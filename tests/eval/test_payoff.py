import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.intervals import wilson
from eval.payoff import payoff_matrix

FIRST, SECOND, SCORE = [0, 0, 1, 1, 2], [1, 1, 0, 2, 2], [1.0, 0.5, 1.0, 0.0, 1.0]


def test_seat_orders_are_kept_apart():
    matrix = payoff_matrix(FIRST, SECOND, SCORE)
    nan = np.nan
    np.testing.assert_array_equal(matrix.mean, [[nan, 0.75, nan], [1.0, nan, 0.0], [nan, nan, 1.0]])
    np.testing.assert_array_equal(matrix.count, [[0, 2, 0], [1, 0, 1], [0, 0, 1]])


def test_pooled():
    pooled = payoff_matrix(FIRST, SECOND, SCORE).pooled()
    nan = np.nan
    np.testing.assert_allclose(pooled.mean, [[nan, 0.5, nan], [0.5, nan, 0.0], [nan, 1.0, 0.5]])
    np.testing.assert_array_equal(pooled.count, [[0, 3, 0], [3, 0, 1], [0, 1, 2]])


def test_intervals_are_wilsons():
    matrix = payoff_matrix(FIRST, SECOND, SCORE, confidence=0.8)
    low, high = wilson(1.5, 2, confidence=0.8)
    assert (matrix.low[0, 1], matrix.high[0, 1]) == (float(low), float(high))
    assert (matrix.low[0, 2], matrix.high[0, 2]) == (0.0, 1.0)


matches = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([0.0, 0.5, 1.0])), max_size=60)


@settings(deadline=None, derandomize=True)
@given(matches)
def test_pooled_rows_and_columns_share_one_point(rows):
    first, second, score = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    pooled = payoff_matrix(first, second, score, agents=4).pooled()
    met = pooled.count > 0
    np.testing.assert_allclose((pooled.mean + pooled.mean.T)[met], 1.0)
    np.testing.assert_allclose((pooled.low + pooled.high.T), 1.0)
    assert pooled.count.sum() == 2 * len(rows)
    assert np.all((pooled.low <= pooled.mean + 1e-12) & (pooled.mean <= pooled.high + 1e-12) | ~met)


def test_wrong_input():
    with pytest.raises(ValueError, match=r"0\.5 for a draw"):
        payoff_matrix([0], [1], [2.0])
