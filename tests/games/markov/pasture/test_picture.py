import numpy as np

from games import Limits, make


def test_a_picture_shows_foods_both_teams_and_the_dead_where_they_are():
    game = make("markov/grassland-v0")
    vector = game.vector(1, Limits(seats=4))
    vector.assign([0], [game.task_space.task({"sheep": 2, "wolves": 2, "foods": 1, "extent": 2.0})], [0])
    state = vector.state_dict()
    state["position"][0] = [[-2, 2], [0, 0], [1, 1], [2, -2]]
    state["food"][0, 0] = [0, -1]
    state["alive"][0, 1] = False
    state["earned"][0] = [1.5, -5, 2, 0]
    state["clock"][0] = 4
    vector.load_state_dict(state)

    head, *rows = vector.render(0).splitlines()

    assert head == "step 4, 2 sheep, 2 wolves: a 1.5 b# -5.0 A 2.0 B 0.0"
    grid = np.array([list(row) for row in rows])
    where = {mark: tuple(np.argwhere(grid == mark)[0]) for mark in "aAB#*"}
    assert where["a"] == (1, 1)
    assert where["B"] == (25, 50)
    assert where["a"][0] < where["A"][0] < where["#"][0] < where["*"][0] < where["B"][0]
    assert where["a"][1] < where["#"][1] == where["*"][1] < where["A"][1] < where["B"][1]
