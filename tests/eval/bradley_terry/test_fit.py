"""The golden values come from independent programs, the errors also from arithmetic of 40 digits."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.bradley_terry import (
    ELO,
    Disconnected,
    fit_bradley_terry,
)
from eval.matches import aggregate

WINS = [[0, 7, 9, 8], [3, 0, 6, 7], [1, 4, 0, 6], [2, 3, 4, 0]]
RATING = [184.942215, 16.677988, -80.532609, -121.087594]

WINS_WITH_DRAWS = [[0, 5, 7, 6], [2, 0, 4, 5], [1, 2, 0, 4], [1, 2, 2, 0]]
DRAWS = [[0, 3, 2, 3], [3, 0, 4, 3], [2, 4, 0, 4], [3, 3, 4, 0]]

GOLDEN = {"rtol": 0, "atol": 1.01e-6}


class TestGolden:
    def test_ratings_and_fisher_errors_without_draws(self):
        ratings = fit_bradley_terry(WINS)
        assert ratings.method == "fisher"
        np.testing.assert_allclose(ratings.rating, RATING, **GOLDEN)
        np.testing.assert_allclose(ratings.error, [60.256711, 51.317723, 52.514151, 54.361776], **GOLDEN)
        assert ratings.log_likelihood == pytest.approx(-34.359751, abs=1e-6)
        assert ratings.difference(0, 3) == pytest.approx((RATING[0] - RATING[3], 96.865590), abs=2e-6)
        assert ratings.games.tolist() == [30, 30, 30, 30]

    def test_an_anchor_shifts_ratings_and_takes_all_doubt_from_itself(self):
        ratings = fit_bradley_terry(WINS, anchor=(3, 1000.0))
        np.testing.assert_allclose(ratings.rating, [1306.029809, 1137.765582, 1040.554985, 1000], **GOLDEN)
        np.testing.assert_allclose(ratings.error, [96.865590, 85.568375, 84.221376, 0], **GOLDEN)
        assert ratings.low[3] == ratings.high[3] == 1000.0

    def test_sandwich_errors_without_draws(self):
        ratings = fit_bradley_terry(WINS, method="sandwich")
        np.testing.assert_allclose(ratings.error, [60.210556, 51.983293, 50.148419, 56.059521], **GOLDEN)

    def test_draws_are_half_wins_and_ask_for_the_sandwich(self):
        ratings = fit_bradley_terry(WINS_WITH_DRAWS, DRAWS)
        assert ratings.method == "sandwich"
        np.testing.assert_allclose(ratings.rating, [133.964268, 17.547908, -56.619587, -94.892589], **GOLDEN)
        np.testing.assert_allclose(ratings.error, [43.937105, 39.959884, 38.528241, 41.440521], **GOLDEN)

    def test_fisher_errors_with_draws_are_too_wide(self):
        ratings = fit_bradley_terry(WINS_WITH_DRAWS, DRAWS, method="fisher")
        np.testing.assert_allclose(ratings.error, [54.273093, 49.663454, 50.300177, 51.709975], **GOLDEN)

    def test_a_prior_keeps_an_unbeaten_agent_finite(self):
        two = fit_bradley_terry([[0, 10], [0, 0]], prior=0.5)
        assert two.rating[0] - two.rating[1] == pytest.approx(528.887718, abs=1e-6)
        three = fit_bradley_terry([[0, 10, 10], [0, 0, 6], [0, 4, 0]], prior=0.5)
        np.testing.assert_allclose(three.rating, [354.087770, -147.707938, -206.379831], **GOLDEN)
        assert three.components == ((1, 2), (0,))


def slow_ratings(score):
    """Minorisation-maximisation in plain Python (Hunter 2004): slow, and sharing nothing with Newton's method."""
    n = len(score)
    strength = [1.0] * n
    for _ in range(20_000):
        fresh = []
        for i in range(n):
            pull = sum((score[i][j] + score[j][i]) / (strength[i] + strength[j]) for j in range(n) if j != i)
            fresh.append(sum(score[i]) / pull)
        scale = math.exp(sum(map(math.log, fresh)) / n)
        fresh = [s / scale for s in fresh]
        moved = max(abs(a - b) / b for a, b in zip(fresh, strength, strict=True))
        strength = fresh
        if moved < 1e-13:
            break
    return [400.0 * math.log10(s) for s in strength]


