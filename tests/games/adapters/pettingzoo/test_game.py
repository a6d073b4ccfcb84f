"""PettingZoo environments behind the contract, against the same environments played by PettingZoo's own loops."""

import importlib
import warnings

import numpy as np
import pytest
from pettingzoo import ParallelEnv
from pettingzoo.utils.conversions import parallel_to_aec

import games
from games import Comparison, InputError, Limits, Seat, Task
from games.adapters.pettingzoo.game import PettingZooGame
from games.check import check_game

SEED = 2**40 + 77


def _start(game, slots=1, **limits):
    seats = len(game.seats(Task()))
    vector = game.vector(slots, Limits(seats=seats, **limits))
    return vector, vector.assign(np.arange(slots), [Task()] * slots, np.full(slots, SEED, np.uint64))


def _import(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(path)


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("classic/connect_four_v3", "pettingzoo.classic.connect_four_v3"),
        ("classic/tictactoe_v3", "pettingzoo.classic.tictactoe_v3"),
    ],
)
def test_turns_are_those_of_pettingzoos_loop(name, module):
    game, env = games.make(f"pettingzoo/{name}"), _import(module).env()
    vector, view = _start(game)
    env.reset(seed=SEED % 2**31)
    rng, returns = np.random.default_rng(1), np.zeros(2)
    for agent in env.agent_iter():
        observation, reward, terminated, truncated, _ = env.last()
        seat = game.agents.index(agent)
        returns[seat] += reward
        if terminated or truncated:
            env.step(None)
            continue
        assert view.acting[0].tolist() == [seat == 0, seat == 1]
        np.testing.assert_array_equal(view.observation["view"][0, seat], observation["observation"])
        np.testing.assert_array_equal(view.action_mask[0, seat], observation["action_mask"])
        action = rng.choice(np.flatnonzero(observation["action_mask"]))
        env.step(action)
        view = vector.step(np.full((1, 2, 1), action, np.int32))
    assert view.terminated[0]
    assert not view.acting.any()
    assert view.score[0].tolist() == returns.tolist()
    assert sorted(returns) == [-1, 1]


@pytest.mark.parametrize(
    "name", ["mpe2/simple_tag_v3(max_cycles=6)", "butterfly/knights_archers_zombies_v11(max_cycles=20)"]
)
def test_simultaneous_steps_are_those_of_pettingzoos_loop(name):
    game = games.make(f"pettingzoo/{name}")
    env = game.create()
    assert isinstance(env, ParallelEnv)
    vector, view = _start(game)
    observations, _ = env.reset(seed=SEED % 2**31)
    rng, total = np.random.default_rng(1), np.zeros(len(game.agents))
    while env.agents:
        for seat, agent in enumerate(game.agents):
            assert view.acting[0, seat] == (agent in env.agents)
            if agent in observations:
                own = observations[agent].astype(np.float32)
                row = view.observation["view"][0, seat]
                np.testing.assert_array_equal(row[tuple(map(slice, own.shape))], own)
                assert np.count_nonzero(row) == np.count_nonzero(own)
        actions = rng.integers([env.action_space(agent).n for agent in game.agents])
        observations, rewards, _, truncated, _ = env.step({a: actions[game.agents.index(a)] for a in env.agents})
        view = vector.step(actions.reshape(1, -1, 1).astype(np.int32))
        for seat, agent in enumerate(game.agents):
            assert view.reward[0, seat] == pytest.approx(rewards.get(agent, 0))
        total += view.reward[0]
    assert view.truncated[0] == any(truncated.values())
    assert view.terminated[0] == (not any(truncated.values()))
    np.testing.assert_allclose(view.score[0], total)


def test_kinds_become_a_feature_and_seats():
    game = games.make("pettingzoo/mpe2/simple_tag_v3(num_good=2,num_adversaries=1,num_obstacles=0)")
    assert game.seats(Task()) == (Seat("adversary", 0), Seat("agent", 1), Seat("agent", 2))
    _, view = _start(game)
    assert view.observation["kind"][0].tolist() == [[1, 0], [0, 1], [0, 1]]
    assert "kind" not in games.make("pettingzoo/mpe2/simple_spread_v3").observation_space.spaces


