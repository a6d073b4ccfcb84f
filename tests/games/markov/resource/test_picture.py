import numpy as np

from games import Limits, make


def test_a_picture_shows_every_landmark_and_agent_where_it_is():
    game = make("markov/resource-v0")
    vector = game.vector(1, Limits(seats=3))
    vector.assign([0], [game.task_space.task({"population": 3})], [0])
    state = vector.state_dict()
    state["landmark"][0] = [[-1, 1], [0, 1], [1, 1], [-1, -1], [0, -1], [1, -1]]
    state["position"][0] = [[0, 0], [1, 0.5], [-9, 9]]  # the last one is far out: on the border of the picture
    state["score"][0] = [1.5, 0, 2]
    state["welfare"][0] = 3.5
    state["clock"][0] = 4
    vector.load_state_dict(state)

    head, *rows = vector.render(0).splitlines()

    assert head == "step 4, 3 agents, 3.5 earned: a 1.5 b 0.0 c 2.0"
    grid = np.array([list(row) for row in rows])
    where = {mark: tuple(np.argwhere(grid == mark)[0]) for mark in "123456abc"}
    assert where["1"][0] == where["2"][0] == where["3"][0] < where["b"][0] < where["a"][0] < where["4"][0]
    assert where["1"][1] == where["4"][1] < where["2"][1] == where["5"][1] < where["3"][1] == where["6"][1]
    assert where["c"] == (1, 1)
    assert (grid == ".").sum() > 20