@st.composite
def tables(draw):
    n = draw(st.integers(2, 6))
    count = st.integers(0, 20)
    wins = [[0 if i == j else draw(count) for j in range(n)] for i in range(n)]
    draws = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            draws[i][j] = draws[j][i] = draw(st.integers(0, 5))
    for i in range(n):  # a ring of wins makes the maximum exist
        wins[i][(i + 1) % n] += 1
    return np.array(wins, float), np.array(draws, float)


class TestAgainstSlowReferences:
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(tables())
    def test_ratings(self, table):
        wins, draws = table
        expected = slow_ratings((wins + draws / 2).tolist())
        np.testing.assert_allclose(fit_bradley_terry(wins, draws).rating, expected, atol=1e-4)

    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(tables(), st.randoms(use_true_random=False))
    def test_order_of_agents_does_not_matter(self, table, random):
        wins, draws = table
        order = list(range(len(wins)))
        random.shuffle(order)
        plain = fit_bradley_terry(wins, draws)
        moved = fit_bradley_terry(wins[np.ix_(order, order)], draws[np.ix_(order, order)])
        np.testing.assert_allclose(moved.rating, plain.rating[order], atol=1e-6)
        np.testing.assert_allclose(moved.error, plain.error[order], atol=1e-6)

    def test_anchored_errors_are_those_of_the_reduced_information(self):
        ratings = fit_bradley_terry(WINS, anchor=(1, 0.0))
        x = ratings.rating / ELO
        total = np.array(WINS) + np.array(WINS).T
        p = 1 / (1 + np.exp(x[None, :] - x[:, None]))
        weight = total * p * (1 - p)
        information = np.diag(weight.sum(axis=1)) - weight
        rest = [0, 2, 3]
        expected = ELO * np.sqrt(np.diag(np.linalg.inv(information[np.ix_(rest, rest)])))
        np.testing.assert_allclose(ratings.error[rest], expected, rtol=1e-9)

    def test_differences_do_not_depend_on_the_anchor(self):
        plain, anchored = fit_bradley_terry(WINS), fit_bradley_terry(WINS, anchor=(2, 300.0))
        for i, j in [(0, 1), (1, 3), (2, 0)]:
            assert plain.difference(i, j) == pytest.approx(anchored.difference(i, j), abs=1e-9)
            assert plain.better(i, j) == pytest.approx(anchored.better(i, j), abs=1e-12)

    def test_probability_of_being_better(self):
        ratings = fit_bradley_terry(WINS)
        difference, error = ratings.difference(0, 1)
        assert ratings.better(0, 1) == pytest.approx(0.5 * (1 + math.erf(difference / error / math.sqrt(2))))
        assert ratings.better(0, 1) + ratings.better(1, 0) == pytest.approx(1.0)
        assert ratings.better(2, 2) == 0.5


class TestIntervals:
    def test_they_are_normal(self):
        ratings = fit_bradley_terry(WINS, confidence=0.9)
        np.testing.assert_allclose(ratings.high - ratings.rating, 1.6448536 * ratings.error, rtol=1e-6)
        np.testing.assert_allclose(ratings.rating - ratings.low, 1.6448536 * ratings.error, rtol=1e-6)

    @pytest.mark.parametrize("drawn", [0.0, 0.4])
    def test_they_cover_the_truth_as_often_as_they_say(self, drawn):
        """400 tournaments of known strengths: 95 % intervals of differences cover 95 % +- 3.3 standard errors."""
        rng = np.random.default_rng(7)
        truth = np.array([0.6, 0.2, -0.1, -0.7])
        covered = 0
        for _ in range(400):
            wins, draws = np.zeros((4, 4)), np.zeros((4, 4))
            for i in range(4):
                for j in range(i):
                    mean = 1 / (1 + np.exp(truth[j] - truth[i]))
                    half = min(mean, 1 - mean) * drawn  # a draw takes half from each side, so the mean stays
                    w, d, lost = rng.multinomial(60, [mean - half, 2 * half, 1 - mean - half])
                    wins[i, j], wins[j, i], draws[i, j], draws[j, i] = w, lost, d, d
            difference, error = fit_bradley_terry(wins, draws).difference(0, 3)
            covered += abs(difference - ELO * (truth[0] - truth[3])) < 1.959964 * error
        assert 0.914 < covered / 400 < 0.986


