"""Every game shows a PettingZoo face that PettingZoo's own tests accept, and that face plays the same match."""

import warnings

import numpy as np
import pytest
from gymnasium import spaces
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test

import games
from games import InputError, Limits

OPENSPIEL = (
    "tic_tac_toe",
    "kuhn_poker",
    "kuhn_poker(players=3)",
    "leduc_poker",
    "goofspiel",
    "liars_dice",
    "markov_soccer",
)
NAMES = [
    *games.names("markov"),
    *games.names("testkit"),
    *(f"openspiel/{name}" for name in OPENSPIEL),
    "pettingzoo/classic/tictactoe_v3",
    "pettingzoo/mpe2/simple_tag_v3(max_cycles=5)",
]


@pytest.fixture(scope="module", params=NAMES)
def game(request):
    return games.make(request.param)


@pytest.fixture(autouse=True)
def _quiet():
    # PettingZoo warns about any observation that is a dictionary, all zeros or unbounded: a matter of taste.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_aec_face_passes_pettingzoos_tests(game):
    api_test(game.aec_env(), num_cycles=30)
    seed_test(game.aec_env, num_cycles=30)


def test_parallel_face_passes_pettingzoos_tests(game):
    if game.turn_based:
        with pytest.raises(InputError, match="played in turns: its PettingZoo face is aec_env"):
            game.parallel_env()
    else:
        parallel_api_test(game.parallel_env(), num_cycles=60)
        parallel_seed_test(game.parallel_env, num_cycles=60)


def test_face_plays_the_match_of_the_vector(game):
    task, seed = game.task_space.task(), 5
    seats, layout = len(game.seats(task)), game.actions
    vector = game.vector(1, Limits(seats=seats))
    view = vector.assign(np.zeros(1, np.int64), [task], np.array([seed], np.uint64))
    expected = np.zeros(seats)
    rng = np.random.default_rng(0)
    env = game.aec_env()
    env.reset(seed=seed)
    received = dict.fromkeys(env.possible_agents, 0.0)
    for _ in range(20):
        actions = layout.empty(1, seats)
        order = np.flatnonzero(view.acting[0]) if game.turn_based else range(seats)
        for seat in order:
            agent = env.agent_selection
            assert agent == env.possible_agents[seat]
            if view.action_mask is None:
                action = rng.integers(layout.sizes) if not layout.continuous else rng.uniform(layout.low, layout.high)
            else:
                legal = np.split(view.action_mask[0, seat] | ~view.acting[0, seat], layout.offsets[1:-1])
                action = np.array([rng.choice(np.flatnonzero(head)) for head in legal])
            actions[0, seat] = action
            env.step(action[0] if isinstance(game.action_space, spaces.Discrete) else action)
            for name, reward in env.rewards.items():
                received[name] += reward
        view = vector.step(actions)
        expected += view.reward[0]
        if view.terminated[0] or view.truncated[0]:
            break
        observation = env.observe(env.possible_agents[-1])
        if view.action_mask is not None:
            observation = observation["observation"]
        for name, array in view.observation.items():
            shown = observation[name] if len(view.observation) > 1 else observation
            np.testing.assert_array_equal(shown, array[0, -1])
    assert list(received.values()) == pytest.approx(expected)
    assert all(env.terminations.values()) == bool(view.terminated[0])
    assert all(env.truncations.values()) == bool(view.truncated[0])


def test_layout_of_structured_actions():
    env = games.make("testkit/commands-v0").parallel_env()
    observations, _ = env.reset(seed=3)
    observation = observations["commander_0"]
    assert {name: array.shape for name, array in observation["observation"].items()} == {
        "planes": (2, 8, 8),
        "vector": (4,),
    }
    assert [head.tolist() for head in observation["action_mask"][:1]] == [[1, 1, 0]]
    assert all(head.dtype == np.int8 for head in observation["action_mask"])
    assert env.observation_space("commander_0").contains(observation)


