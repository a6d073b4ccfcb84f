"""Rewards, deaths and ends of grassland, worked out by hand."""

import numpy as np
import pytest

from games import Comparison, Limits, make

GAME = make("markov/grassland-v0")
FAR = (0.9, 0.9)


def scene(sheep, wolves, foods, *, alive=None, run=(0, 0), **values):
    """One match with sheep at rest, and wolves that come to these places in the next step, from which they run here.

    At rest two bodies never touch after a step: the contact throws them apart. So wolves come in running, from out of reach.
    """
    sizes = {"sheep": len(sheep), "wolves": len(wolves), "foods": len(foods)}
    vector = GAME.vector(1, Limits(seats=len(sheep) + len(wolves)))
    vector.assign([0], [GAME.task_space.task(sizes | values)], [0])
    state = vector.state_dict()
    state["position"][0] = [*sheep, *wolves]
    state["position"][0, len(sheep) :] -= 0.075 * np.array(run)  # 0.1 of what the damping leaves
    state["velocity"][0, len(sheep) :] = run
    state["food"][0, : len(foods)] = foods
    if alive is not None:
        state["alive"][0] = alive
    vector.load_state_dict(state)
    return vector


def rest(vector):
    return vector.step(np.zeros((1, vector.limits.seats, 1), np.int32))


def test_the_face_of_the_game():
    seats = GAME.seats(GAME.task_space.task())

    assert [(seat.kind, seat.team) for seat in seats] == [("sheep", 0)] * 3 + [("wolf", 1)] * 2
    assert GAME.comparison is Comparison.GENERAL_SUM
    assert dict(GAME.task_space.task()) == {
        "sheep": 3, "wolves": 2, "foods": 4, "sheep_accel": 4.0, "wolf_accel": 2.0, "sharing": 0.0, "extent": 1.0,
        "horizon": 25,
    }  # fmt: skip


def test_a_wolf_that_touches_nobody_pays_for_its_way_to_the_nearest_live_sheep():
    vector = scene([(0, 0), (0.2, 0)], [(0.6, 0)], [FAR], alive=[True, False, True])
    step = rest(vector)

    assert step.reward[0, 2] == pytest.approx(-0.06)
    assert step.reward[0, 0] == pytest.approx(-0.1 * np.hypot(0.9, 0.9))
    assert step.reward[0, 1] == 0
    assert not step.terminated[0]


@pytest.mark.parametrize(("gap", "eaten"), [(0.1251, False), (0.1249, True)])
def test_touching_is_being_nearer_than_both_radii(gap, eaten):
    step = rest(scene([(0, 0), FAR], [(-gap, 0)], [FAR], run=(1.6, 0)))

    assert step.acting[0].tolist() == [not eaten, True, True]


def test_two_wolves_at_once_are_both_fed_and_the_sheep_pays_twice():
    step = rest(scene([(0, 0), (-0.9, -0.9)], [(0.1, 0), (-0.1, 0)], [(-0.9, 0.9)], run=(0, 1.8)))

    assert step.reward[0, 0] == pytest.approx(-10 - 0.1 * np.hypot(0.9, 0.9))
    assert step.reward[0, 2:] == pytest.approx([5 - 0.01, 5 - 0.01])
    np.testing.assert_array_equal(step.acting[0], [False, True, True, True])
    assert step.metrics["sheep_eaten"][0] == 1
    assert not step.terminated[0]


def test_one_wolf_eats_two_sheep_and_the_match_ends_when_none_is_left():
    step = rest(scene([(0.1, 0), (-0.1, 0)], [(0, 0)], [FAR], run=(0, 1.8)))

    assert step.reward[0, 2] == pytest.approx(10 - 0.01)
    assert (step.reward[0, :2] < -5).all()
    assert step.terminated[0]
    assert not step.truncated[0]
    assert not step.acting.any()
    assert step.metrics["sheep_eaten"][0] == 2
    assert step.metrics["sheep_alive"][0] == 0
    assert step.score[0, 0] == step.score[0, 1] == pytest.approx(step.reward[0, :2].mean())
    assert step.score[0, 2] == pytest.approx(step.reward[0, 2])


