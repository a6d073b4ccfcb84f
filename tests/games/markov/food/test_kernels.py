"""Rewards of food collection, worked out by hand."""

import numpy as np
import pytest

from games import Comparison, Limits, make

GAME = make("markov/food-v0")


def scene(agents, foods, **values):
    """One match with everyone in these places, at rest."""
    vector = GAME.vector(1, Limits(seats=len(agents)))
    vector.assign([0], [GAME.task_space.task({"population": len(agents)} | values)], [0])
    state = vector.state_dict()
    state["position"][0], state["food"][0] = agents, foods
    vector.load_state_dict(state)
    return vector


def rest(vector):
    return vector.step(np.zeros((1, vector.limits.seats, 1), np.int32))


def test_the_face_of_the_game():
    seats = GAME.seats(GAME.task_space.task())

    assert [(seat.kind, seat.team) for seat in seats] == [("agent", 0)] * 3
    assert GAME.comparison is Comparison.COOPERATIVE
    assert dict(GAME.task_space.task()) == {"population": 3, "accel": 4.0, "sharing": 0.0, "extent": 1.0, "horizon": 25}


def test_occupied_foods_pay_everyone_and_ways_are_ones_own():
    step = rest(scene([(0, 0), (0.5, 0), (-0.5, 0)], [(0, 0.04), (0.5, 0.3), (-0.5, 0.2)]))

    np.testing.assert_allclose(step.reward[0], [6 / 3 - 0.04, 6 / 3 - 0.3, 6 / 3 - 0.2], rtol=1e-6)
    assert step.metrics["occupied"][0] == pytest.approx(1 / 3)
    assert step.metrics["full"][0] == 0


def test_a_food_pays_once_whoever_is_on_it_and_one_agent_may_hold_two():
    step = rest(scene([(0, 0), (0.13, 0), (-0.5, 0)], [(0.065, 0), (-0.5, 0.05), (-0.5, -0.05)]))

    # all three foods are touched
    bonus = 10 - 2 / 26
    np.testing.assert_allclose(step.reward[0], [6 + bonus - 0.065, 6 + bonus - 0.065, 6 + bonus - 0.05], rtol=1e-6)


@pytest.mark.parametrize(("gap", "occupied"), [(0.0799, 1), (0.0801, 0)])
def test_touching_is_being_nearer_than_both_radii(gap, occupied):
    assert rest(scene([(0, 0)], [(gap, 0)])).metrics["occupied"][0] == occupied


def test_the_bonus_for_all_foods_falls_with_time():
    vector = scene([(0, 0), (0.5, 0)], [(0, 0), (0.5, 0)])
    bonuses = [float(rest(vector).reward[0, 0]) - 6 for _ in range(25)]

    np.testing.assert_allclose(bonuses, [10 - 2 * t / 26 for t in range(1, 26)], rtol=1e-6)
    short = scene([(0, 0)], [(0, 0)], horizon=9)
    assert [float(rest(short).reward[0, 0]) for _ in range(9)][-1] == pytest.approx(16 - 2 * 9 / 10)


@pytest.mark.parametrize("sharing", [0.0, 0.5, 1.0])
def test_each_pair_that_touches_pays_twice(sharing):
    """The two come together from out of reach: at rest a contact throws them apart."""
    vector = scene([(-0.2, 0), (0.2, 0), (0.9, 0.9)], [(0, 0.5), (0, 0.5), (0.9, 0.5)], sharing=sharing)
    state = vector.state_dict()
    state["velocity"][0, :2] = [[2.1, 0], [-2.1, 0]]
    vector.load_state_dict(state)
    step = rest(vector)
    way = np.hypot(0.2 - 0.1575, 0.5)
    alone, shared = -(1 - sharing), -2 * sharing

    np.testing.assert_allclose(step.reward[0], [alone + shared - way, alone + shared - way, shared - 0.4], rtol=1e-6)
    assert step.metrics["collisions"][0] == 1


def test_foods_stay_and_all_seats_share_one_score():
    vector = scene([(0, 0), (0.5, 0), (-0.5, 0)], [(0, 0), (0.5, 0.3), (-0.5, 0.2)])
    before = vector.state_dict()["food"]
    total = np.zeros(3)
    for _ in range(25):
        step = rest(vector)
        total += step.reward[0]

    assert step.truncated[0]
    np.testing.assert_array_equal(vector.state_dict()["food"], before)
    np.testing.assert_allclose(step.score[0], total.mean(), rtol=1e-6)
    assert step.metrics["mean_reward"][0] == pytest.approx(total.mean() / 25, rel=1e-6)
