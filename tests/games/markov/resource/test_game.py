import numpy as np
import pytest

from games import Comparison, InputError, Limits, make
from games.markov.resource.rules import ENTITY, OWN

GAME = make("markov/resource-v0")


def test_the_face_of_the_game():
    assert GAME.comparison is Comparison.GENERAL_SUM
    assert not GAME.turn_based
    assert GAME.max_seats == 48
    assert GAME.actions.sizes == (5,)
    assert list(GAME.task_space) == ["population", "extent"]


@pytest.mark.parametrize("population", [2, 6, 48])
def test_every_agent_is_a_team_of_its_own(population):
    seats = GAME.seats(GAME.task_space.task({"population": population}))

    assert [seat.team for seat in seats] == list(range(population))


def test_population_out_of_range():
    with pytest.raises(InputError, match="task parameter 'population' must be an integer from 2 to 48, not 49"):
        GAME.task_space.task({"population": 49})


def test_the_entities_axis_follows_the_limits():
    assert GAME.observation_space["entities"].shape == (53, len(ENTITY))
    assert GAME.observation_space["self"].shape == (len(OWN),)
    small = GAME.vector(1, Limits(seats=3)).observation_space
    assert small["entities"].shape == (8, len(ENTITY))
    assert small["entity_mask"].shape == (8,)
    assert small["entity_mask"].dtype == np.bool_


def test_the_metrics_are_those_that_a_match_reports():
    vector = GAME.vector(1, Limits(seats=6))
    step = vector.assign([0], [GAME.task_space.task()], [0])

    assert tuple(step.metrics) == GAME.metrics
