"""Golden values were computed by OpenSpiel; the global ones also by egttools."""

import sys
import time
from decimal import Decimal, localcontext
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.alpha_rank import alpha_rank, alpha_rank_profiles

RPS = np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])
BIASED = [[0, -0.5, 1], [0.5, 0, -0.1], [-1, 0.1, 0]]
FOUR = [[0.5, 0.7, 0.9, 0.4], [0.3, 0.5, 0.6, 0.8], [0.1, 0.4, 0.5, 0.55], [0.6, 0.2, 0.45, 0.5]]
TRANSITIVE = [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]
GOLDEN = {"rtol": 0, "atol": 1e-6}


@pytest.fixture(scope="module")
def openspiel():
    """OpenSpiel's module, without the pictures, for which it would want a plotting library."""
    pictures = "open_spiel.python.egt.alpharank_visualizer"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, pictures, ModuleType(pictures))
        from open_spiel.python.egt import alpharank

        yield alpharank


@pytest.mark.parametrize(
    ("payoff", "alpha", "local", "expected"),
    [
        (BIASED, 0.1, True, (0.212956, 0.677147, 0.109897)),
        (BIASED, 0.1, False, (0.284427, 0.582887, 0.132686)),
        (BIASED, 1, True, (0.191639, 0.668261, 0.140100)),
        (BIASED, 1, False, (0.174717, 0.716111, 0.109172)),
        (BIASED, 1000, True, (1 / 3, 1 / 3, 1 / 3)),
        (BIASED, np.inf, True, (1 / 3, 1 / 3, 1 / 3)),
        (FOUR, 0.1, True, (0.492024, 0.265388, 0.066607, 0.175981)),
        (FOUR, 1, True, (0.539885, 0.257763, 0.023404, 0.178948)),
        (FOUR, 10, True, (0.415267, 0.289691, 0.074707, 0.220335)),
        (FOUR, np.inf, True, (0.4, 0.3, 0.1, 0.2)),
        (TRANSITIVE, 0.1, True, (0.999945, 0.0000555, 0)),
        (TRANSITIVE, 0.1, False, (0.993262, 0.006693, 0.000045)),
    ],
)
def test_golden_values(payoff, alpha, local, expected):
    found = alpha_rank(payoff, alpha=alpha, local=local)
    np.testing.assert_allclose(found.distribution, expected, **GOLDEN)
    assert (found.alpha, found.population) == (alpha, 50)


@pytest.mark.parametrize("alpha", [1e-3, 0.1, 1, 100, 1e6, np.inf, None])
def test_a_symmetric_cycle_has_no_best(alpha):
    np.testing.assert_allclose(alpha_rank(RPS, alpha=alpha).distribution, 1 / 3, atol=1e-12)


def test_the_limit_model_depends_little_on_epsilon():
    found = alpha_rank(FOUR, alpha=np.inf, epsilon=0.01)
    np.testing.assert_allclose(found.distribution, (0.397186, 0.300379, 0.102814, 0.199621), **GOLDEN)


def test_a_published_table():
    """Han et al. 2013, five strategies of a commitment game, as OpenSpiel tests it."""
    r, t, p, s, delta, cost = 1, 2, 0, -1, 4, 0.25
    table = [
        [r - cost / 2, r - cost, 0, s + delta - cost, r - cost],
        [r, r, s, s, s],
        [0, t, p, p, p],
        [t - delta, t, p, p, p],
        [r, t, p, p, p],
    ]
    found = alpha_rank(table, alpha=0.1, population=20, local=False)
    np.testing.assert_allclose(found.distribution, (0.409668, 0.079598, 0.205070, 0.085060, 0.220604), **GOLDEN)


def test_golden_values_of_two_populations():
    pennies = np.array([[1.0, -1], [-1, 1]])
    np.testing.assert_allclose(alpha_rank_profiles([pennies, -pennies], alpha=1).distribution, 0.25)
    sexes = [[[3, 0], [0, 2]], [[2, 0], [0, 3]]]
    found = alpha_rank_profiles(sexes, alpha=0.05).distribution
    np.testing.assert_allclose(found, [[0.497986, 0.003708], [0.000320, 0.497986]], **GOLDEN)
    strong = alpha_rank_profiles(sexes, alpha=1).distribution  # where an eigenvalue search finds two distributions
    np.testing.assert_allclose(strong, [[0.5, 0], [0, 0.5]], atol=1e-12)
    row = np.array([[2.0, -1], [-1, 1]])
    found = alpha_rank_profiles([row, -row], alpha=0.1, population=10).distribution
    np.testing.assert_allclose(found, [[0.212192, 0.297087], [0.206486, 0.284235]], **GOLDEN)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 5), alpha=st.sampled_from([0.02, 0.1, 0.4]), local=st.booleans())
def test_openspiel_agrees_on_one_population(openspiel, seed, n, alpha, local):
    table = np.random.default_rng(seed).normal(size=(n, n))
    theirs = openspiel.compute([table], m=12, alpha=alpha, use_local_selection_model=local)[2]
    found = alpha_rank(table, alpha=alpha, population=12, local=local).distribution
    np.testing.assert_allclose(found, theirs, atol=1e-8)
    if local:
        limit = openspiel.compute([table], use_inf_alpha=True, inf_alpha_eps=0.05)[2]
        np.testing.assert_allclose(alpha_rank(table, alpha=np.inf, epsilon=0.05).distribution, limit, atol=1e-8)


