import numpy as np
import pytest

from eval.bradley_terry.draws import RULES

DELTA = np.linspace(-3, 3, 13)


@pytest.mark.parametrize("name", ["rao-kupper", "davidson"])
def test_outcomes_are_a_distribution_and_the_sides_are_alike(name):
    chance = np.exp(RULES[name].log_probability(DELTA, 0.7))
    np.testing.assert_allclose(chance.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(chance, chance[::-1, ::-1], rtol=1e-12)
    assert np.all(np.diff(chance[:, 0]) > 0)


@pytest.mark.parametrize("name", list(RULES))
def test_derivatives_are_those_of_the_logarithms(name):
    rule, h, tiny = RULES[name], 0.7, 1e-5
    by_delta, by_h = rule.slopes(DELTA, h)

    def logs(delta, h):
        return rule.log_probability(DELTA + delta, h)

    np.testing.assert_allclose(by_delta, (logs(tiny, h) - logs(-tiny, h)) / (2 * tiny), atol=1e-9)
    if rule.fitted:
        np.testing.assert_allclose(by_h, (logs(0, h + tiny) - logs(0, h - tiny)) / (2 * tiny), atol=1e-9)
    for outcome in range(3):
        counts = np.zeros((len(DELTA), 3))
        counts[:, outcome] = 2.0
        delta_delta, delta_h, h_h = rule.curvature(DELTA, h, counts)

        def slope(delta, h, kind, outcome=outcome):
            return 2.0 * rule.slopes(DELTA + delta, h)[kind][:, outcome]

        np.testing.assert_allclose(delta_delta, (slope(-tiny, h, 0) - slope(tiny, h, 0)) / (2 * tiny), atol=1e-9)
        if rule.fitted:
            np.testing.assert_allclose(delta_h, (slope(-tiny, h, 1) - slope(tiny, h, 1)) / (2 * tiny), atol=1e-9)
            np.testing.assert_allclose(h_h, (slope(0, h - tiny, 1) - slope(0, h + tiny, 1)) / (2 * tiny), atol=1e-9)


@pytest.mark.parametrize("name", ["rao-kupper", "davidson"])
def test_the_start_gives_equal_agents_their_share_of_draws(name):
    rule = RULES[name]
    assert np.exp(rule.log_probability(np.zeros(1), rule.start(0.3)))[0, 1] == pytest.approx(0.3)


def test_a_threshold_is_positive():
    assert np.all(np.isneginf(RULES["rao-kupper"].log_probability(DELTA, -0.1)))
