import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from eval.bradley_terry import ELO, cluster_bradley_terry
from eval.ranks import rank_intervals
from eval.teams import rate_teams

TINY = 1e-7  # a prior that moves nothing


def free_for_all(seed, games, strength, draws=False):
    """Rankings of all agents by Plackett and Luce's model: the largest of strength plus Gumbel noise is first."""
    rng = np.random.default_rng(seed)
    n = len(strength)
    score = strength + rng.gumbel(size=(games, n))
    if draws:
        score = np.round(score)
    return np.repeat(np.arange(games), n), np.tile(np.arange(n), games), np.tile(np.arange(n), games), score.ravel()


class TestTwoSingles:
    def test_they_are_bradley_and_terry(self):
        """Games of two teams of one agent, from both functions."""
        rng = np.random.default_rng(1)
        first = rng.integers(4, size=150)
        second = (first + 1 + rng.integers(3, size=150)) % 4
        score = rng.integers(3, size=150) / 2
        pairs = np.repeat(np.arange(75), 2)
        expected = cluster_bradley_terry(first, second, score, pairs, anchor=(2, 100.0))
        found = rate_teams(
            np.repeat(np.arange(150), 2),
            np.tile([0, 1], 150),
            np.stack([first, second], axis=1).ravel(),
            np.stack([score, 1 - score], axis=1).ravel(),
            np.repeat(pairs, 2),
            prior=TINY,
            anchor=(2, 100.0),
        )
        np.testing.assert_allclose(found.rating, expected.rating, atol=1e-3)
        np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-4, atol=1e-3)
        np.testing.assert_allclose([found.low, found.high], [expected.low, expected.high], atol=1e-2)
        assert found.games.tolist() == expected.games.tolist()
        assert found.log_likelihood == pytest.approx(expected.log_likelihood, abs=1e-4)
        assert (found.error[2], found.rating[2], found.anchor, found.member) == (0.0, 100.0, {2: 100.0}, None)

    def test_the_prior_by_hand(self):
        """Ten wins and nothing else, with one virtual draw each: both strengths are plus and minus x."""
        found = rate_teams(np.repeat(np.arange(10), 2), [0, 1] * 10, [0, 1] * 10, [1, 0] * 10, prior=0.5)
        x = found.difference(0, 1)[0] / ELO / 2
        # what the virtual games pull each agent by is what the real ones do
        assert 10 / (1 + math.exp(2 * x)) == pytest.approx(math.tanh(x / 2) / 2, rel=1e-6)


class TestFreeForAll:
    def test_strengths_come_back(self):
        truth = np.array([0.9, 0.3, -0.2, -1.0])
        found = rate_teams(*free_for_all(0, 3000, truth))
        assert np.all(np.abs(found.rating - ELO * truth) < 3.5 * found.error)
        assert found.error.max() < 0.05 * ELO
        assert rank_intervals(found).low.tolist() == [1, 2, 3, 4]

    def test_it_is_near_to_the_likelihood_of_plackett_and_luce(self):
        seats = free_for_all(3, 400, np.array([0.5, 0.0, -0.5]))
        orders = np.argsort(-seats[3].reshape(-1, 3), axis=1)

        def loss(x):
            strength = np.append(x, -x.sum())[orders]
            return -np.sum(strength[:, :2]) + sum(np.logaddexp.reduce(strength[:, k:], axis=1).sum() for k in range(2))

        best = minimize(loss, np.zeros(2)).x
        found = rate_teams(*seats, prior=TINY)
        np.testing.assert_allclose(found.rating[:2], ELO * best, atol=0.3 * found.error.max())

    @pytest.mark.parametrize("draws", [False, True])
    def test_the_errors_cover_the_truth(self, draws):
        """Comparisons of one game taken for independent would cover far less."""
        truth = np.array([0.6, 0.2, 0.0, -0.8])
        if draws:  # rounding moves the mean of what is fitted, so ask for what very many games give
            truth = rate_teams(*free_for_all(99, 60_000, truth, draws)).rating / ELO
        covered = 0
        for seed in range(250):
            difference, error = rate_teams(
                *free_for_all(seed, 60, np.array([0.6, 0.2, 0.0, -0.8]), draws), prior=0.01
            ).difference(0, 3)
            covered += abs(difference - ELO * (truth[0] - truth[3])) < 1.959964 * error
        assert 0.90 < covered / 250 < 0.99

    def test_a_game_of_many_weighs_as_much_for_a_team_as_a_game_of_two(self):
        """The winner of a game of three won against both of the others, at half the weight."""
        three = rate_teams([0, 0, 0, 1, 1, 1], [0, 1, 2] * 2, [0, 1, 2] * 2, [2, 1, 1, 2, 1, 1])
        pairs = rate_teams(np.repeat([0, 1, 2], 2), [0, 1] * 3, [0, 1, 0, 2, 1, 2], [1, 0, 1, 0, 0, 0])
        np.testing.assert_allclose(three.rating, pairs.rating, atol=1e-8)

    def test_games_of_one_team_say_nothing(self):
        seats = [0, 0, 1, 1, 2], [0, 1, 0, 1, 0], [0, 1, 1, 0, 0], [1, 0, 1, 0, 9]
        found = rate_teams(*seats)
        np.testing.assert_allclose(found.rating, 0, atol=1e-9)
        assert found.games.tolist() == [3, 2]
        alone = rate_teams([0, 1], [0, 0], [0, 1], [5, 3])
        np.testing.assert_allclose(alone.rating, 0, atol=1e-9)


