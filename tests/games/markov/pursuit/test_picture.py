import numpy as np

from games import Limits, make


def test_a_picture_shows_everyone_where_they_are():
    game = make("markov/pursuit-v0")
    vector = game.vector(1, Limits(seats=4))
    vector.assign([0], [game.task_space.task({"predators": 2, "prey": 2, "obstacles": 1})], [0])
    state = vector.state_dict()
    state["obstacle"][0, 0] = [-0.5, -0.5]
    state["position"][0] = [[0, 0], [0.5, 0.5], [0.5, -0.5], [-9, 9]]  # the last one is far out: on the border
    state["lost"][0] = [0, 0, 10, 1.5]
    state["captures"][0] = 1
    state["clock"][0] = 4
    vector.load_state_dict(state)

    head, *rows = vector.render(0).splitlines()

    assert head == "step 4, 2 predators, 2 prey, 1 captures; lost: a 10.0 b 1.5"
    grid = np.array([list(row) for row in rows])
    where = {mark: tuple(np.argwhere(grid == mark)[0]) for mark in "ABab"}
    assert where["b"] == (1, 1)
    assert where["B"][0] < where["A"][0] < where["a"][0]
    assert where["A"][1] < where["B"][1] == where["a"][1]
    walls = np.argwhere(grid == "#")
    assert len(walls) > 8
    assert (walls[:, 0] > where["A"][0]).all()
    assert (walls[:, 1] < where["A"][1]).all()
    edge = np.argwhere(grid == ".")
    assert (abs(edge.max(axis=0) - edge.min(axis=0) - [20, 40]) <= 2).all()


def test_a_slot_without_a_match_and_the_largest_population_have_a_picture():
    game = make("markov/pursuit-v0")
    vector = game.vector(2, Limits(seats=48))
    vector.assign([1], [game.task_space.task({"predators": 32, "prey": 16, "arena": 4.0})], [0])

    assert "0 predators" in vector.render(0)
    picture = vector.render(1)
    assert sum(letter in picture.partition("+")[2] for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345") > 28
