import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from games import InputError
from league.matchmakers import PFSP, Pool
from league.matchmakers.pfsp import probabilities
from league.payoff import PayoffTable

WEIGHTINGS = ["squared", "variance", "linear", "linear_capped"]


class TestProbabilities:
    rates = np.array([0.0, 0.25, 0.75, 1.0])

    @pytest.mark.parametrize(
        ("weighting", "expected"),
        [
            ("squared", [16 / 26, 9 / 26, 1 / 26, 0]),
            ("variance", [0, 1 / 2, 1 / 2, 0]),
            ("linear", [4 / 8, 3 / 8, 1 / 8, 0]),
            ("linear_capped", [2 / 5, 2 / 5, 1 / 5, 0]),
        ],
    )
    def test_by_hand(self, weighting, expected):
        np.testing.assert_allclose(probabilities(self.rates, weighting), expected)
        mixed = 0.8 * np.array(expected) + 0.2 / 4
        np.testing.assert_allclose(probabilities(self.rates, weighting, 0.2), mixed)

    @pytest.mark.parametrize("weighting", WEIGHTINGS)
    def test_even_when_all_are_always_beaten(self, weighting):
        np.testing.assert_array_equal(probabilities(np.ones(5), weighting, 0.3), np.full(5, 0.2))
        np.testing.assert_array_equal(probabilities(np.full(5, 1 - 1e-12), weighting), np.full(5, 0.2))

    def test_variance_is_even_when_nothing_is_in_doubt(self):
        np.testing.assert_array_equal(probabilities(np.array([0.0, 1.0]), "variance"), [0.5, 0.5])

    @pytest.mark.parametrize("weighting", WEIGHTINGS)
    def test_one_unbeaten_opponent_takes_all_but_the_floor(self, weighting):
        rates = np.array([1.0, 1.0, 0.5, 1.0])
        np.testing.assert_allclose(probabilities(rates, weighting), [0, 0, 1, 0])
        assert probabilities(rates, weighting, 0.1).min() == pytest.approx(0.1 / 4)

    @settings(deadline=None, derandomize=True)
    @given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from(WEIGHTINGS), st.floats(0, 1))
    def test_they_are_probabilities_and_keep_the_floor(self, rates, weighting, epsilon):
        likely = probabilities(np.array(rates), weighting, epsilon)
        assert likely.sum() == pytest.approx(1.0)
        assert likely.min() >= epsilon / len(rates) * (1 - 1e-12)

    @settings(deadline=None, derandomize=True)
    @given(st.lists(st.floats(0, 1), min_size=2, max_size=30), st.sampled_from(["squared", "linear", "linear_capped"]))
    def test_who_beats_us_more_is_never_met_less(self, rates, weighting):
        likely = probabilities(np.sort(rates), weighting)
        assert np.all(np.diff(likely) <= 1e-12)


class TestPFSP:
    def pool(self):
        """The learner scored 3 of 4 against s1, 1 of 4 against s2, and never met s3 or the bot."""
        table = PayoffTable()
        for k in range(4):
            table.update("me", "s1", float(k < 3))
            table.update("s2", "me", float(k < 3))
        return Pool({"me": "main"}, {"s1": "me", "s2": "me", "s3": "me"}, ("bot",), table)

    def test_draws_follow_the_payoff_table(self):
        pool = self.pool()
        maker = PFSP(weighting="squared", epsilon=0.2, self_play=0.25)
        drawn = maker.opponents("me", 20_000, pool, np.random.default_rng(2))[0].opponents
        weights = np.array([1, 9, 4, 4]) / 18
        expected = [0.25, *(0.75 * (0.8 * weights + 0.2 / 4))]
        counts = [drawn.count(name) for name in ("me", *pool.frozen)]
        assert sum(counts) == 20_000
        assert chisquare(counts, 20_000 * np.array(expected)).pvalue > 0.01

    def test_the_ends_of_the_self_play_share(self):
        rng = np.random.default_rng(0)
        assert set(PFSP(self_play=1).opponents("me", 50, self.pool(), rng)[0].opponents) == {"me"}
        assert "me" not in PFSP(self_play=0).opponents("me", 50, self.pool(), rng)[0].opponents

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"weighting": "square"}, r"unknown pfsp weighting 'square'; did you mean 'squared'\? \(known: squared, "),
            ({"weighting": 2}, "unknown pfsp weighting 2 "),
            ({"epsilon": 1.5}, r"pfsp epsilon must be a number from 0 to 1, not 1\.5"),
            ({"epsilon": float("nan")}, "pfsp epsilon must be"),
            ({"self_play": -0.1}, "pfsp self_play must be a number from 0 to 1"),
            ({"self_play": True}, "pfsp self_play must be a number from 0 to 1, not True"),
            ({"epsilon": "0.1"}, r"not '0\.1'"),
        ],
    )
    def test_wrong_options(self, options, message):
        with pytest.raises(InputError, match=message):
            PFSP(**options)