def test_a_single_array_is_not_wrapped():
    env = games.make("testkit/teams-v0").parallel_env()
    observations, _ = env.reset(seed=0)
    assert isinstance(env.observation_space("partner_2"), spaces.Box)
    assert observations["partner_2"].shape == (4,)


def test_an_illegal_action_is_replaced_and_noted():
    env = games.make("testkit/commands-v0").parallel_env()
    env.reset(seed=3)
    *_, infos = env.step({"commander_0": np.array([2, 0, 4, 4])})  # moving before anything is selected
    assert infos == {"commander_0": {"illegal": True}}
    *_, infos = env.step(
        {"commander_0": np.array([0, int(env.observe("commander_0")["action_mask"][1].argmax()), 4, 4])}
    )
    assert infos == {"commander_0": {}}
    *_, infos = env.step({"commander_0": np.array([0, 0, 8, 4])})  # a column beyond the field
    assert infos["commander_0"] == {"illegal": True}


def test_the_dead_stay_without_effect_until_the_match_ends():
    game = games.make("testkit/skirmish-v0")
    env = game.parallel_env(game.task_space.task({"left": 1, "right": 2}))
    env.reset(seed=0)
    for _ in range(40):
        # The right squad shoots, the left unit holds: it dies, and its whole team with it.
        _, _, terminated, _, _ = env.step({"soldier_0": 0, "soldier_1": 1, "soldier_2": 1})
        if terminated["soldier_0"]:
            break
        assert env.agents == env.possible_agents
    assert all(terminated.values())
    assert env.agents == []
    env = game.parallel_env(game.task_space.task({"left": 2, "right": 2}))
    env.reset(seed=0)
    for _ in range(6):
        observations, *_ = env.step({"soldier_0": 0, "soldier_1": 0, "soldier_2": 1, "soldier_3": 1})
        if observations["soldier_0"]["observation"]["self"][0] == 0:
            break
    assert observations["soldier_0"]["action_mask"].all()
    before = observations["soldier_2"]["observation"]["self"][0]
    observations, rewards, *_ = env.step({"soldier_0": 1, "soldier_1": 0, "soldier_2": 0, "soldier_3": 0})
    assert observations["soldier_2"]["observation"]["self"][0] == before
    assert rewards["soldier_0"] == 0


def test_options_carry_a_task_of_the_same_agents():
    game = games.make("testkit/gridgoal-v0")
    env = game.parallel_env(game.task_space.task({"seats": 2}))
    assert env.possible_agents == ["walker_0", "walker_1"]
    env.reset(seed=0, options={"task": {"seats": 1, "size": 3}})
    assert env.agents == ["walker_0"]
    env.reset(seed=0, options={"something": "else"})
    assert env.agents == ["walker_0", "walker_1"]
    with pytest.raises(InputError, match=r"walker_1.*made for walker_0: make another one"):
        game.parallel_env().reset(options={"task": {"seats": 2}})
    with pytest.raises(InputError, match="did you mean 'size'"):
        env.reset(options={"task": {"sise": 2}})


def test_resets_without_a_seed_go_on_from_the_last_seed():
    def beacons(env):
        env.reset(seed=9)
        return [env.reset()[0]["commander_0"]["observation"]["planes"].tolist() for _ in range(5)]

    game = games.make("testkit/commands-v0")
    first, second = beacons(game.parallel_env()), beacons(game.parallel_env())
    assert first == second
    assert any(a != first[0] for a in first)


def test_render():
    game = games.make("testkit/gridgoal-v0")
    env = game.parallel_env(render_mode="ansi")
    env.reset(seed=0)
    assert [len(line) for line in env.render().splitlines()] == [5] * 5
    silent = game.parallel_env()
    silent.reset(seed=0)
    with pytest.warns(UserWarning, match="render_mode='ansi'"):
        assert silent.render() is None
    with pytest.raises(InputError, match="render mode 'human' of testkit/gridgoal-v0: must be None or 'ansi'"):
        game.parallel_env(render_mode="human")
