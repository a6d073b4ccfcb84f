import numpy as np
import pytest

from games import Comparison, InputError, Limits, make
from games.check import check_game
from games.markov.treasure.rules import ENTITY, OWN, treasures

GAME = make("markov/treasure-v0")


def test_the_face_of_the_game():
    assert GAME.comparison is Comparison.COOPERATIVE
    assert not GAME.turn_based
    assert GAME.max_seats == 28
    assert GAME.actions.sizes == (5,)


@pytest.mark.parametrize(("collectors", "deposits"), [(1, 1), (6, 2), (24, 4)])
def test_collectors_sit_before_deposits_in_one_team(collectors, deposits):
    seats = GAME.seats(GAME.task_space.task({"collectors": collectors, "deposits": deposits}))

    assert [seat.kind for seat in seats] == ["collector"] * collectors + ["deposit"] * deposits
    assert {seat.team for seat in seats} == {0}


@pytest.mark.parametrize(
    ("name", "value", "range"),
    [
        ("collectors", 0, "1 to 24"),
        ("collectors", 25, "1 to 24"),
        ("deposits", 0, "1 to 4"),
        ("deposits", -1, "1 to 4"),
    ],
)
def test_populations_out_of_range(name, value, range):
    with pytest.raises(InputError, match=f"task parameter '{name}' must be an integer from {range}, not {value}"):
        GAME.task_space.task({name: value})


def test_unknown_parameters_are_answered_with_the_nearest():
    with pytest.raises(InputError, match="unknown task parameter 'collector'; did you mean 'collectors'"):
        GAME.task_space.task({"collector": 3})
    with pytest.raises(InputError, match=r"'treasures_per_collector' must be a number from 0\.25 to 1\.0, not 6"):
        GAME.task_space.task({"treasures_per_collector": 6})


def test_there_are_as_many_treasures_as_the_task_says():
    assert [treasures(6, 1.0), treasures(6, 0.5), treasures(5, 0.5), treasures(1, 0.25), treasures(24, 0.25)] == [
        6,
        3,
        3,
        1,
        6,
    ]


def test_the_entities_axis_follows_the_limits():
    assert GAME.observation_space["entities"].shape == (54, len(ENTITY))
    assert GAME.observation_space["self"].shape == (len(OWN),)
    small = GAME.vector(1, Limits(seats=8)).observation_space
    assert small["entities"].shape == (14, len(ENTITY))
    assert small["entity_mask"].dtype == np.bool_


def test_a_picture_shows_who_is_where_and_carries_what():
    vector = GAME.vector(1, Limits(seats=5))
    vector.assign([0], [GAME.task_space.task({"collectors": 3})], [0])
    state = vector.state_dict()
    state["position"][0] = [[-1, 1], [0, 1], [1, 1], [-1, -1], [9, -9]]  # the last one is far out: on the border
    state["treasure"][0, :3] = [[0, 0], [0.5, 0], [0.9, 0.5]]
    state["kind"][0, :3] = [0, 1, 1]
    state["there"][0, :3] = [True, True, False]
    state["colour"][0, :3] = [-1, 1, 0]
    state["pick_ups"][0] = 2
    vector.load_state_dict(state)

    head, *rows = vector.render(0).splitlines()

    assert head == "step 0, 2 picked up, 0 delivered, 0 collisions; carried: b+ c*"
    grid = np.array([list(row) for row in rows[1:-1]])[:, 1:-1]
    where = {mark: tuple(np.argwhere(grid == mark)[0]) for mark in "abc12*+"}
    assert where["a"][0] == where["b"][0] == where["c"][0] < where["*"][0] == where["+"][0] < where["1"][0]
    assert where["a"][1] == where["1"][1] < where["b"][1] == where["*"][1] < where["+"][1] < where["c"][1]
    assert where["2"] == (24, 49)
    assert (grid != " ").sum() == 7


def test_the_contract():
    assert [finding for finding in check_game(GAME, matches=8, steps=20) if not finding.ok] == []
