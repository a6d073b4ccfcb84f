import numpy as np
import pytest

from games import Comparison, InputError, Limits, make
from games.markov.pursuit.rules import ENTITY, OWN, PARAMETERS, outside
from games.task import Task

GAME = make("markov/pursuit-v0")


def test_the_face_of_the_game():
    assert GAME.comparison is Comparison.ZERO_SUM
    assert not GAME.turn_based
    assert GAME.max_seats == 48
    assert GAME.actions.sizes == (5,)
    assert tuple(GAME.task_space) == PARAMETERS


@pytest.mark.parametrize(("predators", "prey"), [(1, 1), (3, 1), (32, 16)])
def test_predators_are_one_team_and_prey_the_other(predators, prey):
    seats = GAME.seats(GAME.task_space.task({"predators": predators, "prey": prey}))

    assert [(seat.kind, seat.team) for seat in seats] == [("predator", 0)] * predators + [("prey", 1)] * prey


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"predators": 0}, "task parameter 'predators' must be an integer from 1 to 32, not 0"),
        ({"prey": 17}, "task parameter 'prey' must be an integer from 1 to 16, not 17"),
        ({"obstacles": -1}, "task parameter 'obstacles' must be an integer from 0 to 4, not -1"),
        ({"prey_radius": -0.05}, "task parameter 'prey_radius' must be a number from 0.03 to 0.15, not -0.05"),
        ({"predator_speed": 0.0}, "task parameter 'predator_speed' must be a number from 0.3 to 3.0, not 0.0"),
        ({"arena": float("nan")}, "task parameter 'arena' must be a number from 0.5 to 4.0, not nan"),
        ({"shaping": 1}, "task parameter 'shaping' must be one of False, True, not 1"),
        ({"horizon": 2.5}, "task parameter 'horizon' must be an integer from 10 to 100, not 2.5"),
        ({"predator": 3}, r"unknown task parameter 'predator'; did you mean 'predators'\?"),
    ],
)
def test_bad_tasks_are_refused_with_a_sentence(values, complaint):
    with pytest.raises(InputError, match=complaint):
        GAME.task_space.task(values)


def test_the_size_of_obstacles_means_nothing_where_there_are_none():
    space = GAME.task_space
    assert space.task({"obstacles": 0, "obstacle_radius": 0.4}) == space.task({"obstacles": 0})
    assert space.task({"obstacles": 1, "obstacle_radius": 0.4}) != space.task({"obstacles": 1})


def test_a_task_that_was_written_down_is_the_same_match():
    task = GAME.task_space.task({"shaping": True, "arena": 2})
    vector = GAME.vector(2, Limits(seats=4))
    vector.assign([0, 1], [task, Task.from_json(task.json)], [7, 7])
    for name, array in vector.state_dict().items():
        np.testing.assert_array_equal(array[0], array[1], err_msg=name)


def test_the_entities_axis_follows_the_limits():
    assert GAME.observation_space["entities"].shape == (51, len(ENTITY))
    assert GAME.observation_space["self"].shape == (len(OWN),)
    small = GAME.vector(1, Limits(seats=4)).observation_space
    assert small["entities"].shape == (7, len(ENTITY))
    assert small["entity_mask"].shape == (7,)


def test_the_metrics_are_those_that_a_match_reports():
    step = GAME.vector(1, Limits(seats=4)).assign([0], [GAME.task_space.task()], [0])

    assert tuple(step.metrics) == GAME.metrics


@pytest.mark.parametrize(
    ("coordinate", "arena", "fine"),
    [(0.5, 1, 0), (-0.95, 1, 0.5), (1.5, 1, np.e), (-9, 1, 10), (1.95, 2, 0.5), (1.5, 2, 0), (0.45, 0.5, 0.5)],
)
def test_the_edge_of_the_arena_costs_what_the_rules_say(coordinate, arena, fine):
    assert outside(float(coordinate), float(arena)) == pytest.approx(fine, rel=1e-12)
