"""The equilibria that the literature gives for each table, and a plain sum over all cells as oracle."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import InputError
from games.markov.matrix.nash import improvements, returns
from games.markov.matrix.tables import TABLES

THIRD = [1 / 3] * 3
HALF = [0.5, 0.5]

EQUILIBRIA = {
    "rps": [([THIRD, THIRD], [0, 0])],
    "biased_rps": [([[1 / 16, 10 / 16, 5 / 16]] * 2, [0, 0])],
    "rps_cloned": [
        ([[1 / 3, 1 / 3, 1 / 3, 0]] * 2, [0, 0]),
        ([[1 / 6, 1 / 3, 1 / 3, 1 / 6], [0, 1 / 3, 1 / 3, 1 / 3]], [0, 0]),
    ],
    "rps_dominated": [([[*THIRD, 0]] * 2, [0, 0])],
    "matching_pennies": [([HALF, HALF], [0, 0])],
    "prisoners_dilemma": [([[0, 1], [0, 1]], [1, 1])],
    "stag_hunt": [([[1, 0], [1, 0]], [4, 4]), ([[0, 1], [0, 1]], [3, 3]), ([[0.75, 0.25]] * 2, [3, 3])],
    "battle_of_sexes": [
        ([[1, 0], [1, 0]], [3, 2]),
        ([[0, 1], [0, 1]], [2, 3]),
        ([[0.6, 0.4], [0.4, 0.6]], [1.2, 1.2]),
    ],
    "pennies_of_three": [([HALF, HALF, HALF], [0, 0, 0])],
    "levers": [
        ([[1] + [0] * 9] * 2, [1, 1]),
        ([[0] * 9 + [1]] * 2, [0.9, 0.9]),
        ([[0.9 / 9.1] * 9 + [1 / 9.1]] * 2, [0.9 / 9.1] * 2),
    ],
}


@pytest.mark.parametrize("name", TABLES)
def test_nobody_gains_by_leaving_a_known_equilibrium(name):
    for strategies, values in EQUILIBRIA[name]:
        assert improvements(name, strategies) == pytest.approx(np.zeros(len(values)), abs=1e-12)
        assert returns(name, strategies) == pytest.approx(values)


def test_what_is_no_equilibrium_is_no_equilibrium():
    assert improvements("rps", [[1, 0, 0], THIRD]) == pytest.approx([0, 1])
    assert improvements("prisoners_dilemma", [[1, 0], [1, 0]]) == pytest.approx([2, 2])
    assert improvements("rps_dominated", [[0, 0, 0, 1], [*THIRD, 0]]) == pytest.approx([0.1, 1.0])
    assert improvements("pennies_of_three", [[1, 0]] * 3) == pytest.approx([0, 0, 2])


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.sampled_from(sorted(TABLES)), st.randoms(use_true_random=False))
def test_gains_are_those_of_a_plain_sum_over_all_cells(name, random):
    table = TABLES[name]
    players, actions = len(table), table.shape[1]
    mixes = []
    for _ in range(players):
        raw = [random.random() + 1e-3 for _ in range(actions)]
        mixes.append([x / sum(raw) for x in raw])

    def worth(player, own):
        total = 0.0
        for cell in product(range(actions), repeat=players):
            probability = 1.0
            for p, action in enumerate(cell):
                probability *= own[action] if p == player else mixes[p][action]
            total += probability * table[player][cell]
        return total

    values = [worth(p, mixes[p]) for p in range(players)]
    best = [max(worth(p, np.eye(actions)[a]) for a in range(actions)) for p in range(players)]
    assert returns(name, mixes) == pytest.approx(values)
    assert improvements(name, mixes) == pytest.approx(np.subtract(best, values), abs=1e-12)


def test_mistakes_are_told():
    with pytest.raises(InputError, match=r"unknown matrix game 'rsp'; did you mean 'rps'\?"):
        returns("rsp", [THIRD, THIRD])
    with pytest.raises(InputError, match=r"strategies of rps are 2 distributions over 3 actions"):
        returns("rps", [HALF, HALF])
    with pytest.raises(InputError, match="must be distributions"):
        improvements("rps", [[1, 1, 0], THIRD])
