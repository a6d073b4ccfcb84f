from functools import cache
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_spiel.python.voting import base
from open_spiel.python.voting import borda as their_borda
from open_spiel.python.voting import copeland as their_copeland
from open_spiel.python.voting import schulze as their_schulze

from eval.voting import borda, copeland, maximal_lottery, preferences, schulze

BALLOTS = [("ADCB", 5), ("BDCA", 7), ("CADB", 6), ("DBAC", 3)]  # A, B, C, D from the best to the worst


def of_ballots(ballots, names="ABCD"):
    """Preferences of full or partial rankings."""
    scores = [[-ballot.index(name) if name in ballot else np.nan for name in names] for ballot, _ in ballots]
    return preferences(scores, weights=[count for _, count in ballots])


def random_votes(seed, voters=7, agents=5):
    return np.random.default_rng(seed).permuted(np.tile(np.arange(agents), (voters, 1)), axis=1).astype(float)


def test_golden_values():
    table = of_ballots(BALLOTS)
    np.testing.assert_array_equal(table - table.T, [[0, 1, -5, 1], [-1, 0, -1, -7], [5, 1, 0, -9], [-1, 7, 9, 0]])
    np.testing.assert_array_equal(borda(table), [30, 27, 30, 39])
    np.testing.assert_array_equal(copeland(table), [2, 0, 2, 2])
    np.testing.assert_array_equal(schulze(table), [1, 0, 2, 3])  # D, C, A, B
    np.testing.assert_allclose(maximal_lottery(table), [9 / 15, 0, 1 / 15, 5 / 15], atol=1e-9)  # a cycle of A, C and D


def test_openspiel_agrees():
    compared = 0
    for seed in range(20):
        scores = random_votes(seed, voters=101)
        names = [str(i) for i in range(scores.shape[1])]
        ballots = [[names[i] for i in np.argsort(-row)] for row in scores]
        profile = base.PreferenceProfile(votes=ballots, alternatives=names)
        table = preferences(scores)
        for ours, theirs in ((borda, their_borda.BordaVoting), (copeland, their_copeland.CopelandVoting)):
            outcome = theirs().run_election(profile)
            expected = dict(zip(outcome.ranking, outcome.scores, strict=True))
            np.testing.assert_allclose(ours(table), [expected[name] for name in names])
        found = schulze(table)
        if sorted(found) == [0, 1, 2, 3, 4]:  # OpenSpiel breaks ties
            order = [int(name) for name in their_schulze.SchulzeVoting().run_election(profile).ranking]
            np.testing.assert_array_equal(order, np.argsort(-found))
            compared += 1
    assert compared >= 8


@pytest.mark.parametrize("seed", range(5))
def test_schulze_is_the_widest_path(seed):
    """All simple paths, one by one."""
    table = preferences(random_votes(seed, voters=6))
    margin = np.maximum(table - table.T, 0)
    n = len(table)

    @cache
    def strongest(i, j):
        middles = [k for k in range(n) if k not in (i, j)]
        paths = [(i, *order[:length], j) for order in permutations(middles) for length in range(n - 1)]
        return max(min(margin[a, b] for a, b in pairwise(path)) for path in paths)

    beats = [sum((np.sign(strongest(i, j) - strongest(j, i)) + 1) / 2 for j in range(n) if j != i) for i in range(n)]
    np.testing.assert_allclose(schulze(table), beats)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6))
def test_a_condorcet_winner_wins_and_clones_do_not_matter(seed):
    scores = random_votes(seed)
    table = preferences(scores)
    winners = np.flatnonzero((table > table.T).sum(axis=1) == len(table) - 1)
    for winner in winners:
        np.testing.assert_allclose(maximal_lottery(table), np.eye(len(table))[winner], atol=1e-9)
        assert copeland(table)[winner] == schulze(table)[winner] == len(table) - 1
    cloned = np.column_stack([scores, scores[:, 0]])  # every voter ranks the clone level with its original
    lottery, with_clone = maximal_lottery(table), maximal_lottery(preferences(cloned))
    np.testing.assert_allclose(with_clone[1:5], lottery[1:], atol=1e-7)
    np.testing.assert_allclose(with_clone[[0, 5]], lottery[0] / 2, atol=1e-7)
    order = schulze(preferences(cloned))
    assert order[0] == order[5]


def test_partial_rankings_and_ties():
    table = of_ballots([("AB", 2), ("C", 5), ("BCA", 1)], "ABC")
    np.testing.assert_array_equal(table, [[0, 2, 0], [1, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(preferences([[1, 1, 0]]), [[0, 0.5, 1], [0.5, 0, 1], [0, 0, 0]])
    np.testing.assert_array_equal(borda(preferences([[1, 1, 0]])), [1.5, 1.5, 0])
    nothing = preferences(np.full((3, 4), np.nan))
    np.testing.assert_allclose(maximal_lottery(nothing), 0.25)
    np.testing.assert_array_equal(copeland(nothing), 1.5)


def test_only_order_counts():
    scores = random_votes(1)
    np.testing.assert_array_equal(preferences(np.exp(scores) * np.arange(1, 8)[:, None]), preferences(scores))


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="as many weights"):
        preferences([[1, 2]], weights=[1, 2])
    with pytest.raises(ValueError, match="as many weights"):
        preferences([[1, 2]], weights=[-1])
    with pytest.raises(ValueError, match=r"\[voters, agents\]"):
        preferences([1, 2])
    with pytest.raises(ValueError, match="square table"):
        schulze([[0, 1]])