def test_agents_that_differ_share_one_layout_and_leave_early(pasture):
    game = PettingZooGame("pettingzoo/own/pasture", pasture)
    space = {name: (box.shape, box.dtype.name) for name, box in game.observation_space.items()}
    assert space == {
        "place": ((3,), "float32"),
        "mood": ((3,), "float32"),
        "senses.flags": ((2,), "float32"),
        "senses.code": ((5,), "float32"),
        "wool": ((1, 2), "uint8"),
        "kind": ((2,), "float32"),
    }
    place = game.observation_space["place"]
    assert place.low.tolist() == [-2, -2, -2]
    assert place.high.tolist() == [5, 5, 6]
    vector, view = _start(game)
    wolf = {name: array[0, 0].tolist() for name, array in view.observation.items()}
    assert wolf == {
        "place": [-1.5, 0.25, 0],
        "mood": [0, 1, 0],
        "senses.flags": [0, 1],
        "senses.code": [0, 1, 0, 0, 1],
        "wool": [[0, 0]],
        "kind": [0, 1],
    }
    sheep = {name: array[0, 1].tolist() for name, array in view.observation.items()}
    assert sheep["place"] == [0, 5, 0]
    assert sheep["wool"] == [[3, 4]]
    assert sheep["mood"] == [0, 0, 0]
    # Sheep have two of four actions, which the environment numbers from 5.
    assert view.action_mask[0].tolist() == [[True] * 4, [True, True, False, False], [True, True, False, False]]
    acting, rewards = [], []
    for _ in range(5):
        acting.append(view.acting[0].tolist())
        view = vector.step(np.array([[[3], [0], [1]]], np.int32))
        rewards.append(view.reward[0].tolist())
    assert acting == [[True] * 3, [True] * 3, [True, False, True], [True, False, False], [True, False, False]]
    assert rewards == [[3, 5, 6], [3, 5, 6], [3, 0, 6], [3, 0, 0], [3, 0, 0]]
    assert (view.terminated[0], view.truncated[0]) == (True, False)
    assert view.score[0].tolist() == [15, 10, 18]
    assert view.observation["place"][0, 1].tolist() == [2, 5, 0]  # what the sheep saw last


def test_a_match_is_truncated_when_the_last_to_leave_was(pasture):
    vector, view = _start(PettingZooGame("pettingzoo/own/pasture", lambda: pasture(cut=True)))
    for _ in range(5):
        view = vector.step(np.zeros((1, 3, 1), np.int32))
    assert (view.terminated[0], view.truncated[0]) == (False, True)


def test_a_limit_truncates(pasture):
    vector, view = _start(PettingZooGame("pettingzoo/own/pasture", pasture), steps=4)
    for _ in range(4):
        assert not view.truncated[0]
        view = vector.step(np.zeros((1, 3, 1), np.int32))
    assert view.truncated[0]
    assert not view.acting.any()
    vector, view = _start(PettingZooGame("pettingzoo/own/pasture", pasture), steps=5)
    for _ in range(5):
        view = vector.step(np.zeros((1, 3, 1), np.int32))
    assert (view.terminated[0], view.truncated[0]) == (True, False)


