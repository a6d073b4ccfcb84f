"""Equilibria against every deviation, and against games that are solved elsewhere."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import InputError
from games.markov.matrix import nash as matrix
from games.markov.repeated import nash
from games.markov.repeated.rules import ACTIONS, GAMES, payoff

POPULATIONS = (2, 3, 4, 9, 24)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("multiplier", [1.6, 3.5])
def test_nobody_gains_by_leaving_a_known_equilibrium(game, population, multiplier):
    for mixture in nash.symmetric_equilibria(game, population, multiplier=multiplier):
        assert mixture.sum() == pytest.approx(1)
        assert nash.improvement(game, mixture, population, multiplier=multiplier) == pytest.approx(0, abs=1e-9)
    for crowd in nash.pure_equilibria(game, population, multiplier=multiplier):
        assert sum(crowd) == population
        assert nash.pure_improvement(game, crowd, multiplier=multiplier) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("game", "mixture", "population", "gained"),
    [
        ("prisoners_dilemma", [1, 0], 5, 2),
        ("public_goods", [1, 0], 4, 1 - 1.6 / 4),
        ("volunteers_dilemma", [0, 1], 7, 0.6),
        ("volunteers_dilemma", [1, 0], 7, 0.4),
        ("minority", [1, 0], 5, 1),
        ("congestion", [0, 0, 1], 6, 2 - 3 / 6),
    ],
)
def test_what_is_gained_elsewhere(game, mixture, population, gained):
    assert nash.improvement(game, mixture, population, multiplier=1.6) == pytest.approx(gained)
    crowd = [int(share) * population for share in mixture]
    assert nash.pure_improvement(game, crowd, multiplier=1.6) == pytest.approx(gained)


@pytest.mark.parametrize("game", [name for name in GAMES if ACTIONS[name] == 2])
@pytest.mark.parametrize("population", [2, 3, 5])
def test_no_other_mixture_of_two_actions_is_an_equilibrium(game, population):
    known = nash.symmetric_equilibria(game, population, multiplier=1.6)
    for share in np.linspace(0, 1, 101):
        mixture = np.array([share, 1 - share])
        if min(np.abs(mixture - other).max() for other in known) > 0.01:
            assert nash.improvement(game, mixture, population, multiplier=1.6) > 1e-9, share


@pytest.mark.parametrize(("game", "table"), [("prisoners_dilemma", "prisoners_dilemma"), ("stag_hunt", "stag_hunt")])
def test_with_two_players_they_are_the_matrix_games(game, table):
    for share in (0.0, 0.2, 0.7, 1.0):
        mixture = [share, 1 - share]
        earned = nash.worth(game, mixture, 2)
        assert earned @ mixture == pytest.approx(matrix.returns(table, [mixture, mixture])[0])
        assert nash.improvement(game, mixture, 2) == pytest.approx(matrix.improvements(table, [mixture, mixture])[0])


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    game=st.sampled_from(GAMES),
    population=st.integers(2, 5),
    weights=st.lists(st.floats(0.01, 1), min_size=3, max_size=3),
)
def test_worth_is_the_mean_over_all_that_the_others_may_do(game, population, weights):
    count = ACTIONS[game]
    mixture = np.array(weights[:count]) / sum(weights[:count])
    expected = np.zeros(count)
    for joint in product(range(count), repeat=population - 1):
        others = np.bincount(joint, minlength=count)
        expected += np.prod(mixture[list(joint)]) * np.array([payoff(game, a, others, 1.6) for a in range(count)])

    np.testing.assert_allclose(nash.worth(game, mixture, population, multiplier=1.6), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("game", "population", "most"),
    [
        ("prisoners_dilemma", 3, 9),
        ("public_goods", 5, 3),
        ("volunteers_dilemma", 4, 3.6),
        ("stag_hunt", 4, 16),
        ("coordination", 4, 4),
        ("minority", 5, 2),
        ("minority", 4, 2),
        ("congestion", 2, 5),
        ("congestion", 9, 6),
    ],
)
def test_the_most_that_all_can_get(game, population, most):
    assert nash.max_welfare(game, population, multiplier=1.6) == pytest.approx(most)


def test_what_a_dilemma_is():
    """In three of the games all get less in equilibrium than they could."""
    for game in ("prisoners_dilemma", "public_goods", "volunteers_dilemma"):
        (mixture,) = nash.symmetric_equilibria(game, 6, multiplier=1.6)
        all_get = 6 * float(nash.worth(game, mixture, 6, multiplier=1.6) @ mixture)
        assert all_get < 0.9 * nash.max_welfare(game, 6, multiplier=1.6)


def test_wrong_questions_are_answered_with_a_sentence():
    with pytest.raises(InputError, match="unknown game 'minorities'; did you mean 'minority'"):
        nash.improvement("minorities", [1, 0], 3)
    with pytest.raises(InputError, match="unknown game 'chess'"):
        nash.symmetric_equilibria("chess", 3)
    with pytest.raises(InputError, match="unknown game 'chess'"):
        nash.max_welfare("chess", 3)
    with pytest.raises(InputError, match="a mixture of minority must be 2 numbers"):
        nash.improvement("minority", [0.5, 0.4], 3)
    with pytest.raises(InputError, match="a game has at least two players, not 1"):
        nash.improvement("minority", [0.5, 0.5], 1)
