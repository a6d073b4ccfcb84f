"""Rewards, deaths and ends of adversarial battle, worked out by hand."""

import numpy as np
import pytest

from games import Comparison, Limits, make

GAME = make("markov/battle-v0")
FAR = (0.9, 0.9)
NEAR = 0.04 * 0.15  # what an enemy at 0.15 costs


def scene(left, right, foods=(FAR,), *, alive=None, **values):
    """One match; the right team runs upwards and comes to these places in the next step, from out of reach."""
    sizes = {"left": len(left), "right": len(right), "foods": len(foods)}
    vector = GAME.vector(1, Limits(seats=len(left) + len(right)))
    vector.assign([0], [GAME.task_space.task(sizes | values)], [0])
    state = vector.state_dict()
    state["position"][0] = [*left, *((x, y - 0.225) for x, y in right)]
    state["velocity"][0, len(left) :] = 0, 3
    state["food"][0, : len(foods)] = foods
    if alive is not None:
        state["alive"][0] = alive
    vector.load_state_dict(state)
    return vector


def rest(vector):
    return vector.step(np.zeros((1, vector.limits.seats, 1), np.int32))


def ways(vector, seats):
    """What the distances of these seats to the only food cost."""
    state = vector.state_dict()
    return 0.1 * np.linalg.norm(state["position"][0, seats] - state["food"][0, 0], axis=-1)


def test_the_face_of_the_game():
    seats = GAME.seats(GAME.task_space.task({"left": 2, "right": 1}))

    assert [(seat.kind, seat.team) for seat in seats] == [("fighter", 0)] * 2 + [("fighter", 1)]
    assert GAME.comparison is Comparison.RANKED
    assert dict(GAME.task_space.task()) == {
        "left": 4, "right": 4, "foods": 4, "accel": 4.0, "sharing": 1.0, "extent": 1.0, "horizon": 25,
    }  # fmt: skip


def test_two_enemies_kill_and_with_alpha_1_everyone_of_their_team_gets_the_whole_prize():
    vector = scene([(0, 0), (-0.8, 0)], [(0.15, 0), (-0.15, 0), (0.8, 0)])
    step = rest(vector)

    np.testing.assert_allclose(
        step.reward[0] + ways(vector, range(5)),
        [-6 - NEAR, -6 - 0.04 * 0.65, 6 - NEAR, 6 - NEAR, 6 - 0.04 * 0.8],
        rtol=1e-5,
    )
    assert step.acting[0].tolist() == [False, True, True, True, True]
    assert (step.metrics["left_alive"][0], step.metrics["right_alive"][0]) == (1, 3)


def test_with_alpha_0_the_victim_pays_and_its_killers_share_the_prize():
    vector = scene([(0, 0), (-0.8, 0)], [(0.15, 0), (-0.15, 0), (0.8, 0)], sharing=0.0)
    step = rest(vector)

    np.testing.assert_allclose(
        step.reward[0] + ways(vector, range(5)),
        [-6 - NEAR, -0.04 * 0.65, 3 - NEAR, 3 - NEAR, -0.04 * 0.8],
        rtol=1e-5,
        atol=1e-6,
    )


def test_three_enemies_get_a_third_each():
    three = [(0.15 * np.cos(a), 0.15 * np.sin(a)) for a in (np.pi / 2, np.pi * 7 / 6, np.pi * 11 / 6)]
    vector = scene([(0, 0)], three, sharing=0.0)
    state = vector.state_dict()
    state["position"][0, 1:, 0] *= 6.0  # they come from three sides
    state["position"][0, 1:, 1] = [0.15 + 0.225, -0.075 - 0.1, -0.075 - 0.1]
    state["position"][0, 1:, 0] = [0, -0.15 * np.sqrt(0.75) - 0.2, 0.15 * np.sqrt(0.75) + 0.2]
    state["velocity"][0, 1:] = [[0, -3], [0.2 / 0.075, 0.1 / 0.075], [-0.2 / 0.075, 0.1 / 0.075]]
    vector.load_state_dict(state)
    step = rest(vector)

    np.testing.assert_allclose(vector.state_dict()["position"][0, 1:], three, atol=1e-9)
    np.testing.assert_allclose(step.reward[0, 1:] + ways(vector, range(1, 4)), 2 - NEAR, rtol=1e-5)


