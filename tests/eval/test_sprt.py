"""The golden values come from an independent program; those of two digits are fastchess's own."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from eval.sprt import Sprt


def of(wins, draws, losses):
    return [losses, draws, wins]


GOLDEN = [
    ("normalized", of(36433, 68692, 36027), (0, 2), 0.923293),
    ("normalized", of(10871, 20431, 10650), (-1.75, 0.25), 2.297500),
    ("logistic", of(21404, 40708, 21184), (0.5, 2.5), -1.571889),
    ("logistic", of(57433, 106593, 57030), (0, 2), -2.593024),
    ("bayesian", of(68965, 128429, 68526), (0, 2), -1.262156),
    ("normalized", [365, 16618, 36229, 16974, 390], (0, 2), 2.250368),
    ("normalized", [127, 4883, 10712, 5150, 104], (-1.75, 0.25), 3.010154),
    ("logistic", [223, 9863, 21279, 10037, 246], (0.5, 2.5), -3.074126),
    ("logistic", [871, 26175, 55983, 26678, 821], (0, 2), -4.978673),
    ("logistic", of(120, 60, 100), (0, 20), 0.875607),
    ("normalized", of(120, 60, 100), (0, 20), 0.835167),
    ("logistic", [10, 30, 60, 45, 15], (0, 10), 1.069187),
    ("normalized", [10, 30, 60, 45, 15], (0, 10), 0.836417),
    ("logistic", of(60, 0, 40), (0, 20), 0.985708),
    ("logistic", of(880, 1863, 759), (0, 5), 2.947224),
]


class TestRatio:
    @pytest.mark.parametrize(("scale", "counts", "elo", "expected"), GOLDEN)
    def test_golden(self, scale, counts, elo, expected):
        assert Sprt(elo0=elo[0], elo1=elo[1], scale=scale).llr(counts) == pytest.approx(expected, abs=1e-6)

    def test_all_wins(self):
        assert Sprt(elo0=0, elo1=10).llr(of(4250, 0, 0)) == pytest.approx(120.548, abs=1e-3)

    def test_wins_and_losses_alone_are_nearly_a_binomial(self):
        """The exact ratio is that of two coins; empty draws count 0.001."""
        p = 1 / (1 + 10 ** (-20 / 400))
        exact = 60 * math.log(p / 0.5) + 40 * math.log((1 - p) / 0.5)
        assert exact == pytest.approx(0.985700, abs=1e-6)
        assert Sprt(elo0=0, elo1=20, scale="logistic").llr(of(60, 0, 40)) == pytest.approx(exact, abs=2e-5)

    @pytest.mark.parametrize("scale", ["logistic", "normalized"])
    @pytest.mark.parametrize("counts", [of(120, 60, 100), [10, 30, 60, 45, 15], of(3, 9, 1)])
    def test_against_a_general_minimiser(self, scale, counts):
        """The likeliest frequencies under each hypothesis, found with the constraint given as it is defined."""
        test = Sprt(elo0=-5, elo1=25, scale=scale)
        counts = np.array(counts, float)
        atoms = np.linspace(0, 1, len(counts))

        def best(elo):
            def constraint(p):
                mean = p @ atoms
                if scale == "logistic":
                    return mean - 1 / (1 + 10 ** (-elo / 400))
                t = elo * math.log(10) / 800 * (math.sqrt(2) if len(counts) == 5 else 1)
                return mean - 0.5 - t * math.sqrt(p @ (atoms - mean) ** 2)

            found = minimize(
                lambda p: -counts @ np.log(p),
                counts / counts.sum(),
                bounds=[(1e-6, 1)] * len(counts),
                constraints=[{"type": "eq", "fun": constraint}, {"type": "eq", "fun": lambda p: p.sum() - 1}],
                method="SLSQP",
                options={"ftol": 1e-13, "maxiter": 500},
            )
            return -found.fun

        assert test.llr(counts) == pytest.approx(best(25) - best(-5), abs=1e-4)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(
        st.sampled_from(["logistic", "normalized", "bayesian"]),
        st.lists(st.integers(0, 10**7), min_size=3, max_size=3),
        st.floats(-300, 300),
        st.floats(0.1, 100),
    )
    def test_lopsided_results_never_break_it(self, scale, counts, elo0, gap):
        """Whatever is counted, the ratio is a finite number, and the other side's is its opposite."""
        one = Sprt(elo0=elo0, elo1=elo0 + gap, scale=scale).llr(counts)
        other = Sprt(elo0=-elo0 - gap, elo1=-elo0, scale=scale).llr(counts[::-1])
        assert math.isfinite(one)
        assert one == pytest.approx(-other, rel=1e-5, abs=1e-5)

    @pytest.mark.parametrize(
        "counts", [[0, 0, 0, 0, 4000], [4000, 0, 0, 0, 0], [0, 0, 4000, 0, 0], [1, 0, 0, 0, 10**6]]
    )
    @pytest.mark.parametrize("scale", ["logistic", "normalized"])
    def test_lopsided_pairs(self, scale, counts):
        test = Sprt(elo0=0, elo1=5, scale=scale)
        score = np.dot(counts, [0, 0.25, 0.5, 0.75, 1]) / sum(counts)
        assert test.test(counts).decision == ("H1" if score > 0.5 else "H0" if test.llr(counts) < -2.95 else "continue")
        assert math.isfinite(test.llr(counts))

    def test_nothing_says_nothing(self):
        assert Sprt(elo0=0, elo1=5).llr([0, 0, 0]) == 0.0
        bayesian = Sprt(elo0=0, elo1=5, scale="bayesian")
        assert bayesian.llr(of(50, 3, 0)) == bayesian.llr(of(0, 3, 50)) == 0.0