@pytest.mark.parametrize(("seed", "shape"), [(0, (2, 3)), (1, (4, 2)), (2, (2, 2, 2)), (3, (3, 1, 2))])
def test_openspiel_agrees_on_many_populations(openspiel, seed, shape):
    payoffs = np.random.default_rng(seed).normal(size=(len(shape), *shape))
    for ours, theirs in (
        ({"alpha": 0.1, "population": 20}, {"alpha": 0.1, "m": 20}),
        ({"alpha": np.inf, "epsilon": 0.02}, {"use_inf_alpha": True, "inf_alpha_eps": 0.02}),
    ):
        expected = openspiel.compute(list(payoffs), **theirs)[2].reshape(shape)
        np.testing.assert_allclose(alpha_rank_profiles(payoffs, **ours).distribution, expected, atol=1e-8)


@pytest.mark.parametrize("alpha", ["0.3", "40", "4000"])
def test_strong_selection_to_300_digits(alpha):
    """Three agents, one better than both others: the rest is as rare as it should be, by sums over spanning trees."""
    table = [[0, 1, 2], [-1, 0, 1.5], [-2, -1.5, 0]]
    with localcontext() as context:
        context.prec, context.Emin = 300, -(10**9)
        m = 50

        def rate(resident, mutant):
            u = Decimal(alpha) * (Decimal(table[mutant][resident]) - Decimal(table[resident][mutant]))
            return (1 - (-u).exp()) / (1 - (-m * u).exp())

        tree = []
        for root in range(3):
            a, b = (i for i in range(3) if i != root)
            tree.append(rate(a, root) * rate(b, root) + rate(a, b) * rate(b, root) + rate(b, a) * rate(a, root))
        expected = [float(weight / sum(tree)) for weight in tree]
    found = alpha_rank(table, alpha=float(alpha)).distribution
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300)


def test_alpha_rises_until_nothing_changes():
    found = alpha_rank(FOUR)
    np.testing.assert_allclose(found.distribution, (0.4, 0.3, 0.1, 0.2), atol=1e-4)
    for stronger in (2, 10, 100):
        again = alpha_rank(FOUR, alpha=stronger * found.alpha).distribution
        np.testing.assert_allclose(again, found.distribution, atol=2e-4)
    scaled = alpha_rank(1000 * np.array(FOUR))
    np.testing.assert_allclose(scaled.distribution, found.distribution, atol=1e-12)
    assert scaled.alpha == pytest.approx(found.alpha / 1000)
    np.testing.assert_allclose(alpha_rank(np.ones((3, 3))).distribution, 1 / 3)
    sexes = alpha_rank_profiles([[[3, 0], [0, 2]], [[2, 0], [0, 3]]])
    np.testing.assert_allclose(sexes.distribution, [[0.5, 0], [0, 0.5]], atol=1e-9)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 6))
def test_order_does_not_matter(seed, n):
    rng = np.random.default_rng(seed)
    table, order = rng.normal(size=(n, n)), rng.permutation(n)
    for alpha in (0.5, 50.0, np.inf):
        plain = alpha_rank(table, alpha=alpha).distribution
        assert plain.sum() == pytest.approx(1)
        np.testing.assert_allclose(
            alpha_rank(table[np.ix_(order, order)], alpha=alpha).distribution, plain[order], rtol=1e-8
        )
    both = rng.normal(size=(2, n, 2))
    plain = alpha_rank_profiles(both, alpha=2.0).distribution
    np.testing.assert_allclose(alpha_rank_profiles(both[:, order], alpha=2.0).distribution, plain[order], rtol=1e-8)


def test_hundreds_of_agents_take_seconds():
    table = np.random.default_rng(0).normal(size=(300, 300))
    alpha_rank(table[:3, :3], alpha=1.0)
    start = time.perf_counter()
    alpha_rank(table, alpha=5.0)
    assert time.perf_counter() - start < 3


def test_what_makes_no_sense_is_refused():
    for table in ([[1, 2]], [1, 2], [[np.nan]], np.zeros((0, 0))):
        with pytest.raises(ValueError, match=r"payoffs must be finite, \[n, n\]"):
            alpha_rank(table)
    with pytest.raises(ValueError, match="payoffs must be finite"):
        alpha_rank_profiles(np.zeros((3, 2, 2)))
    with pytest.raises(ValueError, match="alpha must be above 0, not -1"):
        alpha_rank(RPS, alpha=-1)
    with pytest.raises(ValueError, match="population must be at least 2"):
        alpha_rank(RPS, population=1)
    with pytest.raises(ValueError, match="epsilon between"):
        alpha_rank(RPS, alpha=np.inf, epsilon=0)
    with pytest.raises(ValueError, match="local selection only"):
        alpha_rank(RPS, alpha=np.inf, local=False)
