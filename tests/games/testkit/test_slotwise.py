"""What all games of the test kit share."""

import numpy as np
import pytest

import games
from games import InputError, Limits

NAMES = games.names("testkit")


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_vector_shows_nothing(name):
    game = games.make(name)
    vector = game.vector(3, Limits(seats=game.max_seats))
    view = vector.load_state_dict(vector.state_dict())
    assert not any(array.any() for array in view.observation.values())
    assert not view.acting.any()
    view = vector.step(game.actions.empty(3, game.max_seats))
    assert not (view.terminated | view.truncated).any()
    assert isinstance(vector.render(0), str)


def test_a_task_with_too_many_seats_is_refused():
    game = games.make("testkit/skirmish-v0")
    vector = game.vector(1, Limits(seats=3))
    with pytest.raises(ValueError, match="has 4 seats and this vector was built for 3"):
        vector.assign(np.zeros(1, np.int64), [game.task_space.task()], np.zeros(1, np.uint64))


def test_the_shorter_of_two_limits_counts(start):
    _, vector, view = start("skirmish-v0", steps=3)
    for _ in range(3):
        assert not view.truncated[0]
        view = vector.step(np.zeros((1, 4, 1), np.int32))
    assert view.truncated[0]
    _, vector, view = start("skirmish-v0", steps=1000)
    for _ in range(32):
        assert not view.truncated[0]
        view = vector.step(np.zeros((1, 4, 1), np.int32))
    assert view.truncated[0]


def test_unknown_names():
    with pytest.raises(InputError, match="unknown game 'testkit/dices-v0'; did you mean 'testkit/dice-v0'"):
        games.make("testkit/dices-v0")