def test_one_enemy_is_harmless_and_a_dead_one_does_not_count():
    vector = scene([(0, 0)], [(0.15, 0), (0.8, 0)])
    assert rest(vector).acting.all()

    vector = scene([(0, 0)], [(0.15, 0), (-0.15, 0)], alive=[True, True, False])
    state = vector.state_dict()
    state["position"][0, 2] = -0.2, 0
    vector.load_state_dict(state)
    step = rest(vector)
    assert step.acting[0].tolist() == [True, True, False]
    assert step.reward[0, 2] == 0


def test_all_four_of_two_pairs_may_die_at_once_and_then_the_match_is_over():
    """In a square every one of them touches both enemies."""
    vector = scene([(0.05, 0.05), (-0.05, -0.05)], [(0.05, -0.05), (-0.05, 0.05)], sharing=0.0)
    state = vector.state_dict()
    state["position"][0] *= [[4.0, 4.0]]
    state["position"][0] = [(0.2, 0.2), (-0.2, -0.2), (0.2, -0.2), (-0.2, 0.2)]
    state["velocity"][0] = -state["position"][0] * 10  # three quarters of the way in, to +-0.05
    vector.load_state_dict(state)
    step = rest(vector)

    np.testing.assert_allclose(vector.state_dict()["position"][0, 0], (0.05, 0.05), atol=1e-9)
    assert step.terminated[0]
    assert not step.acting.any()
    np.testing.assert_allclose(
        step.reward[0] + ways(vector, range(4)), [-6 + 3 + 3 - 0.04 * 0.1] * 4, rtol=1e-4, atol=1e-6
    )


def test_a_team_that_is_dead_does_not_end_the_match_and_the_other_goes_on_eating():
    vector = scene([(0, 0), (0.05, 0)], [(0.8, 0.225)], [(0.8, 0.225)], alive=[False, False, True], horizon=5)
    step = rest(vector)
    assert step.reward[0, 2] == pytest.approx(1)  # no enemy is near or far
    for _ in range(4):
        assert not step.terminated[0]
        step = rest(vector)

    assert step.truncated[0]
    assert step.score[0, 0] == 0
    assert (step.metrics["left_alive"][0], step.metrics["right_alive"][0]) == (0, 1)
    assert step.metrics["foods_eaten"][0] >= 1


@pytest.mark.parametrize(("sharing", "other"), [(0.0, 0.0), (1.0, 1.0)])
def test_food_is_shared_with_the_living_of_the_team(sharing, other):
    vector = scene(
        [(0, 0), (-0.5, 0), (-0.9, 0)], [(0.5, 0)], [(0, 0.05)], alive=[True, True, False, True], sharing=sharing
    )
    step = rest(vector)
    way = 0.1 * np.hypot(0.5, 0.05)

    np.testing.assert_allclose(step.reward[0, :3], [1 - 0.005 - 0.02, other - way - 0.04, 0], rtol=1e-5)


def test_the_teams_see_the_same_from_either_side():
    """Mirrored places and the other team's seat: the same observation."""
    game = GAME.vector(1, Limits(seats=4))
    task = GAME.task_space.task({"left": 2, "right": 2, "foods": 1})
    game.assign([0], [task], [0])
    state = game.state_dict()
    state["food"][0, 0] = 0.3, 0.4
    state["position"][0] = [(0.1, 0), (0.2, 0), (0.5, 0), (0.7, 0)]
    seen = {n: a.copy() for n, a in game.load_state_dict(state).observation.items()}
    state["position"][0] = state["position"][0, [2, 3, 0, 1]]
    swapped = game.load_state_dict(state).observation

    np.testing.assert_array_equal(seen["self"][0, :2], swapped["self"][0, 2:])
    rows = lambda o, seat: sorted(o["entities"][0, seat].tolist())  # noqa: E731
    assert rows(seen, 0) == rows(swapped, 2)