class TestExtremes:
    def test_agents_far_apart_converge(self):
        wins = np.zeros((3, 3))
        wins[0, 1], wins[1, 0], wins[1, 2], wins[2, 1] = 1e6, 1, 1e6, 1
        np.testing.assert_allclose(fit_bradley_terry(wins).rating, [2400, 0, -2400], atol=1e-6)

    def test_where_full_newton_steps_run_away(self):
        """At the maximum every agent's expected score is its score; whole steps never get there."""
        wins = np.array([[0, 0, 1e4, 1e4], [1, 0, 1e4, 1], [0, 0, 0, 1], [1, 10, 0, 0]])
        x = fit_bradley_terry(wins).rating / ELO
        expected = (wins + wins.T) / (1 + np.exp(x[None, :] - x[:, None]))
        np.testing.assert_allclose(expected.sum(axis=1), wins.sum(axis=1), atol=1e-6)


class TestDrawRules:
    def test_rao_kupper(self):
        ratings = fit_bradley_terry(WINS_WITH_DRAWS, DRAWS, rule="rao-kupper")
        np.testing.assert_allclose(ratings.rating, [154.110689, 19.675778, -66.420392, -107.366075], **GOLDEN)
        assert ratings.draw.value == pytest.approx(137.215979, abs=1e-6)
        assert ratings.log_likelihood == pytest.approx(-59.188971, abs=1e-6)
        assert ratings.method == "fisher"
        assert "Rao" in ratings.scale

    def test_davidson(self):
        ratings = fit_bradley_terry(WINS_WITH_DRAWS, DRAWS, rule="davidson")
        np.testing.assert_allclose(ratings.rating, [210.949753, 27.325692, -89.046847, -149.228599], **GOLDEN)
        assert ratings.draw.value == pytest.approx(1.112406, abs=1e-6)
        assert ratings.log_likelihood == pytest.approx(-59.226680, abs=1e-6)

    def test_two_agents_by_hand(self):
        """Two agents' three outcomes are fitted exactly, so the parameters follow from the frequencies."""
        won, drawn, lost = 50, 30, 20
        tables = [[0, won], [lost, 0]], [[0, drawn], [drawn, 0]]
        rao, davidson = (fit_bradley_terry(*tables, rule=rule) for rule in ("rao-kupper", "davidson"))
        win, loss = (math.log(k / (100 - k)) for k in (won, lost))
        assert rao.difference(0, 1)[0] == pytest.approx(ELO * (win - loss) / 2)
        assert rao.draw.value == pytest.approx(-ELO * (win + loss) / 2)
        assert davidson.difference(0, 1)[0] == pytest.approx(ELO * math.log(won / lost))
        # the delta method on ln(won / lost) and ln(drawn) - ln(won * lost) / 2
        assert davidson.difference(0, 1)[1] == pytest.approx(ELO * math.sqrt(1 / won + 1 / lost))
        nu = drawn / math.sqrt(won * lost)
        assert davidson.draw.value == pytest.approx(nu)
        assert davidson.draw.error == pytest.approx(nu * math.sqrt(1 / drawn + 1 / won / 4 + 1 / lost / 4))

    @pytest.mark.parametrize("rule", ["rao-kupper", "davidson"])
    def test_some_games_must_be_drawn_and_some_not(self, rule):
        with pytest.raises(ValueError, match="needs some games that were drawn"):
            fit_bradley_terry(WINS, rule=rule)
        with pytest.raises(ValueError, match="needs some games that were drawn"):
            fit_bradley_terry(np.zeros((2, 2)), [[0, 9], [9, 0]], rule=rule)

    @pytest.mark.parametrize("rule", ["rao-kupper", "davidson"])
    def test_without_losses_there_is_no_maximum(self, rule):
        """Draws tie the two together where they count half; here, losses may become ever rarer."""
        tables = [[0, 5], [0, 0]], [[0, 5], [5, 0]]
        assert np.isfinite(fit_bradley_terry(*tables).rating).all()
        with pytest.raises(ValueError, match="do not fix the frequency of draws"):
            fit_bradley_terry(*tables, rule=rule)
        assert np.isfinite(fit_bradley_terry(*tables, rule=rule, prior=0.5).rating).all()


