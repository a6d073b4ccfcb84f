"""Ratings from matches in clusters: analytic errors and those of the bootstrap."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from eval.bradley_terry import ELO, Disconnected, bootstrap_bradley_terry, cluster_bradley_terry, fit_bradley_terry
from eval.matches import aggregate

WINS_WITH_DRAWS = [[0, 5, 7, 6], [2, 0, 4, 5], [1, 2, 0, 4], [1, 2, 2, 0]]
DRAWS = [[0, 3, 2, 3], [3, 0, 4, 3], [2, 4, 0, 4], [3, 3, 4, 0]]


def games_of(wins, draws=None):
    """The match arrays of these tables."""
    rows = []
    for i in range(len(wins)):
        for j in range(len(wins)):
            rows += [(i, j, 1.0)] * wins[i][j]
            if draws is not None and i < j:
                rows += [(i, j, 0.5)] * draws[i][j]
    first, second, score = zip(*rows, strict=True)
    return np.array(first), np.array(second), np.array(score)


def random_matches(seed, n=5, pairs=120, seat=0.3, drawn=0.25):
    """Pairs of games with swapped seats, as arrays first, second, score and cluster."""
    rng = np.random.default_rng(seed)
    a = rng.integers(n, size=pairs)
    b = (a + 1 + rng.integers(n - 1, size=pairs)) % n
    first, second = np.concatenate([a, b]), np.concatenate([b, a])
    truth = np.linspace(0.8, -0.8, n)
    p = 1 / (1 + np.exp(truth[second] - truth[first] - seat))
    u = rng.random(2 * pairs)
    score = np.where(u < p * (1 - drawn), 1.0, np.where(u < p * (1 - drawn) + drawn, 0.5, 0.0))
    return first, second, score, np.tile(np.arange(pairs), 2)


class TestClusters:
    @pytest.mark.parametrize("rule", ["half", "rao-kupper", "davidson"])
    @pytest.mark.parametrize("seat", [False, True])
    def test_against_a_design_matrix_and_derivatives_by_differences(self, rule, seat):
        """A slow reference without any structure: one row a game, a general minimiser, numerical derivatives."""
        first, second, score, cluster = random_matches(3)
        n, games = 5, len(first)
        fitted = rule != "half"
        design = np.zeros((games, n - 1 + seat))  # the last agent is at zero
        for row, (i, j) in enumerate(zip(first, second, strict=True)):
            if i < n - 1:
                design[row, i] += 1
            if j < n - 1:
                design[row, j] -= 1
        if seat:
            design[:, n - 1] = 1

        def logs(theta):
            delta = design @ theta[: design.shape[1]]
            win, loss = 1 / (1 + np.exp(-delta)), 1 / (1 + np.exp(delta))
            if rule == "half":
                return np.log(win) * score + np.log(loss) * (1 - score)
            h = theta[-1]
            if rule == "rao-kupper":
                win, loss = 1 / (1 + np.exp(h - delta)), 1 / (1 + np.exp(h + delta))
                draw = 1 - win - loss
            else:
                win, draw, loss = np.exp(delta / 2), np.exp(h) * np.ones(games), np.exp(-delta / 2)
                win, draw, loss = (x / (np.exp(delta / 2) + np.exp(h) + np.exp(-delta / 2)) for x in (win, draw, loss))
            return np.log(np.where(score == 1, win, np.where(score == 0, loss, draw)))

        begin = np.zeros(design.shape[1] + fitted)
        if fitted:
            begin[-1] = 0.5
        best = minimize(lambda theta: -logs(theta).sum(), begin, method="Nelder-Mead" if len(begin) < 2 else "BFGS").x
        step, units = 1e-4, np.eye(len(best))
        slopes = np.stack([(logs(best + step * u) - logs(best - step * u)) / (2 * step) for u in units], axis=1)

        def slope(theta):
            return np.array([(logs(theta + step * u) - logs(theta - step * u)).sum() / (2 * step) for u in units])

        curvature = -np.stack([(slope(best + step * u) - slope(best - step * u)) / (2 * step) for u in units])
        summed = np.zeros((cluster.max() + 1, len(best)))
        np.add.at(summed, cluster, slopes)
        bread = np.linalg.inv(curvature)
        covariance = bread @ (summed.T @ summed) @ bread * len(summed) / (len(summed) - 1)

        ratings = cluster_bradley_terry(first, second, score, cluster, rule=rule, seat=seat, anchor=(n - 1, 0.0))
        np.testing.assert_allclose(ratings.rating[:-1], ELO * best[: n - 1], atol=0.02)
        np.testing.assert_allclose(ratings.error[:-1], ELO * np.sqrt(np.diag(covariance)[: n - 1]), rtol=1e-3)
        assert ratings.log_likelihood == pytest.approx(logs(best).sum(), abs=1e-6)
        assert ratings.clusters == 120
        assert (ratings.seat is not None) == seat
        if seat:
            assert ratings.seat.value == pytest.approx(ELO * best[n - 1], abs=0.02)
            assert ratings.seat.error == pytest.approx(ELO * math.sqrt(covariance[n - 1, n - 1]), rel=1e-3)

    def test_single_games_are_the_sandwich_of_tables(self):
        first, second, score, _ = random_matches(4)
        tables = aggregate(first, second, score)
        for options in (
            {},
            {"prior": 0.5},
            {"rule": "davidson", "prior": 2.0},
            {"anchor": (1, 7.0)},
            {"anchor": {1: 7, 2: 7}},
        ):
            found = cluster_bradley_terry(first, second, score, **options)
            expected = fit_bradley_terry(*tables, method="sandwich", **options)
            np.testing.assert_allclose(found.rating, expected.rating, atol=1e-6)
            if "prior" not in options:  # virtual games need no correction for few clusters
                np.testing.assert_allclose(found.covariance, expected.covariance * 240 / 239, rtol=1e-7, atol=1e-6)
            else:
                np.testing.assert_allclose(found.covariance, expected.covariance, rtol=0.01, atol=1.0)

    def test_the_seats_of_two_agents_by_hand(self):
        """The two frequencies of winning from the first seat are fitted exactly."""
        first = np.repeat([0, 1], [40, 50])
        score = np.concatenate([np.repeat([1.0, 0.0], [30, 10]), np.repeat([1.0, 0.0], [20, 30])])
        ratings = cluster_bradley_terry(first, 1 - first, score, seat=True)
        one, other = math.log(30 / 10), math.log(20 / 30)
        assert ratings.difference(0, 1)[0] == pytest.approx(ELO * (one - other) / 2)
        assert ratings.seat.value == pytest.approx(ELO * (one + other) / 2)
        error = ELO * math.sqrt(1 / 30 + 1 / 10 + 1 / 20 + 1 / 30) / 2 * math.sqrt(90 / 89)
        assert ratings.difference(0, 1)[1] == pytest.approx(error)
        assert ratings.seat.error == pytest.approx(error)

    def test_an_unbalanced_seat_does_not_flatter(self):
        """Equal agents, the first seat wins three of four, and agent 0 sits first in nine of ten games."""
        rng = np.random.default_rng(0)
        first = (rng.random(4000) < 0.1).astype(int)
        score = (rng.random(4000) < 0.75).astype(float)
        blind, seeing = (cluster_bradley_terry(first, 1 - first, score, seat=seat) for seat in (False, True))
        assert blind.difference(0, 1)[0] > 10 * blind.difference(0, 1)[1]
        assert abs(seeing.difference(0, 1)[0]) < 3 * seeing.difference(0, 1)[1]
        assert seeing.seat.value == pytest.approx(ELO * math.log(3), abs=3 * seeing.seat.error)

    def test_what_fixes_no_advantage_of_a_seat_is_told(self):
        with pytest.raises(
            ValueError, match="do not fix the advantage of the first seat: play pairs in both seat orders"
        ):
            cluster_bradley_terry([0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 1, 1], seat=True)
        with pytest.raises(ValueError, match="do not fix the advantage of the first seat"):
            cluster_bradley_terry([0, 0, 0], [1, 1, 1], [1, 0, 1], seat=True)
        with pytest.raises(ValueError, match="single cluster"):
            cluster_bradley_terry([0, 1], [1, 0], [1, 1], [4, 4])

    def test_copies_under_one_label_teach_nothing_new(self):
        matches = random_matches(5)
        single = cluster_bradley_terry(*matches, seat=True)
        double = cluster_bradley_terry(*(np.concatenate([a, a]) for a in matches), seat=True)
        np.testing.assert_allclose(double.rating, single.rating, atol=1e-7)
        np.testing.assert_allclose(double.covariance, single.covariance, rtol=1e-6, atol=1e-6)
        apart = [np.concatenate([a, a]) for a in matches]
        apart[3][240:] += 120
        halved = cluster_bradley_terry(*apart, seat=True).covariance * (239 / 240) * (120 / 119)
        np.testing.assert_allclose(halved, single.covariance / 2, rtol=1e-6, atol=1e-6)

    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(st.integers(0, 10_000), st.sampled_from(["half", "rao-kupper", "davidson"]), st.permutations(range(5)))
    def test_names_of_agents_and_order_of_matches_do_not_matter(self, seed, rule, order):
        first, second, score, cluster = random_matches(seed)
        plain = cluster_bradley_terry(first, second, score, cluster, rule=rule, seat=True)
        order = np.array(order)
        shuffled = np.random.default_rng(seed).permutation(len(first))
        arrays = [a[shuffled] for a in (order[first], order[second], score, cluster * 7 - 3)]
        moved = cluster_bradley_terry(*arrays, rule=rule, seat=True)
        np.testing.assert_allclose(moved.rating[order], plain.rating, atol=1e-6)
        np.testing.assert_allclose(moved.covariance[np.ix_(order, order)], plain.covariance, rtol=1e-6, atol=1e-5)
        assert moved.seat.value == pytest.approx(plain.seat.value, abs=1e-6)

    def test_they_cover_the_truth_where_single_games_do_not(self):
        """Both games of a pair hang on the same luck: 300 tournaments, of intervals that should cover 95 %."""
        rng = np.random.default_rng(11)
        truth = np.array([0.5, 0.0, -0.5])
        covered = np.zeros(2)
        for _ in range(300):
            a, b = np.repeat([0, 0, 1], 60), np.repeat([1, 2, 2], 60)
            won = (rng.random(180) < 1 / (1 + np.exp(truth[b] - truth[a]))).astype(float)
            arrays = [np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([won, 1 - won])]
            for k, cluster in enumerate((np.tile(np.arange(180), 2), None)):
                difference, error = cluster_bradley_terry(*arrays, cluster).difference(0, 2)
                covered[k] += abs(difference - ELO) < 1.959964 * error
        assert 0.91 < covered[0] / 300 < 0.985
        assert covered[1] / 300 < 0.88


class TestBootstrap:
    first, second, score = games_of(WINS_WITH_DRAWS, DRAWS)

    def rate(self, **options):
        cluster = np.arange(len(self.first))
        return bootstrap_bradley_terry(self.first, self.second, self.score, cluster, prior=0.5, **options)

    def test_the_seed_decides(self):
        one, same, other = (self.rate(samples=20, seed=s) for s in (1, 1, 2))
        assert np.array_equal(one.low, same.low)
        assert not np.array_equal(one.low, other.low)

    def test_single_games_agree_with_the_sandwich(self):
        boot = self.rate(samples=1500)
        sandwich = fit_bradley_terry(*aggregate(self.first, self.second, self.score), prior=0.5)
        assert boot.method == "bootstrap"
        assert np.array_equal(boot.rating, sandwich.rating)
        np.testing.assert_allclose(boot.error, sandwich.error, rtol=0.15)
        np.testing.assert_allclose(np.std(boot.samples, axis=0, ddof=1), boot.error, rtol=1e-9)
        assert (boot.interval, sandwich.interval) == ("percentile", "normal")
        assert np.all((boot.low < boot.rating) & (boot.rating < boot.high))

    def test_clusters_agree_with_the_analytic_errors(self):
        matches = random_matches(6, pairs=400)
        for options in (
            {},
            {"seat": True, "anchor": (0, 0.0)},
            {"rule": "rao-kupper", "anchor": {0: 100.0, 4: -100.0}},
        ):
            boot = bootstrap_bradley_terry(*matches, samples=600, **options)
            analytic = cluster_bradley_terry(*matches, **options)
            np.testing.assert_allclose(boot.rating, analytic.rating, atol=1e-9)
            np.testing.assert_allclose(boot.error, analytic.error, rtol=0.12)
            np.testing.assert_allclose(boot.low, analytic.low, atol=0.35 * analytic.error.max())
            if "seat" in options:
                assert boot.seat.error == pytest.approx(analytic.seat.error, rel=0.12)

    def test_games_twice_under_one_label_teach_nothing_new(self):
        """Each game copied with its cluster's label: the errors stay those of the single games, where counting games
        would make them smaller by the square root of two."""
        twice = [np.concatenate([a, a]) for a in (self.first, self.second, self.score, np.arange(len(self.first)))]
        single = self.rate(samples=300, anchor=(0, 0.0))
        double = bootstrap_bradley_terry(*twice, prior=1.0, samples=300, anchor=(0, 0.0))
        np.testing.assert_allclose(double.error, single.error, rtol=1e-6)
        assert double.error[0] == 0.0

    def test_a_resample_may_lose_the_connection(self):
        with pytest.raises(Disconnected, match="prior"):
            bootstrap_bradley_terry([0, 1], [1, 0], [1, 1], [0, 1], samples=50)

    def test_wrong_input(self):
        with pytest.raises(ValueError, match="cluster must label every match: 1 labels, 2 matches"):
            bootstrap_bradley_terry([0, 1], [1, 0], [1, 1], [0])
        with pytest.raises(ValueError, match="samples must be at least 2, not 1"):
            bootstrap_bradley_terry([0, 1], [1, 0], [1, 1], [0, 1], samples=1)
