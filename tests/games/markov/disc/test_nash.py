import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.markov.disc.nash import equilibrium, exploitability, payoff

ANGLES = np.linspace(0, 2 * np.pi, 3600, endpoint=False)
CIRCLE = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
coordinates = st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=5)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(coordinates, st.floats(0, 1))
def test_exploitability_is_what_the_best_of_many_answers_gets(points, transitive):
    """A linear function is largest on the circle, so a fine circle of answers is an independent oracle."""
    answers = np.array([payoff(CIRCLE, point, transitive) for point in points]).mean(axis=0)

    found = exploitability(points, transitive=transitive)

    assert answers.max() - 1e-9 <= found <= answers.max() + 1e-5


def test_without_skill_it_is_the_length_of_the_mean():
    assert exploitability([0.6, 0.8]) == pytest.approx(1.0)
    assert exploitability([[1, 0], [0, 1]]) == pytest.approx(0.5**0.5)
    assert exploitability(CIRCLE) == pytest.approx(0.0, abs=1e-12)
    assert exploitability([[1, 0], [-1, 0]], [0.75, 0.25]) == pytest.approx(0.5)


@pytest.mark.parametrize("transitive", [0.0, 0.2, 0.5, 2 / 3, 0.7, 0.9, 1.0])
def test_nobody_can_exploit_the_equilibrium(transitive):
    mean = equilibrium(transitive)

    assert np.linalg.norm(mean) <= 1 + 1e-12
    assert exploitability(mean, transitive=transitive) == pytest.approx(0.0, abs=1e-12)


def test_skill_alone_has_one_best_point():
    assert equilibrium(1.0) == pytest.approx([1.0, 0.0])
    assert exploitability([-1.0, 0.0], transitive=1.0) == pytest.approx(1.0)