class TestAnchors:
    def test_several_keep_their_ratings_and_have_no_error(self):
        ratings = fit_bradley_terry(WINS, anchor={0: 100.0, 3: -300.0})
        assert ratings.rating[[0, 3]].tolist() == [100.0, -300.0]
        assert ratings.error[[0, 3]].tolist() == [0.0, 0.0]
        assert ratings.anchor == {0: 100.0, 3: -300.0}
        x = ratings.rating / ELO
        total = np.array(WINS) + np.array(WINS).T
        p = 1 / (1 + np.exp(x[None, :] - x[:, None]))
        np.testing.assert_allclose((total * p).sum(axis=1)[[1, 2]], np.sum(WINS, axis=1)[[1, 2]], atol=1e-8)
        weight = total * p * (1 - p)
        information = np.diag(weight.sum(axis=1)) - weight
        expected = ELO**2 * np.linalg.inv(information[1:3, 1:3])
        np.testing.assert_allclose(ratings.covariance[1:3, 1:3], expected, rtol=1e-9)

    def test_where_they_are_right_the_others_stay(self):
        plain = fit_bradley_terry(WINS)
        held = fit_bradley_terry(WINS, anchor={1: plain.rating[1], 2: plain.rating[2]})
        np.testing.assert_allclose(held.rating, plain.rating, atol=1e-7)

    def test_they_relate_groups_that_never_met(self):
        wins = np.zeros((4, 4))
        wins[0, 1], wins[1, 0], wins[2, 3], wins[3, 2] = 10, 1, 1, 1
        with pytest.raises(Disconnected):
            fit_bradley_terry(wins, anchor=(0, 0.0))
        ratings = fit_bradley_terry(wins, anchor={0: 0.0, 2: 1000.0})
        np.testing.assert_allclose(ratings.rating, [0, -400, 1000, 1000], atol=1e-6)
        assert ratings.components == ((0, 1), (2, 3))

    def test_one_in_a_mapping_is_one(self):
        one, same = fit_bradley_terry(WINS, anchor=(2, 5.0)), fit_bradley_terry(WINS, anchor={2: 5.0})
        assert np.array_equal(one.covariance, same.covariance)


@pytest.mark.parametrize(
    ("tables", "options", "message"),
    [
        (([[0, 1]],), {}, "square"),
        (([[0, 1], [1, 0]], [[0]]), {}, "one size"),
        (([[0, -1], [1, 0]],), {}, "counts from 0"),
        (([[0, math.nan], [1, 0]],), {}, "counts from 0"),
        (([[2, 1], [1, 0]],), {}, "zeros on the diagonal"),
        (([[0, 1], [1, 0]], [[0, 1], [0, 0]]), {}, "symmetric"),
        (([[0, 1], [1, 0]],), {"anchor": (2, 0.0)}, "agent from 0 to 1"),
        (([[0, 1], [1, 0]],), {"prior": -1.0}, "prior must be"),
        (([[0, 1], [1, 0]],), {"confidence": 95}, "between 0 and 1, not 95"),
        (([[0, 1], [1, 0]],), {"anchor": {0: 1.0, 1: math.inf}}, "finite rating"),
        (([[0, 1], [1, 0]],), {"rule": "third"}, "rule must be one of 'half', 'rao-kupper', 'davidson', not 'third'"),
        (([[0, 1], [1, 0]],), {"method": "bayes"}, "'fisher' or 'sandwich', not 'bayes'"),
    ],
)
def test_wrong_input(tables, options, message):
    with pytest.raises(ValueError, match=message):
        fit_bradley_terry(*tables, **options)


@pytest.mark.slow
def test_a_thousand_agents_and_a_million_games_take_seconds():
    rng = np.random.default_rng(0)
    n, games = 1000, 1_000_000
    truth = rng.normal(0, 1, n)
    first = rng.integers(n, size=games)
    second = (first + 1 + rng.integers(n - 1, size=games)) % n
    score = (rng.random(games) < 1 / (1 + np.exp(truth[second] - truth[first]))).astype(float)
    begin = time.perf_counter()
    ratings = fit_bradley_terry(*aggregate(first, second, score))
    assert time.perf_counter() - begin < 15.0  # 0.7 s on an idle core
    assert np.corrcoef(ratings.rating, truth)[0, 1] > 0.99
    assert ratings.error.mean() == pytest.approx(9.2, abs=0.1)
