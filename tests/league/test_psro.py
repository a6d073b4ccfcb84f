"""PSRO on games that are solved: matrix games as trees, Kuhn and Leduc poker."""

from itertools import pairwise

import numpy as np
import pytest

from eval import GameTree
from eval.meta_solvers import alpha_rank, cce, nash, regret_matching, replicator, uniform
from games import InputError, make
from games.markov.matrix.tables import TABLES
from league.exact import Exact
from league.psro import psro


def tree_of(table):
    """Return a matrix game as a tree: one information set a player."""
    players, actions = len(table), table.shape[1]
    cells = np.array(list(np.ndindex(table.shape[1:])))
    return GameTree(
        chance=np.ones(len(cells)),
        payoff=table[:, *cells.T].T,
        sequence=cells + np.arange(players) * actions,
        player=np.arange(players),
        parent=np.full(players, -1),
        legal=np.ones((players, actions), bool),
    )


@pytest.fixture(scope="module")
def kuhn():
    return Exact(make("openspiel/kuhn_poker")).tree


def test_the_double_oracle_solves_a_matrix_game():
    rounds = list(psro(tree_of(TABLES["biased_rps"]), nash, rounds=10))

    assert rounds[-1].nash_conv == pytest.approx(0.0, abs=1e-9)
    assert rounds[-1].mixture == pytest.approx(np.array([[1 / 16, 10 / 16, 5 / 16]] * 2))
    assert len(rounds) <= 5
    # uniform play: rock 0.5 / 3, paper 0.4 / 3, scissors -0.9 / 3
    assert rounds[0].nash_conv == pytest.approx(2 * 0.5 / 3)


def test_uniform_solver_is_fictitious_play():
    """A response to the even average of all that was answered before, every time."""
    payoff, played, expected = TABLES["biased_rps"][0], np.full((2, 3), 1 / 3), []
    for number in range(1, 31):
        average = played / number
        expected.append(average)
        answers = np.argmax(payoff @ average[1]), np.argmax(-average[0] @ payoff)
        played = played + np.eye(3)[list(answers)]

    rounds = list(psro(tree_of(TABLES["biased_rps"]), uniform, rounds=29))

    assert [r.joint.shape for r in rounds] == [(n, n) for n in range(1, 31)]
    assert np.array([r.mixture for r in rounds]) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("target", ["full", "rectified"])
def test_kuhn_poker_is_solved(kuhn, target):
    rounds = list(psro(kuhn, nash, rounds=30, target=target))

    assert rounds[0].nash_conv == pytest.approx(11 / 12)
    assert rounds[-1].nash_conv < 1e-9
    assert [r.number for r in rounds] == list(range(len(rounds)))


@pytest.mark.parametrize("solver", [replicator, regret_matching, alpha_rank, cce], ids=lambda solver: solver.__name__)
def test_kuhn_poker_falls_below_a_twentieth_with_every_solver_that_looks_at_results(kuhn, solver):
    assert min(found.nash_conv for found in psro(kuhn, solver, rounds=15)) < 0.05


def test_rectified_responses_are_several_and_all_different(kuhn):
    rounds = list(psro(kuhn, nash, rounds=30, target="rectified"))

    growth = [np.subtract(b.joint.shape, a.joint.shape) for a, b in pairwise(rounds)]
    assert max(grown.max() for grown in growth) > 1
    # one of each pure policy at most: there are 2^6 a player, and the uniform one
    assert max(rounds[-1].joint.shape) <= 65


def test_a_player_who_beats_nobody_in_the_mixture_answers_all_of_it():
    """In the prisoner's dilemma whoever cooperates earns less than the mean; the response is to defect all the same."""
    rounds = list(psro(tree_of(TABLES["prisoners_dilemma"]), uniform, rounds=4, target="rectified"))

    assert [r.joint.shape for r in rounds] == [(1, 1), (2, 2)]


def test_three_players_answer_the_other_two_together():
    tree = Exact(make("openspiel/kuhn_poker(players=3)")).tree

    rounds = list(psro(tree, uniform, rounds=6))

    assert rounds[0].nash_conv == pytest.approx(2.0625)
    assert rounds[-1].joint.shape == (7, 7, 7)
    assert rounds[-1].nash_conv < 0.6


def test_a_correlated_mixture_is_answered_as_it_is():
    """The others agree more often than their shares would make them, and the first player bets on that."""
    table = np.zeros((3, 2, 2, 2))
    table[0, 0, 0, 0] = table[0, 0, 1, 1] = 1.0  # its action 0 pays when the others agree,
    table[0, 1] = 0.7  # its action 1 always
    table[1, :, 1] = table[2, :, :, 1] = 1e-3  # the others answer with their second action

    def signal(payoffs):
        joint = np.zeros(payoffs.shape[1:])
        joint[-1, 0, 0] = joint[-1, -1, -1] = 0.5
        return joint / joint.sum()

    first, second, third = psro(tree_of(table), signal, rounds=2)

    assert first.mixture[0].tolist() == [0.5, 0.5]
    assert second.mixture[0].tolist() == [0.0, 1.0]  # uniform others agree in half of all cases
    assert second.mixture[1:].tolist() == [[0.25, 0.75]] * 2
    # both uniform or both at their second action: 0.75; each for itself, 0.25 ** 2 + 0.75 ** 2 = 0.625
    assert third.mixture[0].tolist() == [1.0, 0.0]


def test_an_unknown_target_is_refused_with_the_names():
    tree = tree_of(TABLES["rps"])
    with pytest.raises(
        InputError, match=r"unknown psro target 'rectify'; did you mean 'rectified'\? \(known: full, rect"
    ):
        next(psro(tree, uniform, rounds=1, target="rectify"))


def test_leduc_poker_falls_below_three_tenths():
    tree = Exact(make("openspiel/leduc_poker")).tree

    rounds = []
    for found in psro(tree, nash, rounds=150):
        rounds.append(found.nash_conv)
        if found.nash_conv < 0.3:
            break

    assert rounds[0] == pytest.approx(4.747222, abs=1e-6)
    assert rounds[-1] < 0.3
