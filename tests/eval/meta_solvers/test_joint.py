import numpy as np
import pytest

from eval.meta_solvers import cce, marginals, opponents_given, rectified, symmetric_payoffs, uniform
from eval.meta_solvers.joint import checked_payoffs


def test_marginals_and_opponents(random_game):
    joint = np.random.default_rng(0).random((2, 3, 4))
    joint /= joint.sum()
    first, second, third = marginals(joint)
    np.testing.assert_allclose(first, [joint[0].sum(), joint[1].sum()])
    np.testing.assert_allclose(second, [joint[:, j].sum() for j in range(3)])
    np.testing.assert_allclose(third, [joint[:, :, k].sum() for k in range(4)])
    np.testing.assert_allclose(opponents_given(joint, 1), joint[:, 0] + joint[:, 1] + joint[:, 2])
    two = joint[0] / joint[0].sum()
    np.testing.assert_allclose(opponents_given(two, 0), marginals(two)[1])


def test_symmetric_games(games):
    np.testing.assert_array_equal(symmetric_payoffs([[3, 0], [5, 1]]), games["prisoners"])
    np.testing.assert_array_equal(symmetric_payoffs(games["rps"][0]), games["rps"])
    with pytest.raises(ValueError, match="square table"):
        symmetric_payoffs([[0, 1]])


def test_uniform(games):
    np.testing.assert_allclose(uniform(games["minority"]), 1 / 8)
    np.testing.assert_allclose(uniform(games["uneven"]), [[1 / 3, 1 / 3, 1 / 3]])


class TestRectified:
    def test_only_those_that_are_not_lost_to(self, games):
        rps = games["rps"]
        joint = np.outer([0.5, 0.3, 0.2], [0.5, 0.3, 0.2])
        np.testing.assert_allclose(rectified(joint, rps, 0, 0), [0.5 / 0.7, 0, 0.2 / 0.7])  # a rock leaves out paper
        np.testing.assert_allclose(rectified(joint, rps, 1, 0), [0.5 / 0.7, 0, 0.2 / 0.7])
        np.testing.assert_allclose(rectified(joint, rps, 0, 1), [0.5 / 0.8, 0.3 / 0.8, 0])

    def test_who_loses_to_all_meets_all(self, games):
        joint = np.outer([1, 0, 0], [0, 1, 0])  # the others only play paper
        np.testing.assert_allclose(rectified(joint, games["rps"], 0, 0), [0, 1, 0])

    def test_what_counts_is_the_mean_over_players(self, games):
        """Whoever is in the minority earns more than the mean; where all agree, all earn the mean."""
        kept = rectified(np.full((2, 2, 2), 1 / 8), games["minority"], 1, 0)
        np.testing.assert_allclose(kept, [[0.5, 0], [0, 0.5]])

    def test_scores_and_noise_of_rounding_are_ties(self):
        scores = np.stack([np.full((2, 2), 0.1 + 0.2), np.full((2, 2), 0.3)])  # 0.30000000000000004 and 0.3
        np.testing.assert_allclose(rectified(np.full((2, 2), 0.25), scores, 1, 0), [0.5, 0.5])

    def test_correlation_of_the_others_is_kept(self, games):
        joint = cce(games["together"], select="welfare")
        np.testing.assert_allclose(joint[1, 1, 1], 1, atol=1e-7)
        np.testing.assert_allclose(rectified(joint, games["together"], 0, 0), [[0, 0], [0, 1]], atol=1e-7)


def test_payoffs_with_gaps_or_of_other_shapes_are_refused():
    for bad in (np.zeros((2, 2)), np.zeros((3, 2, 2)), np.zeros(2), np.zeros((2, 0, 1))):
        with pytest.raises(ValueError, match=r"shape \[players, n_1, ..., n_k\]"):
            checked_payoffs(bad)
    with pytest.raises(ValueError, match="every profile of policies must have been played"):
        uniform([[[0, np.nan]], [[0, 0]]])