def test_the_dead_of_a_turn_based_environment_step_out_of_the_way(queue):
    game = PettingZooGame("pettingzoo/own/queue", queue)
    assert game.turn_based
    vector, view = _start(game)
    turns, rewards = [], []
    for said in (1, 0, 2, 2, 1, 0):
        (seat,) = np.flatnonzero(view.acting[0])
        turns.append(int(seat))
        view = vector.step(np.full((1, 3, 1), said, np.int32))
        rewards.append(view.reward[0].tolist())
        if view.terminated[0]:
            break
    assert turns == [0, 1, 2, 0, 2, 0]
    assert rewards == [[0, 0, 0], [1, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert view.score[0].tolist() == [1, 0, 2]
    # All who were still there have seen the end.
    assert view.observation["view"][0].tolist() == [[0, 0, 1, 2], [1, 3, 3, 3], [0, 0, 1, 2]]


def test_masks_in_the_infos_count(queue):
    vector, view = _start(PettingZooGame("pettingzoo/own/queue", queue))
    for said in (1, 2, 2):
        view = vector.step(np.full((1, 3, 1), said, np.int32))
    assert view.action_mask[0, 0].tolist() == [True, False, True]


def test_a_parallel_environment_in_turns_is_the_same_game(pasture):
    one = _start(PettingZooGame("pettingzoo/own/pasture", pasture))
    turns = _start(PettingZooGame("pettingzoo/own/pasture", lambda: parallel_to_aec(pasture(common=False))))
    vector, view = one
    while view.acting.any():
        view = vector.step(np.array([[[3], [0], [1]]], np.int32))
    expected = view.score[0].tolist()
    vector, view = turns
    while view.acting.any():
        assert view.acting.sum() == 1
        view = vector.step(np.array([[[3], [0], [1]]], np.int32))
    assert view.score[0].tolist() == expected


def test_own_environments_keep_the_contract(pasture, queue):
    for game in (PettingZooGame("pettingzoo/own/pasture", pasture), PettingZooGame("pettingzoo/own/queue", queue)):
        assert [finding for finding in check_game(game, matches=16) if not finding.ok] == []


def test_every_match_has_an_environment_of_its_own_that_is_closed(queue):
    made, closed = [], []

    class Counted(queue):
        def __init__(self):
            super().__init__()
            made.append(self)

        def close(self):
            closed.append(self)

    game = PettingZooGame("pettingzoo/own/queue", Counted)
    assert closed == made
    made.clear()
    closed.clear()
    vector = game.vector(8, Limits(seats=3))
    assert made == []
    for count in (1, 2, 3):
        vector.assign(np.array([2, 5]), [Task()] * 2, np.arange(2, dtype=np.uint64))
        assert len(made) == 2 * count
        assert closed == made[:-2]
    vector.close()
    assert closed == made


def test_an_environment_whose_reset_leaves_traces_keeps_the_contract(queue):
    class Forgetful(queue):
        resets = 0

        def reset(self, seed=None, options=None):
            super().reset(seed, options)
            self.resets += 1

        def observe(self, agent):
            return np.minimum(super().observe(agent) + self.resets - 1, 3).astype(np.int8)

    assert all(finding.ok for finding in check_game(PettingZooGame("pettingzoo/own/forgetful", Forgetful), matches=16))
    game = games.make("pettingzoo/butterfly/knights_archers_zombies_v11(max_cycles=20)")
    assert [finding for finding in check_game(game, matches=8) if not finding.ok] == []


def test_a_picture_is_observed_where_the_environment_draws_it():
    game = games.make("pettingzoo/butterfly/cooperative_pong_v6(render_mode=rgb_array)")
    assert game.observation_space["view"].shape == (280, 480, 3)
    assert game.observation_space["view"].dtype == np.uint8
    vector, view = _start(game)
    first = view.observation["view"][0, 0].copy()
    view = vector.step(np.ones((1, 2, 1), np.int32))
    assert (view.observation["view"][0, 0] != first).any()


def test_comparison_and_teams(queue):
    game = PettingZooGame("pettingzoo/own/queue", queue, comparison=Comparison.COOPERATIVE)
    assert [seat.team for seat in game.seats(Task())] == [0, 0, 0]
    assert games.make("pettingzoo/classic/tictactoe_v3").comparison is Comparison.ZERO_SUM
    assert games.make("pettingzoo/mpe2/simple_v3").comparison is Comparison.GENERAL_SUM
    assert games.make("pettingzoo/mpe2/simple_v3(comparison=cooperative)").comparison is Comparison.COOPERATIVE


def test_it_says_that_it_cannot_be_resumed(queue):
    vector, _ = _start(PettingZooGame("pettingzoo/own/queue", queue))
    assert not vector.resumable
    with pytest.raises(NotImplementedError, match="cannot save a match in progress"):
        vector.state_dict()
    with pytest.raises(NotImplementedError, match="cannot go back"):
        vector.load_state_dict({})


def test_render(queue):
    vector, _ = _start(PettingZooGame("pettingzoo/own/queue", queue), slots=1)
    vector.step(np.ones((1, 3, 1), np.int32))
    assert vector.render(0).splitlines() == [
        "pettingzoo/own/queue, step 1, player_1 to act; returns:",
        "player_0: 0",
        "player_1: 0",
        "player_2: 0",
    ]
    assert (
        PettingZooGame("pettingzoo/own/queue", queue).vector(1, Limits(seats=3)).render(0)
        == "pettingzoo/own/queue, empty"
    )


def test_what_cannot_be_a_game(pasture, queue):
    with pytest.raises(InputError, match="a str is neither a ParallelEnv nor an AECEnv"):
        PettingZooGame("pettingzoo/own/text", lambda: "env")

    class Nameless(queue):
        def __init__(self):
            self.possible_agents = []

    with pytest.raises(InputError, match="does not name its possible_agents, so it has no seats"):
        PettingZooGame("pettingzoo/own/nameless", Nameless)
    with pytest.raises(ValueError, match="has 3 seats, its vector was asked for 2"):
        PettingZooGame("pettingzoo/own/queue", queue).vector(1, Limits(seats=2))
