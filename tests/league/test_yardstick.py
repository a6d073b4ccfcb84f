import numpy as np
import pytest

from eval import Interval
from games import InputError, make
from league.yardstick import Yardstick, self_play, yardstick
from populations.agents import load_agent

GAME = make("markov/resource-v0")
RANDOM = load_agent("random", GAME)
GREEDY = load_agent("scripted:resource-greedy", GAME)
SHARED = load_agent("scripted:resource-assignment", GAME)


def task(population):
    return GAME.task_space.task({"population": population})


def test_between_the_two_agents_the_scale_is_linear():
    scale = Yardstick(Interval(2.0, 1.9, 2.1, 10), Interval(6.0, 5.9, 6.1, 10))

    assert [scale.normalised(value) for value in (2.0, 3.0, 6.0, 8.0, 0.0)] == [0.0, 0.25, 1.0, 1.5, -0.5]


@pytest.mark.parametrize("population", [3, 12])
def test_random_is_0_the_assignment_1_and_greed_between(population):
    scale = yardstick(GAME, task(population), RANDOM, SHARED, matches=60)
    greed = self_play(GAME, GREEDY, task(population), matches=60).mean()

    assert scale.normalised(scale.low.mean) == 0.0
    assert scale.normalised(scale.high.mean) == 1.0
    assert 0.5 < scale.normalised(greed) < 1.0
    assert scale.low.low < scale.low.mean < scale.low.high < scale.high.low
    assert scale.high.count == 60


def test_the_returns_depend_on_the_seed_alone():
    one, two, other = (self_play(GAME, GREEDY, task(4), matches=9, seed=seed) for seed in (0, 0, 1))
    few = self_play(GAME, GREEDY, task(4), matches=5)

    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one[:5], few)
    assert not np.isclose(one, other).all()


def test_a_match_is_one_number_the_mean_over_its_seats():
    """Six random agents share what the landmarks pay: 10.5 a step at most, so 35 a seat in a match of twenty."""
    found = self_play(GAME, RANDOM, task(6), matches=40)

    assert found.shape == (40,)
    assert ((found >= 0) & (found <= 35)).all()
    assert found.std() > 0


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(InputError, match="a mean rests on at least one match, not 0"):
        self_play(GAME, RANDOM, task(3), matches=0)
    with pytest.raises(
        InputError, match=r"'random' gets .* and 'scripted:resource-greedy' .*: the agent that stands for 1"
    ):
        yardstick(GAME, task(3), GREEDY, RANDOM, matches=5)
