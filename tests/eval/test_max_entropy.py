import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from eval.max_entropy import max_entropy


def entropy(p):
    p = p[p > 0]
    return -float(p @ np.log(p))


def antisymmetric(seed, n, kind):
    rng = np.random.default_rng(seed)
    if kind == "generic":
        table = rng.normal(size=(n, n))
    elif kind == "whole":  # small whole numbers tie often
        table = rng.integers(-2, 3, size=(n, n)).astype(float)
    else:  # of low rank: wide sets of solutions
        table = rng.normal(size=(n, 2)) @ rng.normal(size=(2, n))
    return table - table.T


def test_without_conditions_it_is_uniform():
    np.testing.assert_allclose(max_entropy(np.zeros((0, 5))), 0.2)
    np.testing.assert_allclose(max_entropy(np.zeros((3, 5))), 0.2)


def test_one_mean_condition_is_an_exponential_family():
    """The die of Brandeis: with a mean of at least 4.5, the faces have probabilities proportional to x^i."""
    faces = np.arange(1, 7)
    p = max_entropy((4.5 - faces)[None, :])
    np.testing.assert_allclose(p, [0.05435, 0.07877, 0.11416, 0.16545, 0.23977, 0.34749], atol=1e-5)
    assert p @ faces == pytest.approx(4.5, abs=1e-10)
    np.testing.assert_allclose(max_entropy((2.5 - faces)[None, :]), 1 / 6)  # uniform play meets this one anyway


@pytest.mark.parametrize("kind", ["generic", "whole", "low rank"])
@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 9))
def test_no_solution_is_better(kind, seed, n):
    """A concave function is maximal where no feasible direction climbs: a linear program looks for one."""
    table = antisymmetric(seed, n, kind)
    p = max_entropy(table)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert np.all(p >= 0)
    assert np.max(table @ p) < 1e-9
    inside = p > 0
    slope = -np.log(p[inside]) - 1
    best = linprog(
        -slope, A_ub=table[:, inside], b_ub=np.zeros(n), A_eq=np.ones((1, inside.sum())), b_eq=[1], method="highs"
    )
    assert -best.fun - slope @ p[inside] < 1e-7
    # and outside of the support, nobody can be positive
    for i in np.flatnonzero(~inside):
        most = linprog(-np.eye(n)[i], A_ub=table, b_ub=np.zeros(n), A_eq=np.ones((1, n)), b_eq=[1], method="highs")
        assert -most.fun < 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_a_general_optimiser_agrees(seed):
    table = antisymmetric(seed, 6, "low rank")
    p = max_entropy(table)
    inside = p > 0
    found = minimize(
        lambda q: float(q @ np.log(q)),
        np.full(inside.sum(), 1 / inside.sum()),
        jac=lambda q: np.log(q) + 1,
        bounds=[(1e-12, 1)] * int(inside.sum()),
        constraints=[
            {"type": "eq", "fun": lambda q: q.sum() - 1, "jac": lambda q: np.ones_like(q)},
            {"type": "ineq", "fun": lambda q: -table[:, inside] @ q, "jac": lambda q: -table[:, inside]},
        ],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert found.success
    assert entropy(p) == pytest.approx(entropy(found.x), abs=1e-6)
    np.testing.assert_allclose(p[inside], found.x, atol=1e-3)


@pytest.mark.parametrize("digits", range(4, 17))
def test_what_is_nearly_a_tie_does_no_harm(digits):
    """Clones that differ in the last digits: neither equal nor clearly better."""
    for seed in range(12):
        rng = np.random.default_rng([digits, seed])
        n = int(rng.integers(2, 9))
        table = rng.integers(-2, 3, size=(n, n)).astype(float)
        who = rng.integers(n, size=n + 3)
        table = table[np.ix_(who, who)] + 10.0**-digits * rng.normal(size=(n + 3, n + 3))
        p = max_entropy(table - table.T)
        assert p.sum() == pytest.approx(1)
        assert np.max((table - table.T) @ p) < 1e-5


def test_order_and_units_do_not_matter():
    table = antisymmetric(3, 7, "whole")
    p = max_entropy(table)
    order = np.random.default_rng(1).permutation(7)
    np.testing.assert_allclose(max_entropy(table[np.ix_(order, order)]), p[order], atol=1e-7)
    for unit in (1e-9, 1e9):
        np.testing.assert_allclose(max_entropy(unit * table), p, atol=1e-7)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="no distribution meets the conditions"):
        max_entropy([[1.0, 2.0]])
    with pytest.raises(ValueError, match="finite numbers"):
        max_entropy([[np.nan, 1.0]])
    with pytest.raises(ValueError, match="finite numbers"):
        max_entropy([])
