import numpy as np
import pytest

from games import Limits, at_most, make


def test_a_smaller_game_has_smaller_observations_and_the_same_rules():
    game = make("markov/resource-v0")
    small = at_most(game, 6)
    assert small.name == game.name
    assert small.max_seats == 6
    assert small.observation_space["entities"].shape == (11, 6)
    assert game.observation_space["entities"].shape == (53, 6)
    task = game.task_space.task({"population": 6})
    assert small.seats(task) == game.seats(task)
    assert small.actions.sizes == game.actions.sizes
    steps = [
        g.vector(1, Limits(seats=6)).assign(np.array([0]), [task], np.array([5], np.uint64)) for g in (game, small)
    ]
    for name, array in steps[0].observation.items():
        np.testing.assert_array_equal(array, steps[1].observation[name])


@pytest.mark.parametrize("name", ["openspiel/kuhn_poker", "testkit/skirmish-v0"])
def test_a_game_that_is_no_larger_stays_as_it_is(name):
    game = make(name)
    assert at_most(game, game.max_seats) is game
