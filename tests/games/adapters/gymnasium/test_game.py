"""Gymnasium environments behind the contract, against the same environments in Gymnasium's own loop."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import games
from games import Comparison, InputError, Limits, Seat, Task
from games.adapters.gymnasium import GymnasiumGame
from games.check import check_game
from games.task import Real, TaskSpace

SEED = 2**40 + 77


def _start(game, task=None, slots=1, **limits):
    vector = game.vector(slots, Limits(seats=1, **limits))
    return vector, vector.assign(np.arange(slots), [task or Task()] * slots, np.full(slots, SEED, np.uint64))


@pytest.mark.parametrize("name", ["CartPole-v1", "MountainCarContinuous-v0", "Taxi-v4(max_episode_steps=30)"])
def test_steps_are_those_of_gymnasiums_loop(name):
    game = games.make(f"gymnasium/{name}")
    env = game.create()
    seen, _ = env.reset(seed=SEED % 2**31)
    vector, view = _start(game, steps=60)
    rng, total = np.random.default_rng(1), 0.0
    for step in range(1, 61):
        expected = np.eye(500)[seen] if "Taxi" in name else seen
        np.testing.assert_array_equal(view.observation["view"][0, 0], expected.astype(np.float32))
        assert view.acting[0].tolist() == [True]
        action = rng.uniform(-1, 1, 1).astype(np.float32) if "Car" in name and "Pole" not in name else rng.integers(2)
        seen, reward, over, cut, _ = env.step(action)
        view = vector.step(np.reshape(action, (1, 1, 1)).astype(game.actions.dtype))
        total += reward
        assert view.reward[0, 0] == np.float32(reward)
        if over or cut or step == 60:
            break
    assert (view.terminated[0], view.truncated[0]) == (over, not over)
    assert view.score[0, 0] == pytest.approx(total)
    assert not view.acting.any()


def test_a_game_of_one_seat_and_no_masks():
    game = games.make("gymnasium/CartPole-v1")
    assert game.seats(Task()) == (Seat("player"),)
    assert game.comparison is Comparison.GENERAL_SUM
    assert not game.turn_based
    _, view = _start(game)
    assert view.action_mask is None


@pytest.mark.parametrize(
    ("over", "cut", "ending"), [(3, None, (1, 0)), (None, 3, (0, 1)), (3, 3, (1, 0)), (9, 9, (0, 1))]
)
def test_being_cut_is_told_from_being_over(drill, over, cut, ending):
    vector, view = _start(GymnasiumGame("gymnasium/drill", lambda: drill(over=over, cut=cut)), steps=3)
    for _ in range(3):
        assert (view.terminated[0], view.truncated[0]) == (False, False)
        view = vector.step(np.ones((1, 1, 1), np.int32))
    assert (view.terminated[0], view.truncated[0]) == ending
    assert view.score[0, 0] == 6
    again = vector.step(np.ones((1, 1, 1), np.int32))  # nothing resets itself
    assert (again.terminated[0], again.reward[0, 0]) == (False, 0)


def test_tasks_are_the_options_of_reset_and_metrics_are_in_the_last_info(drill):
    game = GymnasiumGame(
        "gymnasium/drill",
        lambda: drill(over=2),
        task_space=TaskSpace({"goal": Real(0.0, 5.0, 1.0)}),
        metrics=("is_success", "goal", "absent"),
    )
    vector, _ = _start(game, game.task_space.task({"goal": 2.5}))
    for _ in range(2):
        view = vector.step(np.zeros((1, 1, 1), np.int32))
    assert {name: values[0] for name, values in view.metrics.items()} == {"is_success": 1, "goal": 2.5, "absent": 0}
    assert all(finding.ok for finding in check_game(game, matches=8))


@pytest.mark.parametrize(
    ("acts", "given", "received"),
    [
        (spaces.Discrete(3, start=4), [[[2]]], 6),
        (spaces.MultiDiscrete([2, 3]), [[[1, 2]]], [1, 2]),
        (spaces.MultiBinary(2), [[[0, 1]]], [0, 1]),
        (spaces.Box(-2.0, 2.0, (2,), np.float64), [[[0.5, -2.0]]], [0.5, -2.0]),
    ],
)
def test_actions_arrive_as_the_environment_wants_them(drill, acts, given, received):
    env = drill(acts=acts, over=2)
    game = GymnasiumGame("gymnasium/drill", lambda: env)
    vector, _ = _start(game)
    vector.step(np.array(given, game.actions.dtype))
    assert np.array_equal(env.received[-1], received)
    assert acts.contains(env.received[-1])


def test_nested_observations_become_named_arrays(drill):
    sees = spaces.Dict(
        {
            "place": spaces.Box(0.0, 1.0, (2, 2)),
            "pair": spaces.Tuple((spaces.Discrete(3, start=1), spaces.MultiBinary(2))),
        }
    )
    game = GymnasiumGame("gymnasium/drill", lambda: drill(sees=sees, over=2))
    shapes = {name: box.shape for name, box in game.observation_space.items()}
    assert shapes == {"place": (2, 2), "pair.0": (3,), "pair.1": (2,)}
    assert all(finding.ok for finding in check_game(game, matches=8))


@pytest.mark.parametrize(
    ("spaces_", "message"),
    [
        (
            {"acts": spaces.Tuple((spaces.Discrete(2),))},
            "actions must be Discrete, MultiDiscrete, MultiBinary or a Box",
        ),
        ({"sees": spaces.Dict({"x": spaces.Text(4)})}, "'x' is a Text space, which no fixed array can hold"),
    ],
)
def test_spaces_that_fit_no_array_are_refused(drill, spaces_, message):
    with pytest.raises(InputError, match=f"gymnasium/drill: .*{message}"):
        GymnasiumGame("gymnasium/drill", lambda: drill(**spaces_))


def test_ranges_of_arguments_are_task_parameters():
    game = games.make("gymnasium/FrozenLake-v1(is_slippery=false,map_name=4x4|8x8,max_episode_steps=3..9)")
    assert list(game.task_space) == ["map_name", "max_episode_steps"]
    assert game.observation_space["view"].shape == (64,)
    task = game.task_space.task({"map_name": "8x8", "max_episode_steps": 5})
    vector, view = _start(game, task)
    steps = 0
    while view.acting[0, 0]:
        view = vector.step(np.zeros((1, 1, 1), np.int32))  # against the wall
        steps += 1
    assert (steps, view.truncated[0]) == (5, True)
    assert all(finding.ok for finding in check_game(game, matches=8))


def test_text_pictures_are_shown():
    game = games.make("gymnasium/FrozenLake-v1(render_mode=ansi)")
    vector, _ = _start(game)
    assert vector.render(0).startswith("gymnasium/FrozenLake-v1(render_mode=ansi), step 0, goes on; return: 0\n")
    assert "FHFH" in vector.render(0)


def test_a_need_that_shows_at_the_first_reset_is_named(drill):
    class Late(drill):
        def reset(self, seed=None, options=None):
            raise gymnasium.error.DependencyNotInstalled("pygame is not installed")

    with pytest.raises(InputError, match="gymnasium/late needs what is not installed: pygame"):
        GymnasiumGame("gymnasium/late", Late)
