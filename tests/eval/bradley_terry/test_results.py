import numpy as np
import pytest

from eval.bradley_terry import Disconnected, components, fit_bradley_terry
from eval.bradley_terry.results import of_cells


def test_a_winless_agent_is_named():
    with pytest.raises(Disconnected, match=r"\{0, 1\}, \{2\}; more games, or a prior") as caught:
        fit_bradley_terry([[0, 1, 2], [1, 0, 2], [0, 0, 0]])
    assert caught.value.components == ((0, 1), (2,))


def test_a_prior_cannot_relate_those_who_never_met():
    wins = np.zeros((4, 4))
    wins[0, 1] = wins[2, 3] = 1
    with pytest.raises(Disconnected, match="they must meet, directly or through others"):
        fit_bradley_terry(wins, prior=0.5)


def test_a_draw_connects_both_ways():
    draws = [[0, 0, 1], [0, 0, 1], [1, 1, 0]]
    assert components(np.zeros((3, 3)), draws) == ((0, 1, 2),)
    np.testing.assert_allclose(fit_bradley_terry(np.zeros((3, 3)), draws).rating, 0, atol=1e-9)


def test_many_groups_are_cut_short():
    with pytest.raises(Disconnected, match=r"\{7\} and 12 more;"):
        fit_bradley_terry(np.zeros((20, 20)))


def test_groups_are_ordered_by_size_and_then_by_their_first():
    wins = np.zeros((6, 6))
    wins[5, 1] = wins[1, 5] = wins[2, 4] = wins[4, 2] = wins[0, 3] = 1
    assert components(wins) == ((1, 5), (2, 4), (0,), (3,))


def test_virtual_games_are_held_apart():
    """Each pair that met gets them once, whatever the order of seats."""
    cells = np.zeros((3, 3, 3))
    cells[0, 1] = [2, 0, 0]
    cells[1, 0] = [0, 0, 4]
    cells[2, 1] = [1, 0, 0]
    results, pair = of_cells(cells, prior=0.5, seats=True)
    assert results.real == 3
    assert (results.first.tolist(), results.second.tolist()) == ([0, 1, 2, 0, 1], [1, 0, 1, 1, 2])
    assert results.counts.tolist() == [[2, 0, 0], [0, 0, 4], [1, 0, 0], [0.5, 0, 0.5], [0.5, 0, 0.5]]
    assert results.seated.tolist() == [1, 1, 1, 0, 0]
    assert pair.tolist() == [[-1, 0, -1], [1, -1, -1], [-1, 2, -1]]
    assert results.games().tolist() == [6, 7, 1]
    assert results.groups() == ((0, 1, 2),)
    assert results.groups(prior=False) == ((0,), (1,), (2,))
    assert results.groups([0, 2, 1], prior=False) == ((0, 1, 2),)
