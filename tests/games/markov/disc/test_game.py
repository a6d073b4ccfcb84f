import numpy as np
import pytest

from games import Comparison, Limits, make
from games.check import check_game
from games.markov.disc.nash import payoff, project

GAME = make("markov/disc-v0")


def play(points, transitive=0.0):
    """Return scores [K, 2] of K matches between points [K, 2, 2]."""
    count = len(points)
    vector = GAME.vector(count, Limits(seats=2))
    task = GAME.task_space.task({"transitive": transitive})
    vector.assign(np.arange(count), [task] * count, np.arange(count, dtype=np.uint64))
    return vector.step(np.asarray(points, np.float32)).score


def test_the_shipped_checker_finds_nothing():
    assert [finding for finding in check_game(GAME) if not finding.ok] == []


def test_a_quarter_turn_ahead_wins_and_so_on_in_a_circle():
    east, north, west, south = [1, 0], [0, 1], [-1, 0], [0, -1]

    scores = play([[north, east], [west, north], [south, west], [east, south], [north, south], [east, east]])

    assert scores.tolist() == [[1, -1], [1, -1], [1, -1], [1, -1], [0, 0], [0, 0]]
    assert GAME.comparison is Comparison.ZERO_SUM


def test_skill_alone_is_the_first_coordinate():
    assert play([[[1, 0], [-1, 0]], [[0.5, 0.5], [0, 0.9]]], transitive=1.0) == pytest.approx(
        np.array([[1, -1], [0.25, -0.25]])
    )


def test_what_lies_outside_of_the_disc_counts_as_the_nearest_point_of_it():
    assert project([[1, 1], [3, -4], [0.3, 0.4]]) == pytest.approx(np.array([[0.5**0.5] * 2, [0.6, -0.8], [0.3, 0.4]]))
    assert play([[[1, 1], [1, 0]]])[0, 0] == pytest.approx(0.5**0.5)


@pytest.mark.parametrize("transitive", [0.0, 0.3, 1.0])
def test_the_engine_pays_what_the_formula_says(transitive):
    points = np.random.default_rng(0).uniform(-1, 1, (200, 2, 2)).astype(np.float32)

    scores = play(points, transitive)

    assert scores[:, 0] == pytest.approx(payoff(points[:, 0], points[:, 1], transitive))
    assert (scores[:, 0] == -scores[:, 1]).all()
    assert np.abs(scores).max() <= 1.0
