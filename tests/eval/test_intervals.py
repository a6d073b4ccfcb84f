import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.intervals import clopper_pearson, cluster_mean, wilson


def at_least(k, n, p):
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


class TestWilson:
    def test_golden(self):
        """8 of 10, 95 %: (0.4901625, 0.9433178) by the formula on paper."""
        low, high = wilson(8, 10)
        assert float(low) == pytest.approx(0.4901625, abs=1e-6)
        assert float(high) == pytest.approx(0.9433178, abs=1e-6)

    @settings(deadline=None, derandomize=True)
    @given(
        st.integers(1, 500), st.floats(0, 1), st.sampled_from([(0.9, 1.6448536), (0.95, 1.9599640), (0.99, 2.5758293)])
    )
    def test_the_ends_are_the_rates_that_the_result_just_fails_to_reject(self, games, share, level):
        confidence, z = level
        points = round(share * games * 2) / 2
        for end, outside in zip(wilson(points, games, confidence=confidence), (0.0, 1.0), strict=True):
            gap = abs(points / games - end)
            if end == outside:
                assert gap == 0.0
            else:
                assert gap == pytest.approx(z * math.sqrt(end * (1 - end) / games), rel=1e-4, abs=1e-9)

    def test_nothing_known_is_anything_possible(self):
        low, high = wilson([0, 0, 3], [0, 4, 3])
        assert low[:2].tolist() == [0, 0]
        assert high[0] == 1
        assert high[2] == 1
        assert 0 < high[1] < 1
        assert 0 < low[2] < 1


class TestClopperPearson:
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(st.integers(1, 40), st.floats(0, 1))
    def test_the_ends_put_half_the_doubt_in_each_tail(self, games, share):
        wins = round(share * games)
        low, high = (float(end) for end in clopper_pearson(wins, games, confidence=0.9))
        assert low == 0.0 if wins == 0 else at_least(wins, games, low) == pytest.approx(0.05, abs=1e-9)
        if wins == games:
            assert high == 1.0
        else:
            assert 1 - at_least(wins + 1, games, high) == pytest.approx(0.05, abs=1e-9)

    def test_it_holds_the_wilson_interval(self):
        games = np.full(30, 30)
        wins = np.arange(30) + 1
        assert np.all(clopper_pearson(wins, games)[0] <= wilson(wins, games)[0] + 1e-12)
        assert np.all(clopper_pearson(wins - 1, games)[1] >= wilson(wins - 1, games)[1] - 1e-12)

    def test_nothing_known_is_anything_possible(self):
        low, high = clopper_pearson(0, 0)
        assert (float(low), float(high)) == (0.0, 1.0)

    def test_half_points_are_refused(self):
        with pytest.raises(ValueError, match="whole numbers"):
            clopper_pearson(1.5, 3)


class TestClusterMean:
    def test_mean_and_count(self):
        interval = cluster_mean([1, 0, 1, 1, 0], ["a", "a", "b", "b", "c"], samples=10)
        assert interval.mean == pytest.approx(0.6)
        assert interval.count == 3
        assert interval.low <= 0.6 <= interval.high

    def test_the_seed_decides(self):
        values, cluster = np.arange(20.0), np.arange(20) // 2
        one, same, other = (cluster_mean(values, cluster, samples=50, seed=s) for s in (1, 1, 2))
        assert one == same
        assert one != other

    def test_width_is_that_of_the_clusters_not_of_the_games(self):
        """Pairs that agree: 200 values, 100 units; the standard error is that of 100."""
        rng = np.random.default_rng(3)
        units = rng.random(100)
        interval = cluster_mean(np.repeat(units, 2), np.repeat(np.arange(100), 2), samples=4000)
        expected = 2 * 1.96 * units.std() / 10
        assert interval.high - interval.low == pytest.approx(expected, rel=0.06)

    def test_pairs_that_cancel_leave_no_doubt(self):
        interval = cluster_mean([1, 0] * 10, np.arange(20) // 2, samples=20)
        assert (interval.low, interval.high) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wilson(3, 2), "0 <= points <= games"),
        (lambda: wilson(-1, 2), "0 <= points <= games"),
        (lambda: wilson(math.nan, 2), "0 <= points <= games"),
        (lambda: wilson(1, 2, confidence=1.0), "between 0 and 1"),
        (lambda: clopper_pearson(3, 2), "0 <= points <= games"),
        (lambda: cluster_mean([], []), "at least 1"),
        (lambda: cluster_mean([1.0], [1, 2]), "one length"),
        (lambda: cluster_mean([1.0], [1], samples=1), "at least 2, not 1"),
    ],
)
def test_wrong_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
