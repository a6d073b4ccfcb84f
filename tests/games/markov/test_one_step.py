"""What all games of one step share, seen through two of them."""

import numpy as np
import pytest

from games import Limits, make

GAMES = [make("markov/disc-v0"), make("markov/matrix-v0")]


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_a_match_is_one_step_long_and_a_later_step_leaves_it_alone(game):
    vector = game.vector(3, Limits(seats=2))
    view = vector.assign(np.array([0, 2]), [game.task_space.task()] * 2, np.arange(2, dtype=np.uint64))
    assert view.acting.tolist() == [[True, True], [False, False], [True, True]]

    actions = game.actions.empty(3, 2)
    actions[:, 0] = 1
    view = vector.step(actions)
    assert view.terminated.tolist() == [True, False, True]
    assert not view.truncated.any()
    assert not view.acting.any()
    assert (view.score[[0, 2]] == view.reward[[0, 2]]).all()

    view = vector.step(actions)
    assert not view.terminated.any()
    assert not view.reward.any()


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_an_illegal_action_plays_no_match(game):
    vector = game.vector(2, Limits(seats=2))
    vector.assign(np.arange(2), [game.task_space.task()] * 2, np.arange(2, dtype=np.uint64))
    actions = game.actions.empty(2, 2)
    actions[1, 0] = 3  # rock, paper, scissors has three; and beyond the square

    with pytest.raises(ValueError, match=r"slot 1, seat 0"):
        vector.step(actions)
    assert vector.state_dict()["live"].all()


def test_a_task_that_does_not_fit_is_refused_before_anything_is_seated():
    game = make("markov/matrix-v0")
    vector = game.vector(2, Limits(seats=2))
    tasks = [game.task_space.task({"game": name}) for name in ("rps", "pennies_of_three")]

    with pytest.raises(ValueError, match="has 3 seats and this vector was built for 2"):
        vector.assign(np.arange(2), tasks, np.arange(2, dtype=np.uint64))
    with pytest.raises(ValueError, match="2 slots, 1 tasks and 2 seeds"):
        vector.assign(np.arange(2), tasks[:1], np.arange(2, dtype=np.uint64))
    assert not vector.state_dict()["live"].any()
