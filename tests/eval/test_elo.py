import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.elo import elo_difference, pair_counts

LOST_DRAWN_WON = [96, 111, 136]
PAIRS = [10, 30, 60, 45, 15]


def half(interval):
    return (interval.high - interval.low) / 2


class TestElo:
    def test_games(self):
        found = elo_difference(LOST_DRAWN_WON)
        assert found.score.mean == pytest.approx(0.558309, abs=1e-6)
        assert (found.elo.mean, half(found.elo)) == pytest.approx((40.702458, 30.427218), abs=1e-6)
        assert (found.normalized.mean, half(found.normalized)) == pytest.approx((49.768415, 36.768451), abs=1e-6)
        assert found.superiority == pytest.approx(0.996010, abs=1e-6)
        assert (found.unit, found.elo.count, found.confidence) == ("games", 343, 0.95)

    def test_pairs(self):
        found = elo_difference(PAIRS)
        assert found.score.mean == pytest.approx(0.539063, abs=1e-6)
        assert found.elo.mean == pytest.approx(27.198832, abs=1e-6)
        assert found.normalized.mean == pytest.approx(37.121220, abs=1e-6)
        assert (found.unit, found.elo.count) == ("pairs", 160)

    def test_independent_games_give_the_same_in_pairs(self):
        """The pairs of a match of independent games are the convolution of a game's outcomes with themselves."""
        lost, drawn, won = 0.2, 0.3, 0.5
        pairs = np.convolve([lost, drawn, won], [lost, drawn, won]) * 50_000
        one, other = elo_difference([20_000, 30_000, 50_000]), elo_difference(np.round(pairs))
        assert other.elo.mean == pytest.approx(one.elo.mean, rel=1e-9)
        assert other.normalized.mean == pytest.approx(one.normalized.mean, rel=1e-9)
        assert half(other.elo) == pytest.approx(half(one.elo), rel=1e-9)
        assert half(other.normalized) == pytest.approx(half(one.normalized), rel=1e-9)

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(st.lists(st.integers(0, 50), min_size=3, max_size=3) | st.lists(st.integers(0, 50), min_size=5, max_size=5))
    def test_the_other_side_sees_the_opposite(self, counts):
        if not any(counts):
            return
        one, other = elo_difference(counts), elo_difference(counts[::-1])
        for a, b in ((one.elo, other.elo), (one.normalized, other.normalized)):
            assert (a.mean, a.low, a.high) == pytest.approx((-b.mean, -b.high, -b.low), abs=1e-7)
            assert a.low <= a.mean <= a.high
        assert one.superiority == pytest.approx(1 - other.superiority, abs=1e-9)

    def test_nothing_but_wins_is_no_certainty(self):
        found = elo_difference([0, 0, 4])
        assert found.elo.mean == found.elo.high == found.normalized.mean == math.inf
        z2 = 1.959964**2
        assert found.score.low == pytest.approx(4 / (4 + z2), rel=1e-6)
        assert found.elo.low == pytest.approx(400 * math.log10(4 / z2), rel=1e-5)
        assert found.normalized.low == pytest.approx(
            800 / math.log(10) * (found.score.low - 0.5) / math.sqrt(found.score.low * (1 - found.score.low))
        )
        assert 0.97 < found.superiority < 0.98

    def test_nothing_but_draws(self):
        found = elo_difference([0, 9, 0])
        assert (found.elo.mean, found.normalized.mean, found.superiority) == (0.0, 0.0, 0.5)
        assert found.elo.low == pytest.approx(-found.elo.high)
        assert found.elo.low < -50


class TestPairs:
    def test_by_hand(self):
        """Pair 7 gives 1.5 points, 2 gives 1, 5 lacks a game, 9 gives 0, 8 gives 2."""
        points = [1, 0, 0.5, 1, 0.5, 0, 0, 1, 1]
        assert pair_counts(points, [7, 2, 7, 2, 5, 9, 9, 8, 8]).tolist() == [1, 0, 1, 1, 1]

    def test_none(self):
        assert pair_counts([], []).tolist() == [0] * 5
        assert pair_counts([1], [3]).tolist() == [0] * 5

    def test_wrong_input(self):
        with pytest.raises(ValueError, match="one length"):
            pair_counts([1], [1, 2])
        with pytest.raises(ValueError, match="or 0 for a loss"):
            pair_counts([0.25, 1], [1, 1])
        with pytest.raises(ValueError, match="a pair is two games"):
            pair_counts([1, 1, 1], [4, 4, 4])


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1, 2], "3 of games or 5 of pairs"),
        ([1, 2, -1], "whole numbers from 0"),
        ([1, 2, 0.5], "whole numbers from 0"),
        ([1, 2, math.nan], "whole numbers from 0"),
        ([0, 0, 0], "without any games"),
    ],
)
def test_wrong_counts(counts, message):
    with pytest.raises(ValueError, match=message):
        elo_difference(counts)


def test_wrong_confidence():
    with pytest.raises(ValueError, match="between 0 and 1, not 95"):
        elo_difference(PAIRS, confidence=95)
