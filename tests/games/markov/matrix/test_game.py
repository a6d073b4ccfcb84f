from itertools import product

import numpy as np
import pytest

from games import Comparison, InputError, Limits, make
from games.check import check_game
from games.markov.matrix.tables import TABLES

GAME = make("markov/matrix-v0")


def task(name):
    return GAME.task_space.task({"game": name})


def test_the_shipped_checker_finds_nothing():
    assert [finding for finding in check_game(GAME) if not finding.ok] == []


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_of_every_table_is_paid_alone_and_among_other_games(name):
    table = TABLES[name]
    players, actions = len(table), table.shape[1]
    cells = list(product(range(actions), repeat=players))
    for seats in {players, GAME.max_seats}:
        vector = GAME.vector(len(cells) + 1, Limits(seats=seats))
        vector.assign(
            np.arange(len(cells) + 1), [task(name)] * len(cells) + [task("rps")], np.zeros(len(cells) + 1, np.uint64)
        )
        chosen = np.zeros((len(cells) + 1, seats, 1), np.int32)
        chosen[:-1, :players, 0] = cells
        chosen[-1, :2, 0] = [1, 0]

        score = vector.step(chosen).score

        assert score[:-1, :players].tolist() == [[table[player][cell] for player in range(players)] for cell in cells]
        assert score[-1, :2].tolist() == [1, -1]
        assert not score[:-1, players:].any()


def test_seats_and_legal_actions_follow_the_table():
    assert [len(GAME.seats(task(name))) for name in ("rps", "pennies_of_three")] == [2, 3]
    assert GAME.max_seats == 3
    assert GAME.comparison is Comparison.GENERAL_SUM
    vector = GAME.vector(3, Limits(seats=3))
    view = vector.assign(
        np.arange(3), [task(n) for n in ("rps", "pennies_of_three", "rps_cloned")], np.zeros(3, np.uint64)
    )

    assert view.action_mask[:, 0].sum(axis=1).tolist() == [3, 2, 4]
    assert view.action_mask[0, 0].tolist() == [True] * 3 + [False] * 7
    assert not view.action_mask[0, 2].any()
    assert view.acting.sum(axis=1).tolist() == [2, 3, 2]
    assert view.observation["seat"][1].tolist() == np.eye(3).tolist()
    assert view.observation["game"][0, :2].argmax(axis=1).tolist() == [0, 0]


def test_an_unknown_table_is_answered_with_the_names():
    with pytest.raises(InputError, match="task parameter 'game' must be one of 'rps', 'biased_rps'"):
        task("rps_biased")
