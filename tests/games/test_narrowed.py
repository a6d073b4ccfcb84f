import numpy as np
import pytest

from games import Constraint, InputError, Limits, TaskSpace, When, make
from games.at_most import SameRules
from games.narrowed import narrowed

RESOURCE = make("markov/resource-v0")


def test_the_ranges_are_narrower_and_all_else_is_the_same():
    game = narrowed(RESOURCE, {"population": [8, 10]})
    assert game.name == RESOURCE.name
    assert (game.task_space["population"].low, game.task_space["population"].high) == (8, 10)
    assert game.task_space["population"].default == 8, "the nearest to the default of 6"
    assert game.task_space["extent"] == RESOURCE.task_space["extent"]
    drawn = {game.task_space.sample(np.random.default_rng(k))["population"] for k in range(50)}
    assert drawn == {8, 9, 10}


def test_there_is_no_more_room_than_its_tasks_need():
    game = narrowed(RESOURCE, {"population": [2, 3]})
    assert game.max_seats == 3
    assert game.observation_space["entities"].shape == (6 + 2, 6)
    vector = game.vector(1, Limits(seats=3))
    assert vector.assign(np.array([0]), [game.task_space.task()], np.array([1], np.uint64)).acting.sum() == 3


def test_choices_are_left_out():
    game = make("markov/matrix-v0")
    name = next(iter(game.task_space))
    choices = game.task_space[name].choices
    assert narrowed(game, {name: [choices[1]]}).task_space[name].choices == (choices[1],)
    assert narrowed(game, {name: [choices[1]]}).task_space.task()[name] == choices[1]


def test_no_ranges_is_the_game_itself():
    assert narrowed(RESOURCE, {}) is RESOURCE


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"populaton": [2, 3]}, "unknown task parameter 'populaton'; did you mean 'population'?"),
        (
            {"population": [0, 3]},
            "the range of task parameter 'population': a value must be an integer from 2 to 48, not 0",
        ),
        ({"population": [3, 2]}, r"must be its lowest and its highest value, not \[3, 2\]"),
        ({"population": 3}, "must be a list, not 3"),
        ({"population": [3]}, "must be its lowest and its highest value"),
    ],
)
def test_wrong_ranges(ranges, message):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        narrowed(RESOURCE, ranges)


def test_conditions_and_constraints_hold_as_before():
    class Tied(SameRules):
        def __init__(self):
            super().__init__(RESOURCE)
            self.task_space = TaskSpace(
                RESOURCE.task_space,
                conditions={"extent": When("population", (6, 7, 8))},
                constraints=(Constraint("nine is one too many", lambda values: values["population"] != 9),),
            )

    game = narrowed(Tied(), {"population": [8, 9]})
    assert game.task_space.conditions["extent"] == When("population", (8,))
    assert {game.task_space.sample(np.random.default_rng(k))["population"] for k in range(20)} == {8}
    with pytest.raises(InputError, match="nine is one too many"):
        game.task_space.task({"population": 9})
    with pytest.raises(InputError, match="leave no task that keeps the rules: nine is one too many"):
        narrowed(Tied(), {"population": [9, 9]})