def test_two_sheep_on_one_food_eat_two_each_and_one_sheep_eats_two_foods():
    vector = scene([(0, 0), (0.07, 0.07), (-0.5, -0.5)], [FAR], [(0.035, 0.035), (-0.5, -0.45), (-0.5, -0.55)])
    before = vector.state_dict()["food"]
    step = rest(vector)
    shaping = [0.1 * np.hypot(0.035, 0.035), 0.1 * np.hypot(0.035, 0.035), 0.005]

    assert step.reward[0, :3] == pytest.approx([2 - shaping[0], 2 - shaping[1], 4 - shaping[2]], abs=1e-3)
    assert step.metrics["foods_eaten"][0] == 3
    assert (vector.state_dict()["food"][0, :3] != before[0, :3]).all()
    assert (vector.state_dict()["food"][0, 3:] == before[0, 3:]).all()


def test_a_dying_sheep_still_eats():
    step = rest(scene([(0, 0), FAR], [(-0.1, 0)], [(0, 0)], run=(1.6, 0)))

    assert step.reward[0, 0] == pytest.approx(-5 + 2)


def test_the_dead_stay_where_they_are_push_the_living_and_earn_nothing():
    vector = scene([(0, 0), (0.05, 0)], [(-0.9, 0)], [(0.05, 0)], alive=[False, True, True])
    step = rest(vector)
    state = vector.state_dict()

    assert state["position"][0, 0].tolist() == [0, 0]
    assert state["position"][0, 1, 0] > 0.05  # two radii are 0.1: it is pushed away
    assert step.reward[0, 0] == 0
    assert state["earned"][0, 0] == 0
    np.testing.assert_array_equal(step.observation["self"][0, :, 4], [0, 1, 1])
    assert not step.observation["entity_mask"][0, 1, 8]  # nobody sees it
    assert not step.observation["entities"][0, 1, 8].any()
    assert step.observation["entity_mask"][0, 0, 8:].all()


@pytest.mark.parametrize(
    ("sharing", "wolves", "sheep"), [(0.0, [5, 0], [-5, 0]), (0.5, [5, 2.5], [-5, -2.5]), (1.0, [5, 5], [-5, -5])]
)
def test_sharing(sharing, wolves, sheep):
    """Of 5, an agent keeps 1 - alpha; each of its team gets alpha, itself too, but not who was dead before."""
    vector = scene(
        [(0, 0), (0, 0.8), (0.8, 0)],
        [(-0.1, 0), (-0.7, -0.8)],
        [(0, 0.3)],
        alive=[True, True, False, True, True],
        run=(1.6, 0),
        sharing=sharing,
    )
    step = rest(vector)
    state = vector.state_dict()["position"][0]
    ways = [np.hypot(*(state[wolf] - state[0])) for wolf in (3, 4)]
    paths = [np.hypot(*(state[one] - (0, 0.3))) for one in (0, 1)]

    assert step.reward[0, 3:] == pytest.approx([5 - 0.1 * ways[0], wolves[1] - 0.1 * ways[1]], abs=1e-5)
    assert step.reward[0, :2] == pytest.approx([sheep[0] - 0.1 * paths[0], sheep[1] - 0.1 * paths[1]], abs=1e-5)
    assert step.reward[0, 2] == 0


def test_what_the_two_roles_see_of_themselves_and_each_other():
    step = rest(scene([(0, 0), (0.5, 0)], [(-0.5, 0)], [FAR], extent=2.0, wolf_accel=3.0))
    own, entities = step.observation["self"][0], step.observation["entities"][0]

    np.testing.assert_allclose(own[:, 5:], [[0, 4, 2, 2 / 48, 1 / 48]] * 2 + [[1, 3, 2, 1 / 48, 2 / 48]], rtol=1e-6)
    np.testing.assert_allclose(entities[0, 8:], [[0, 1, 0, 0.5, 0, 0, 0], [0, 0, 1, -0.5, 0, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(entities[2, 8:], [[0, 0, 1, 0.5, 0, 0, 0], [0, 0, 1, 1, 0, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(entities[2, 0], [1, 0, 0, 1.4, 0.9, 0, 0], rtol=1e-6)
