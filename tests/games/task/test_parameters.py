import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import Categorical, InputError, Integer, Real

checked = settings(deadline=None, derandomize=True, max_examples=200)
FACTORS = Real(1e-4, 1e2, 1.0, log=True)


@checked
@given(x=st.floats(0, 1))
def test_a_logarithmic_scale_goes_both_ways(x):
    value = FACTORS.from_unit(x)

    assert FACTORS.check(value) == value
    assert FACTORS.to_unit(value) == pytest.approx(x, abs=1e-12)


def test_a_logarithmic_scale_has_equal_factors():
    grid = [FACTORS.from_unit(x) for x in np.linspace(0, 1, 7)]

    np.testing.assert_allclose(grid, [1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100], rtol=1e-12)
    assert FACTORS.from_unit(0.0) == 1e-4
    assert FACTORS.from_unit(1.0) == 1e2
    assert Real(2.0, 2.0, 2.0, log=True).from_unit(0.7) == 2.0
    assert Real(2.0, 2.0, 2.0, log=True).to_unit(2.0) == 0.5


def test_steps_on_a_logarithmic_scale_are_factors():
    rng = np.random.default_rng(0)
    decades = [np.log10(FACTORS.mutate(0.1, rng, 0.05)) for _ in range(4000)]

    assert np.std(decades) == pytest.approx(0.05 * 6, rel=0.05)
    assert np.mean(decades) == pytest.approx(-1, abs=0.02)


@pytest.mark.parametrize("low", [0.0, -1.0, float("nan")])
def test_a_logarithmic_scale_from_zero(low):
    with pytest.raises(InputError, match="a logarithmic scale needs a lowest value above zero, not"):
        Real(low, 1.0, 0.5, log=True)


def test_how_many_values():
    assert Real(0.0, 1.0, 0.5).count == float("inf")
    assert Real(1.0, 1.0, 1.0).count == 1
    assert Integer(2, 6, 3).count == 5
    assert Categorical(("a", "b"), "a").count == 2


def test_choices_that_are_equal_but_not_the_same():
    mixed = Categorical((1, True), 1)

    assert [mixed.to_unit(1), mixed.to_unit(True)] == [0.25, 0.75]
    assert mixed.mutate(True, np.random.default_rng(0), 0.1) is mixed.choices[0]


@checked
@given(value=st.integers(-3, 4), seed=st.integers(0, 50), scale=st.floats(1e-3, 100))
def test_a_step_of_an_integer_is_one_at_least(value, seed, scale):
    parameter = Integer(-3, 4, 0)
    moved = parameter.mutate(value, np.random.default_rng(seed), scale)

    assert moved != value
    assert parameter.check(moved) == moved
    assert type(moved) is int