class TestDecision:
    def test_bounds(self):
        assert (Sprt(elo0=0, elo1=5).lower, Sprt(elo0=0, elo1=5).upper) == pytest.approx(
            (-2.944439, 2.944439), abs=1e-6
        )
        uneven = Sprt(elo0=0, elo1=5, alpha=0.05, beta=0.10)
        assert (uneven.lower, uneven.upper) == pytest.approx((-2.251292, 2.890372), abs=1e-6)
        wide = Sprt(elo0=0, elo1=5, alpha=0.1, beta=0.1)
        assert (wide.lower, wide.upper) == pytest.approx((-2.197225, 2.197225), abs=1e-6)

    def test_each(self):
        test = Sprt(elo0=0, elo1=5, scale="logistic")
        verdict = test.test(of(880, 1863, 759))
        assert (verdict.decision, verdict.count, verdict.unit) == ("H1", 3502, "games")
        assert (verdict.llr, verdict.lower, verdict.upper) == (test.llr(of(880, 1863, 759)), test.lower, test.upper)
        assert test.test(of(759, 1863, 880)).decision == "H0"
        pairs = test.test([10, 30, 60, 45, 15])
        assert (pairs.decision, pairs.count, pairs.unit) == ("continue", 160, "pairs")

    def test_an_unknown_ratio_decides_nothing(self, monkeypatch):
        for value in (math.nan, math.inf, -math.inf):
            monkeypatch.setattr(Sprt, "llr", lambda self, counts, value=value: value)
            assert Sprt(elo0=0, elo1=5).test([1, 1, 1]).decision == "continue"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"elo0": 5, "elo1": 5}, "elo0 must be less than elo1"),
        ({"elo0": 0, "elo1": math.inf}, "both finite"),
        ({"elo0": math.nan, "elo1": 1}, "elo0 must be less"),
        ({"elo0": 0, "elo1": 5, "alpha": 0.0}, "alpha and beta must lie between"),
        ({"elo0": 0, "elo1": 5, "alpha": 0.5, "beta": 0.5}, "their sum below 1"),
        ({"elo0": 0, "elo1": 5, "scale": "elo"}, "'logistic', 'normalized', 'bayesian', not 'elo'"),
    ],
)
def test_wrong_tests(options, message):
    with pytest.raises(ValueError, match=message):
        Sprt(**options)


def test_the_bayesian_scale_knows_no_pairs():
    with pytest.raises(ValueError, match="knows no pairs"):
        Sprt(elo0=0, elo1=5, scale="bayesian").llr([1, 2, 3, 2, 1])


def error_rate(test, chances, runs, seed, most=4000, every=8):
    """Play until the test decides, looking after every few units; return how often it takes H1, and the mean length."""
    rng = np.random.default_rng(seed)
    accepted = played = 0
    for _ in range(runs):
        counts = np.zeros(len(chances), int)
        while (verdict := test.test(counts)).decision == "continue" and counts.sum() < most:
            counts += rng.multinomial(every, chances)
        assert verdict.decision != "continue"
        accepted += verdict.decision == "H1"
        played += counts.sum()
    return accepted / runs, played / runs


@pytest.mark.parametrize("elo", [0, 60])
def test_error_rates(elo):
    """At either bound 200 tests err in about 5 % of cases: at most 3.3 standard errors more, and not never."""
    win = 1 / (1 + 10 ** (-elo / 400)) - 0.15
    share, length = error_rate(Sprt(elo0=0, elo1=60, scale="logistic"), [0.7 - win, 0.3, win], runs=200, seed=5)
    wrong = share if elo == 0 else 1 - share
    assert 0.0 < wrong < 0.101
    assert length < 400
