"""The golden values were computed with rliable."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.aggregates import iqm, optimality_gap, performance_profile, probability_of_improvement, stratified_bootstrap

X = np.array([[0.1, 0.9, 0.4], [0.2, 0.8, 0.5], [0.3, 0.7, 0.6], [1.5, 0.2, 0.3], [0.05, 1.1, 0.45]])
Y = np.array([[0.15, 0.6, 0.4], [0.25, 0.8, 0.2], [0.35, 0.5, 0.1], [0.1, 0.4, 0.9]])
LADDER = np.arange(1, 13).reshape(4, 3) / 10


class TestGolden:
    def test_interquartile_mean(self):
        assert iqm(X) == pytest.approx(0.472222, abs=1e-6)
        assert iqm(Y) == pytest.approx(0.35)
        assert iqm(LADDER) == pytest.approx(0.65)

    def test_optimality_gap(self):
        assert optimality_gap(X) == pytest.approx(0.5)
        assert optimality_gap(LADDER) == pytest.approx(0.375)
        assert optimality_gap(X, target=2.0) == pytest.approx(2 - 0.54)

    def test_probability_of_improvement(self):
        assert probability_of_improvement(X, Y) == pytest.approx(0.625)
        assert probability_of_improvement(np.c_[[1, 2, 3, 4]], np.c_[[1, 2, 2.5]]) == pytest.approx(0.666667, abs=1e-6)
        assert probability_of_improvement(X, X) == 0.5

    def test_profile(self):
        profile = performance_profile(X, [0, 0.25, 0.5, 0.75, 1], samples=50)
        np.testing.assert_allclose(profile.share, [1, 0.733333, 0.4, 0.266667, 0.133333], atol=1e-6)
        assert performance_profile([[1.0]], [1.0], samples=2).share.tolist() == [0.0]

    def test_interval(self):
        """rliable's, with other random numbers: 0.311 to 0.678."""
        found = stratified_bootstrap(iqm, X)
        assert found.mean == iqm(X)
        assert (found.low, found.high) == pytest.approx((0.314, 0.678), abs=0.012)
        assert found.count == 15


class TestBootstrap:
    def test_runs_stay_in_their_task(self):
        """Tasks of one score each: nothing moves, however far the tasks lie apart, unless tasks are drawn."""
        table = np.tile([0.0, 10.0, 20.0], (4, 1))
        fixed = stratified_bootstrap(lambda t: t.mean(), table, samples=100)
        assert (fixed.low, fixed.high) == (10.0, 10.0)
        drawn = stratified_bootstrap(lambda t: t.mean(), table, samples=500, new_tasks=True)
        assert drawn.low < 4 < 16 < drawn.high

    def test_the_spread_is_that_of_theory(self):
        """The mean of n runs has the error of the plug-in standard deviation over the square root of n."""
        table = np.random.default_rng(0).normal(size=(50, 1))
        found = stratified_bootstrap(lambda t: t.mean(), table, samples=4000)
        assert found.high - found.low == pytest.approx(2 * 1.959964 * table.std() / math.sqrt(50), rel=0.05)

    def test_two_tables(self):
        found = stratified_bootstrap(probability_of_improvement, X, Y, samples=300)
        assert found.low < found.mean == 0.625 < found.high
        assert found.count == 12

    def test_the_seed_decides(self):
        one, same, other = (stratified_bootstrap(iqm, X, samples=40, seed=s) for s in (1, 1, 2))
        assert one == same != other

    def test_profiles_hold_their_shares(self):
        profile = performance_profile(X, np.linspace(0, 1.6, 9), samples=200)
        assert np.all((profile.low <= profile.share) & (profile.share <= profile.high))
        assert np.all(np.diff(profile.share) <= 0)
        assert profile.low[4] < profile.high[4]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 4), st.integers(0, 100))
def test_chances_of_both_sides_add_up(runs, others, tasks, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(3, size=(runs, tasks)), rng.integers(3, size=(others, tasks))
    forward, backward = probability_of_improvement(x, y), probability_of_improvement(y, x)
    assert forward + backward == pytest.approx(1)
    slow = [np.mean([(a > b) + 0.5 * (a == b) for a in x[:, task] for b in y[:, task]]) for task in range(tasks)]
    assert forward == pytest.approx(np.mean(slow))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iqm([1.0, 2.0]), r"\[runs, tasks\], not of shape \(2,\)"),
        (lambda: iqm([[1.0, math.nan]]), "finite"),
        (lambda: iqm(np.zeros((0, 3))), "not of shape"),
        (lambda: probability_of_improvement([[1.0]], [[1.0, 2.0]]), r"same tasks, not \[1, 2\]"),
        (lambda: stratified_bootstrap(iqm, X, samples=1), "at least 2"),
        (lambda: stratified_bootstrap(iqm, X, confidence=0), "between 0 and 1"),
    ],
)
def test_wrong_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