class TestTeams:
    def played(self, seed, games, strength, sizes, worth=0.0):
        """Games of two teams with members drawn at random; a team is as strong as the sum of its members."""
        rng = np.random.default_rng(seed)
        rows = []
        for game in range(games):
            members = rng.permutation(len(strength))
            first, second = (members[: sizes[game % 2]], members[-sizes[1 - game % 2] :])
            delta = sum(strength[a] + worth for a in first) - sum(strength[a] + worth for a in second)
            won = rng.random() < 1 / (1 + math.exp(-delta))
            rows += [(game, 0, a, float(won)) for a in first] + [(game, 1, a, float(not won)) for a in second]
        return tuple(np.array(column) for column in zip(*rows, strict=True))

    def test_members_are_told_apart(self):
        truth = np.array([0.8, 0.4, 0.0, -0.2, -1.0])
        found = rate_teams(*self.played(0, 3000, truth, (2, 2)))
        assert np.all(np.abs(found.rating - ELO * truth) < 3.5 * found.error)
        assert found.member is None

    def test_the_worth_of_a_member(self):
        truth = np.array([0.5, 0.2, -0.2, -0.5])
        found = rate_teams(*self.played(1, 3000, truth, (2, 1), worth=0.4))
        assert np.all(np.abs(found.rating - ELO * truth) < 3.5 * found.error)
        assert abs(found.member.value - ELO * 0.4) < 3.5 * found.member.error
        assert found.member.error < 0.1 * ELO

    def test_means_know_no_size(self):
        """Ten agents of one strength, four against one: even chances."""
        rng = np.random.default_rng(0)
        seats = np.tile([0, 1, 1, 1, 1], 400)
        won = rng.random(400) < 0.5
        score = np.where(seats == 0, np.repeat(won, 5), np.repeat(~won, 5))
        agent = np.concatenate([rng.permutation(5) for _ in range(400)])
        found = rate_teams(np.repeat(np.arange(400), 5), seats, agent, score, strength="mean")
        assert found.member is None
        assert np.all(np.abs(found.rating) < 3.5 * found.error)

    def test_those_who_always_play_together_share_a_rating_and_the_doubt(self):
        found = rate_teams(
            np.repeat(np.arange(40), 4),
            [0, 0, 1, 1] * 40,
            [0, 1, 2, 3] * 40,
            np.repeat([[1, 1, 0, 0], [0, 0, 1, 1]], 20, 0).ravel(),
        )
        np.testing.assert_allclose(found.rating, 0, atol=1e-9)
        assert found.difference(0, 1)[1] > 300  # all that is known of it is the prior
        assert found.difference(0, 1)[1] > 3 * np.sqrt(2 * found.covariance[:2, :2].sum() / 4)

    def test_against_a_slow_reference(self):
        """The likelihood with loops over games, by a general minimiser."""
        game, team, agent, score = self.played(5, 40, np.zeros(5), (2, 1))
        score = np.where(game % 5 == 0, 0.5, score)

        def loss(x):
            total = 0.0
            for g in range(40):
                here = game == g
                strength = [sum(x[a] for a in agent[here & (team == t)]) for t in (0, 1)]
                result = score[here & (team == 0)][0]
                delta = strength[0] - strength[1]
                total += result * math.log1p(math.exp(-delta)) + (1 - result) * math.log1p(math.exp(delta))
            return total + 0.5 * np.sum(np.log1p(np.exp(-x)) + np.log1p(np.exp(x)))

        best = minimize(loss, np.zeros(5), tol=1e-10)
        found = rate_teams(game, team, agent, score)
        np.testing.assert_allclose(found.rating, ELO * (best.x - best.x.mean()), atol=1e-2)
        assert found.member.value == pytest.approx(ELO * best.x.mean(), abs=1e-2)
        assert found.log_likelihood == pytest.approx(-best.fun)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 1000), st.permutations(range(4)))
def test_names_and_order_do_not_matter(seed, order):
    game, team, agent, score = free_for_all(seed, 12, np.zeros(4), draws=True)
    order, shuffled = np.array(order), np.random.default_rng(seed).permutation(len(game))
    plain = rate_teams(game, team, agent, score)
    moved = rate_teams(game[shuffled] * 3 + 5, 9 - team[shuffled], order[agent[shuffled]], score[shuffled] * 2 + 1)
    np.testing.assert_allclose(moved.rating[order], plain.rating, atol=1e-7)
    np.testing.assert_allclose(moved.error[order], plain.error, atol=1e-7)


@pytest.mark.parametrize(
    ("seats", "options", "message"),
    [
        (([], [], [], []), {}, "there must be seats"),
        (([0, 0], [0, 1], [0, 1], [1]), {}, "of one length"),
        (([0, 0, 1, 1], [0, 0, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]), {}, "one score"),
        (([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1], [1, math.nan, 1, 0]), {}, "a finite one"),
        (([0, 0], [0, 1], [0, 1], [1, 0]), {}, "single cluster"),
        (([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 2, 2]), {}, "one cluster"),
        (([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]), {"agents": 1}, "0 to 0"),
        (([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]), {"anchor": (2, 0.0)}, "agent from 0 to 1"),
        (([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]), {"prior": 0}, "above 0"),
        (([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]), {"strength": "max"}, "'sum' or 'mean'"),
        (([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]), {"confidence": 95}, "between 0 and 1"),
    ],
)
def test_wrong_input(seats, options, message):
    with pytest.raises(ValueError, match=message):
        rate_teams(*seats, **options)
