import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from eval.bradley_terry import bootstrap_bradley_terry, fit_bradley_terry
from eval.ranks import rank_intervals

WINS = [[0, 7, 9, 8], [3, 0, 6, 7], [1, 4, 0, 6], [2, 3, 4, 0]]


def ratings_of(rating, covariance, samples=None):
    """Ratings with these numbers, whatever results might have given them."""
    return replace(
        fit_bradley_terry(WINS),
        rating=np.asarray(rating, float),
        covariance=np.asarray(covariance, float),
        samples=samples,
    )


def slow_holm(rating, covariance, confidence):
    """Holm's rule as it is told: the smallest chance first, against an ever larger share, until the first that fails."""
    n = len(rating)
    tests = []
    for i in range(n):
        for j in range(n):
            if rating[i] > rating[j]:
                error = math.sqrt(covariance[i][i] + covariance[j][j] - 2 * covariance[i][j])
                tests.append((2 * ndtr(-(rating[i] - rating[j]) / error), i, j))
    low, high = [1] * n, [n] * n
    for k, (chance, i, j) in enumerate(sorted(tests)):
        if chance > (1 - confidence) / (n * (n - 1) / 2 - k):
            break
        low[j] += 1
        high[i] -= 1
    return low, high


class TestHolm:
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(st.integers(0, 1000), st.integers(2, 8), st.sampled_from([0.5, 0.9, 0.95]))
    def test_against_a_slow_reference(self, seed, n, confidence):
        rng = np.random.default_rng(seed)
        root = rng.normal(size=(n, n)) * 30
        rating, covariance = rng.normal(size=n) * 150, root @ root.T
        found = rank_intervals(ratings_of(rating, covariance), confidence=confidence)
        low, high = slow_holm(rating, covariance, confidence)
        assert (found.low.tolist(), found.high.tolist()) == (low, high)
        assert np.all((found.low <= found.rank) & (found.rank <= found.high))
        assert (found.method, found.confidence) == ("holm", confidence)

    def test_clear_differences_give_one_rank_each(self):
        found = rank_intervals(ratings_of([0, 300, -300], np.eye(3)))
        assert found.rank.tolist() == found.low.tolist() == found.high.tolist() == [2, 1, 3]
        assert found.better.tolist() == [[False, False, True], [True, False, True], [False, False, False]]

    def test_no_differences_give_all_ranks(self):
        found = rank_intervals(fit_bradley_terry(np.ones((4, 4)) - np.eye(4)))
        assert (found.low.tolist(), found.high.tolist()) == ([1] * 4, [4] * 4)

    def test_equal_ratings_share_the_better_rank(self):
        assert rank_intervals(ratings_of([5, 7, 7, 1], np.eye(4))).rank.tolist() == [3, 1, 1, 4]

    def test_errors_that_go_together_cancel(self):
        """Both ratings are unsure by 100 points, their difference by 1."""
        together = np.full((2, 2), 1e4) + 0.5 * np.eye(2)
        assert rank_intervals(ratings_of([0, 10], together)).low.tolist() == [2, 1]
        assert rank_intervals(ratings_of([0, 10], np.diag([1e4, 1e4]))).low.tolist() == [1, 1]

    def test_anchors_are_known_exactly(self):
        found = rank_intervals(fit_bradley_terry(WINS, anchor={0: 1.0, 1: 0.0}))
        assert found.better[0, 1]
        assert not found.better[1, 0]


class TestMaxT:
    def test_two_agents_by_hand(self):
        """The difference is 2; of 100 resamples the deviations are 0.02, 0.04 and so on, to both sides in turn."""
        deviations = 0.02 * np.arange(1, 101) * np.where(np.arange(100) % 2, 1, -1)
        samples = np.stack([2 + deviations, np.zeros(100)], axis=1)
        ratings = ratings_of([2, 0], np.diag([1, 0]), samples)
        assert rank_intervals(ratings, confidence=0.99).low.tolist() == [1, 2]
        assert rank_intervals(replace(ratings, rating=np.array([1.9, 0])), confidence=0.99).low.tolist() == [1, 1]

    def test_bootstrap_of_games(self):
        first, second, score = [], [], []
        for i in range(4):
            for j in range(4):
                first += [i] * (60 * WINS[i][j])
                second += [j] * (60 * WINS[i][j])
                score += [1.0] * (60 * WINS[i][j])
        boot = bootstrap_bradley_terry(first, second, score, samples=200)
        found = rank_intervals(boot)
        assert found.method == "max-t"
        assert found.low.tolist() == found.high.tolist() == [1, 2, 3, 4]

    def test_it_needs_no_more_than_holm_where_agents_hang_together(self):
        """Ten agents against one strong anchor: the differences to it share its error."""
        rng = np.random.default_rng(0)
        covariance = np.eye(11)
        covariance[0, 0] = 50.0
        rating = np.append(0.0, np.full(10, -23.3))
        samples = rating + rng.multivariate_normal(np.zeros(11), covariance, size=4000)
        assert rank_intervals(ratings_of(rating, covariance, samples)).high[0] == 1
        assert rank_intervals(ratings_of(rating, covariance)).high[0] == 11


@pytest.mark.parametrize("resampled", [False, True])
def test_false_claims_are_as_rare_as_promised(resampled):
    """Six equal agents, 500 tournaments: in about 5 % any claim is made, at most 3.3 standard errors more."""
    rng = np.random.default_rng(3)
    covariance = np.eye(6) - 1 / 6
    noise = rng.multivariate_normal(np.zeros(6), covariance, size=(500, 301))
    claims = 0
    for rating, *resamples in noise:
        samples = rating + np.array(resamples) if resampled else None
        claims += rank_intervals(ratings_of(rating, covariance, samples)).better.any()
    assert 0.01 < claims / 500 < 0.082


def test_wrong_confidence():
    with pytest.raises(ValueError, match="between 0 and 1, not 95"):
        rank_intervals(fit_bradley_terry(WINS), confidence=95)
