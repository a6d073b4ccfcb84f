"""Golden values come from another implementation by linear programs and SLSQP; OpenSpiel's solver gives the same."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.advantage import advantage, bootstrap_table
from eval.nash import (
    effective_diversity,
    nash_average,
    nash_average_tasks,
    nash_clusters,
    relative_population_performance,
    zero_sum_equilibrium,
)

RPS = np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])
TRANSITIVE = [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]
SCORES = np.array([[0.9, 0.2, 0.5], [0.4, 0.8, 0.3], [0.1, 0.1, 0.9], [0.6, 0.6, 0.4]])
GOLDEN = {"rtol": 0, "atol": 1e-6}


def joined(table, *rows):
    """Add agents, each by its advantages over those before it."""
    for row in rows:
        n = len(table)
        grown = np.zeros((n + 1, n + 1))
        grown[:n, :n], grown[n, :n], grown[:n, n] = table, row, -np.array(row)
        table = grown
    return table


def random_table(seed, n):
    table = np.random.default_rng(seed).normal(size=(n, n))
    return table - table.T


@pytest.mark.parametrize(
    ("table", "weight", "score"),
    [
        (RPS, [1 / 3] * 3, [0, 0, 0]),
        (joined(RPS, RPS[0]), [1 / 6, 1 / 3, 1 / 3, 1 / 6], [0] * 4),
        (joined(RPS, RPS[0], [*RPS[0], 0]), [1 / 9, 1 / 3, 1 / 3, 1 / 9, 1 / 9], [0] * 5),
        (joined(RPS, [-0.1, -1.1, 0.9]), [1 / 3, 1 / 3, 1 / 3, 0], [0, 0, 0, -0.1]),
        (joined(RPS, [-1, -1, -1]), [1 / 3, 1 / 3, 1 / 3, 0], [0, 0, 0, -1]),
        ([[0, -1, 2], [1, 0, -1], [-2, 1, 0]], [0.25, 0.5, 0.25], [0, 0, 0]),
        (np.zeros((4, 4)), [0.25] * 4, [0] * 4),
        (TRANSITIVE, [1, 0, 0], [0, -1, -2]),
        ([[0.0]], [1], [0]),
    ],
)
def test_golden_averages(table, weight, score):
    found = nash_average(table)
    np.testing.assert_allclose(found.weight, weight, **GOLDEN)
    np.testing.assert_allclose(found.score, score, **GOLDEN)


def test_golden_agents_against_tasks():
    found = nash_average_tasks(SCORES)
    np.testing.assert_allclose(found.agent_weight, [0.063830, 0, 0.323404, 0.612766], **GOLDEN)
    np.testing.assert_allclose(found.task_weight, [0.255319, 0.297872, 0.446809], **GOLDEN)
    np.testing.assert_allclose(found.agent_score, [0.446809, 0.393617, 0.446809, 0.446809], **GOLDEN)
    np.testing.assert_allclose(found.task_score, -21 / 47)
    assert found.value == pytest.approx(21 / 47)


def test_tasks_may_be_doubled_rescaled_or_useless():
    plain = nash_average_tasks(SCORES)
    doubled = nash_average_tasks(np.column_stack([SCORES, SCORES[:, 0]]))
    np.testing.assert_allclose(doubled.agent_score, plain.agent_score)
    assert doubled.task_weight[0] == pytest.approx(doubled.task_weight[3], abs=1e-9)
    units = nash_average_tasks(SCORES * [1, 100, 0.01] - [5, 0, 7])
    np.testing.assert_allclose(units.agent_score, plain.agent_score)
    useless = nash_average_tasks(np.column_stack([np.full(4, 3.0), SCORES]))
    np.testing.assert_allclose(useless.agent_score, plain.agent_score)
    np.testing.assert_allclose(useless.task_weight[1:], plain.task_weight)
    assert useless.task_weight[0] == 0
    assert np.isnan(useless.task_score[0])
    with pytest.raises(ValueError, match="equal scores on every task"):
        nash_average_tasks(np.ones((2, 2)))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 7), copies=st.integers(1, 3))
def test_clones_change_nothing(seed, n, copies):
    table = random_table(seed, n)
    rng = np.random.default_rng(seed)
    who = np.concatenate([np.arange(n), rng.integers(n, size=copies)])
    plain, cloned = nash_average(table), nash_average(table[np.ix_(who, who)])
    np.testing.assert_allclose(cloned.score, plain.score[who], atol=1e-8)
    shared = np.bincount(who)
    np.testing.assert_allclose(cloned.weight, (plain.weight / shared)[who], atol=1e-8)
    assert effective_diversity(table[np.ix_(who, who)]) == pytest.approx(effective_diversity(table), abs=1e-8)
    layers = nash_clusters(table)
    assert nash_clusters(table[np.ix_(who, who)]) == tuple(
        tuple(i for i in range(len(who)) if who[i] in layer) for layer in layers
    )


@settings(derandomize=True, deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 7))
def test_the_dominated_change_nothing(seed, n):
    table = random_table(seed, n)
    worse = joined(table, table[0] - 0.5)
    found, plain = nash_average(worse), nash_average(table)
    np.testing.assert_allclose(found.weight, [*plain.weight, 0], atol=1e-8)
    np.testing.assert_allclose(found.score[:-1], plain.score, atol=1e-8)
    assert found.score[-1] <= -0.5 + 1e-8


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 8), m=st.integers(1, 8), whole=st.booleans())
def test_equilibria_are_equilibria(seed, n, m, whole):
    rng = np.random.default_rng(seed)
    payoff = rng.integers(-2, 3, size=(n, m)).astype(float) if whole else rng.normal(size=(n, m))
    found = zero_sum_equilibrium(payoff)
    assert np.max(payoff @ found.column) - np.min(found.row @ payoff) < 1e-8
    assert found.row @ payoff @ found.column == pytest.approx(found.value, abs=1e-12)
    other_side = zero_sum_equilibrium(-payoff.T)
    np.testing.assert_allclose(other_side.row, found.column, atol=1e-6)
    np.testing.assert_allclose(other_side.column, found.row, atol=1e-6)
    shifted = zero_sum_equilibrium(3 * payoff + 10)
    np.testing.assert_allclose(shifted.row, found.row, atol=1e-6)
    assert shifted.value == pytest.approx(3 * found.value + 10, abs=1e-7)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 6), m=st.integers(1, 6), digits=st.integers(4, 16))
def test_equilibria_of_nearly_tied_games(seed, n, m, digits):
    rng = np.random.default_rng(seed)
    payoff = 100 + rng.integers(-2, 3, size=(n, m)) + 10.0**-digits * rng.normal(size=(n, m))
    found = zero_sum_equilibrium(payoff)
    assert np.max(payoff @ found.column) - np.min(found.row @ payoff) < 1e-4


def test_golden_population_performance():
    payoff = [[0.2, -0.1, 0.4], [-0.3, 0.5, 0.1]]
    assert relative_population_performance(payoff) == pytest.approx(0.063636, abs=1e-6)
    found = zero_sum_equilibrium(payoff)
    np.testing.assert_allclose(found.row, [0.727273, 0.272727], **GOLDEN)
    np.testing.assert_allclose(found.column, [0.545455, 0.454545, 0], **GOLDEN)
    # a population that adds to the other one cannot be worse
    table = random_table(0, 6)
    assert relative_population_performance(table[:, :4]) >= -1e-9
    assert relative_population_performance(table[:4]) <= 1e-9


def test_effective_diversity_is_of_cycles():
    assert effective_diversity(RPS) == pytest.approx(1 / 3)
    assert effective_diversity(TRANSITIVE) == 0
    assert effective_diversity(joined(RPS, [-1, -1, -1])) == pytest.approx(1 / 3)


def test_clusters_are_layers_of_cycles():
    assert nash_clusters(RPS) == ((0, 1, 2),)
    assert nash_clusters(TRANSITIVE) == ((0,), (1,), (2,))
    below = np.block([[RPS, np.ones((3, 3))], [-np.ones((3, 3)), RPS]])
    assert nash_clusters(below[::-1, ::-1]) == ((3, 4, 5), (0, 1, 2))
    assert nash_clusters(joined(below, [1] * 6)) == ((6,), (0, 1, 2), (3, 4, 5))


def test_noise_is_reported_not_hidden():
    """Equal players: the equilibrium of one noisy table picks favourites, the bootstrap says that nothing is known."""
    rng = np.random.default_rng(3)
    wins = np.triu(rng.binomial(40, 0.5, size=(5, 5)), 1)
    wins = wins + np.triu(40 - wins, 1).T
    found = bootstrap_table(lambda table: nash_average(table).score, wins, samples=100)
    np.testing.assert_allclose(found.value, nash_average(advantage(wins, prior=0.5)).score)
    assert found.value.min() < -0.01
    assert np.all(found.low <= found.mean)
    assert np.all(found.mean <= found.high)
    assert np.all(found.high > -1e-6)  # each of them may be in the support


def test_what_is_no_advantage_is_refused():
    with pytest.raises(ValueError, match="must be antisymmetric"):
        nash_average([[0, 1], [1, 0]])
    with pytest.raises(ValueError, match="must be antisymmetric"):
        nash_clusters([[0, 1, 2]])
    with pytest.raises(ValueError, match="finite numbers"):
        effective_diversity([[0, np.nan], [np.nan, 0]])
    with pytest.raises(ValueError, match="finite numbers"):
        zero_sum_equilibrium(np.zeros((0, 2)))


def test_hundreds_of_agents_take_seconds():
    start = time.perf_counter()
    found = nash_average(random_table(0, 200))
    assert found.score.max() < 1e-9
    assert time.perf_counter() - start < 5
