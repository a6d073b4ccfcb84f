import math

import numpy as np
import pytest

from benchmarks import sprt_errors
from eval import Sprt


@pytest.mark.parametrize("scale", ["logistic", "normalized", "bayesian"])
@pytest.mark.parametrize("elo", [-10, 0, 30])
def test_truths_are_exactly_what_a_hypothesis_claims(scale, elo):
    """A test whose H0 is the truth finds, of a million games in just these shares, H0 as likely as it can be."""
    for shape in (sprt_errors.GAMES, sprt_errors.PAIRS):
        if scale == "bayesian" and len(shape) == 5:
            continue
        chances = sprt_errors.exactly(shape, elo, scale)
        assert chances.sum() == pytest.approx(1)
        counts = np.round(1e6 * chances)
        up, down = (Sprt(elo0=elo, elo1=elo + gap, scale=scale).llr(counts) for gap in (1e-3, 1e-1))
        assert down < 0
        assert up == pytest.approx(0, abs=2e-4)


def test_a_run_ends():
    test = Sprt(elo0=0, elo1=300)
    verdict = sprt_errors.decide(test, np.array([0.0, 0.0, 1.0]), np.random.default_rng(0))
    assert verdict.decision == "H1"
    assert verdict.count % sprt_errors.EVERY == 0


def test_a_run_is_cut(monkeypatch):
    monkeypatch.setattr(sprt_errors, "MOST", 16)
    verdict = sprt_errors.decide(Sprt(elo0=0, elo1=1), sprt_errors.GAMES, np.random.default_rng(0))
    assert (verdict.decision, verdict.count) == ("continue", 16)


def test_the_report(monkeypatch):
    monkeypatch.setattr(sprt_errors, "TESTS", {"games": Sprt(elo0=0, elo1=200, alpha=0.1)})
    figures = sprt_errors.run(quick=True)
    at_zero, at_one = figures["games_H0_true"], figures["games_H1_true"]
    assert (at_zero["nominal"], at_one["nominal"]) == (0.1, 0.05)
    for found in (at_zero, at_one):
        assert found["interval"][0] <= found["wrong"] <= found["interval"][1]
        assert math.isfinite(found["units"])


@pytest.mark.slow
def test_the_promised_rates():
    """Of 1000 runs at each bound the rates do not exceed the nominal ones, as far as the intervals can tell."""
    figures = sprt_errors.run(quick=False)
    for name in sprt_errors.TESTS:
        for truth in ("H0", "H1"):
            found = figures[f"{name}_{truth}_true"]
            assert found["interval"][0] <= found["nominal"], (name, truth, found)
