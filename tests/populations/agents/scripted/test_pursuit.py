import numpy as np
import pytest

from games import Limits, make
from populations.agents.scripted.pursuit import PursuitGreedy, _moves
from populations.policy import Policy, Rows

GAME = make("markov/pursuit-v0")
LEFT, RIGHT, DOWN, UP = 1, 2, 3, 4


def rows_of(observation, step=0):
    slots, seats = observation["self"].shape[:2]
    flat = {name: array.reshape(slots * seats, *array.shape[2:]) for name, array in observation.items()}
    slot, seat = np.divmod(np.arange(slots * seats), seats)
    return Rows(flat, None, slot.astype(np.uint64), seat, np.full(len(slot), step), slot)


def play(hunt, flee, matches=128, **values):
    """Return the mean metrics of matches between roles that are greedy (True) or random (False)."""
    task = GAME.task_space.task(values)
    hunters, seats = int(task["predators"]), len(GAME.seats(task))
    vector = GAME.vector(matches, Limits(seats=seats))
    step = vector.assign(np.arange(matches), [task] * matches, np.arange(matches))
    policy, rng = PursuitGreedy(), np.random.default_rng(0)
    greedy = np.where(np.arange(seats) < hunters, hunt, flee)[:, None]
    for t in range(int(task["horizon"])):
        chosen = policy.act(rows_of(step.observation, t), {}).action.reshape(matches, seats, 1)
        step = vector.step(np.where(greedy, chosen, rng.integers(0, 5, chosen.shape)))
    return {name: float(values.mean()) for name, values in step.metrics.items()}


def begin(obstacles, places, velocity=(0, 0), **values):
    """What one predator and its prey see: places of both, the prey's velocity."""
    vector = GAME.vector(1, Limits(seats=2))
    task = GAME.task_space.task({"predators": 1, "obstacles": len(obstacles), **values})
    vector.assign([0], [task], [0])
    state = vector.state_dict()
    state["obstacle"][0, : len(obstacles)] = np.reshape(obstacles, (-1, 2))
    state["position"][0], state["velocity"][0, 1] = places, velocity
    return rows_of(vector.load_state_dict(state).observation)


def choices(*args, **values):
    return PursuitGreedy().act(begin(*args, **values), {}).action[:, 0].tolist()


def test_it_is_a_policy_of_this_game_only():
    policy = PursuitGreedy()

    assert isinstance(policy, Policy)
    assert policy.observes
    assert not policy.privileged
    assert policy.initial_state(5) == {}
    assert policy.refuses(GAME) is None
    assert policy.refuses(make("markov/resource-v0")) == "it knows only markov/pursuit-v0"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_actions_have_the_layout_of_the_game(count):
    rows = begin([], [[0, 0], [0.5, 0]]).part(slice(0, count))
    action = PursuitGreedy().act(rows, {}).action

    assert action.shape == (count, 1)
    assert action.dtype == np.int32


def test_a_predator_runs_at_the_prey_and_the_prey_away():
    assert choices([], [[-0.5, 0], [0, 0]]) == [RIGHT, RIGHT]
    assert choices([], [[0, 0.4], [0, 0]]) == [DOWN, DOWN]


def test_a_predator_meets_a_prey_where_it_will_be():
    assert choices([], [[0, 0], [0.2, -0.15]], velocity=(0, 1))[0] == RIGHT
    assert choices([], [[0, 0], [0.2, -0.25]])[0] == DOWN


def test_a_prey_does_not_leave_the_arena_and_knows_how_wide_it_is():
    places = [[0.5, 0.0], [0.93, 0.02]]

    assert choices([], places)[1] != RIGHT
    assert choices([], places, arena=2.0)[1] == RIGHT


def test_nobody_runs_into_an_obstacle():
    assert choices([[0.3, 0.0]], [[0.0, 0.01], [0.7, 0.0]])[0] != RIGHT
    assert choices([], [[0.0, 0.01], [0.7, 0.0]])[0] == RIGHT


def test_moves_are_those_of_the_game():
    """Each action held for three steps, far from everything."""
    for action in range(5):
        vector = GAME.vector(1, Limits(seats=2))
        vector.assign([0], [GAME.task_space.task({"predators": 1, "obstacles": 0, "arena": 4.0})], [0])
        state = vector.state_dict()
        state["position"][0], state["velocity"][0] = [[-3, 0], [3, 0]], [[0.5, -0.2], [-0.9, 0.9]]
        step = vector.load_state_dict(state)
        expected = _moves(step.observation["self"][0].astype(float))[:, action]
        for _ in range(3):
            step = vector.step(np.full((1, 2, 1), action))
        moved = step.observation["self"][0, :, 2:4] - state["position"][0]
        np.testing.assert_allclose(moved, expected, atol=1e-6)


def test_empty_places_do_not_matter():
    task = GAME.task_space.task({"predators": 4, "prey": 3})
    seen = []
    for seats in (7, 12):
        vector = GAME.vector(64, Limits(seats=seats))
        step = vector.assign(np.arange(64), [task] * 64, np.arange(64))
        for _ in range(5):
            moves = np.zeros((64, seats, 1), np.int32)
            moves[:, :7] = np.random.default_rng(1).integers(0, 5, (64, 7, 1))
            step = vector.step(moves)
        seen.append(PursuitGreedy().act(rows_of(step.observation), {}).action.reshape(64, seats)[:, :7])

    np.testing.assert_array_equal(*seen)
    assert len(np.unique(seen[0])) > 3


@pytest.mark.parametrize("values", [{}, {"predators": 6, "prey": 3, "obstacles": 4, "arena": 1.5}])
def test_greed_beats_chance_in_either_role(values):
    chance, hunts, flees, both = (play(*roles, **values) for roles in ((0, 0), (1, 0), (0, 1), (1, 1)))

    assert hunts["captures"] > 4 * chance["captures"]
    assert hunts["escape_share"] < 0.2 < chance["escape_share"] + 0.2 < flees["escape_share"]
    assert hunts["escape_share"] < both["escape_share"] < flees["escape_share"]
    assert both["captures"] < hunts["captures"]
