import numpy as np
import pytest

from games import InputError, Limits, make
from games.check import check_game
from games.relabelled import Symmetry, relabelled

GAME = make("markov/matrix-v0")
LEVERS = GAME.task_space.task({"game": "levers"})


def assigned(count, seed=0):
    vector = relabelled(GAME, [LEVERS]).vector(count, Limits(seats=2))
    return vector, vector.assign(np.arange(count), [LEVERS] * count, np.arange(seed, seed + count, dtype=np.uint64))


def paid(first, second, count=4000):
    vector, _ = assigned(count)
    actions = np.tile(np.array([[first], [second]], np.int32), (count, 1, 1))
    return vector.step(actions).reward[:, 0]


def test_a_lever_like_others_is_found_by_chance_and_the_odd_one_always():
    same = paid(3, 3)
    assert set(same.tolist()) == {0.0, 1.0}
    assert same.mean() == pytest.approx(1 / 9, abs=0.02)
    assert set(paid(9, 9).tolist()) == {np.float32(0.9)}
    assert set(paid(3, 9).tolist()) == {0.0}


def test_names_depend_on_the_seed_alone():
    vector, _ = assigned(50)
    alone, _ = assigned(1, seed=17)
    np.testing.assert_array_equal(vector._actions[17], alone._actions[0])
    assert len({tuple(row) for row in vector._actions[:, 0].tolist()}) == 9, "eight rotations and the identity"
    assert (vector._actions[:, 0] != vector._actions[:, 1]).any()


def test_observation_and_mask_are_seen_through_the_symmetry():
    class Marked(type(GAME)):
        observation_space = GAME.observation_space

        def symmetries(self, task):
            return (Symmetry(np.array([1, 0, *range(2, 10)]), {"seat": np.array([2, 1, 0])}),)

        def legal(self, number):
            return np.tile(np.arange(10) != 0, (len(number), 1))

    vector = relabelled(Marked(), [LEVERS]).vector(64, Limits(seats=2))
    view = vector.assign(np.arange(64), [LEVERS] * 64, np.arange(64, dtype=np.uint64))
    turned = vector._actions[:, 0, 0] == 1
    assert 10 < turned.sum() < 54
    assert view.action_mask[turned, 0].tolist() == [[True, False] + [True] * 8] * turned.sum()
    assert view.action_mask[~turned, 0].tolist() == [[False] + [True] * 9] * (~turned).sum()
    assert view.observation["seat"][turned, 0].tolist() == [[0, 0, 1]] * turned.sum()
    assert view.observation["seat"][~turned, 0].tolist() == [[1, 0, 0]] * (~turned).sum()


def test_the_contract_is_kept():
    wrong = [f for f in check_game(relabelled(GAME, [LEVERS]), matches=32) if not f.ok]
    assert not wrong


def test_a_game_without_symmetries_is_refused():
    game = make("openspiel/tic_tac_toe")
    with pytest.raises(InputError, match="openspiel/tic_tac_toe names no symmetries on these tasks"):
        relabelled(game, [game.task_space.task()])
