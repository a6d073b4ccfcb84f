"""Every step against mpe2's own simple_tag, begun from the same state."""

import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import Limits, make

simple_tag = pytest.importorskip("mpe2.simple_tag.simple_tag")

GAME = make("markov/pursuit-v0")
POPULATIONS = [(3, 1, 2), (1, 1, 0), (2, 3, 1), (6, 2, 4), (1, 5, 3)]


def peer(predators, prey, obstacles, horizon=25):
    env = simple_tag.raw_env(num_good=prey, num_adversaries=predators, num_obstacles=obstacles, max_cycles=horizon)
    env.reset(seed=0)
    return env


def shaped(env):
    """Switch on the shaping that mpe2 holds ready behind `shape = False`."""
    for name in ("agent_reward", "adversary_reward"):
        plain = getattr(simple_tag.Scenario, name)
        code = plain.__code__.replace(co_consts=tuple(True if c is False else c for c in plain.__code__.co_consts))
        assert code != plain.__code__
        setattr(env.scenario, name, types.MethodType(types.FunctionType(code, plain.__globals__), env.scenario))


def ours(predators, prey, obstacles, seed, **task):
    vector = GAME.vector(1, Limits(seats=predators + prey))
    values = {"predators": predators, "prey": prey, "obstacles": obstacles, **task}
    return vector, vector.assign([0], [GAME.task_space.task(values)], [seed])


def copy_state(env, state):
    for entity, place in zip(env.world.landmarks, state["obstacle"][0], strict=False):
        entity.state.p_pos = place.copy()
    for entity, place, velocity in zip(env.world.agents, state["position"][0], state["velocity"][0], strict=True):
        entity.state.p_pos, entity.state.p_vel = place.copy(), velocity.copy()


def step_peer(env, actions):
    """Let all agents act; return the rewards in the order of seats."""
    for action in actions:
        env.step(int(action))
    return [env.rewards[agent] for agent in env.possible_agents]


def seen(step, agent, predators, count, obstacles):
    """mpe2's vector of one agent, put together from what our agent sees."""
    own, entities = step.observation["self"][0, agent], step.observation["entities"][0, agent]
    others = entities[4 : 4 + count - 1]
    prey = others[others[:, 1] == 1]
    parts = [own[:4], entities[:obstacles, 2:4].ravel(), others[:, 2:4].ravel(), prey[:, 4:6].ravel()]
    assert len(prey) == count - predators - (agent >= predators)
    return np.concatenate(parts)


def compare(env, vector, step, predators, obstacles):
    state = vector.state_dict()
    agents = env.world.agents
    np.testing.assert_allclose(state["position"][0], [a.state.p_pos for a in agents], rtol=0, atol=1e-13)
    np.testing.assert_allclose(state["velocity"][0], [a.state.p_vel for a in agents], rtol=0, atol=1e-11)
    for number, name in enumerate(env.possible_agents):
        mine = seen(step, number, predators, len(agents), obstacles)
        np.testing.assert_allclose(mine, env.observe(name), rtol=1e-6, atol=1e-6)


@settings(max_examples=24, deadline=None, derandomize=True)
@given(
    population=st.sampled_from(POPULATIONS),
    seed=st.integers(0, 2**64 - 1),
    spread=st.sampled_from([0.15, 0.5, 1.3]),
    shaping=st.booleans(),
)
def test_a_step_from_any_state_is_that_of_mpe2(population, seed, spread, shaping):
    """Crowds that press together, and prey far outside, among them."""
    predators, prey, obstacles = population
    count = predators + prey
    vector, _ = ours(*population, seed, shaping=shaping, horizon=100)
    env = peer(*population, horizon=100)
    if shaping:
        shaped(env)
    rng = np.random.default_rng(seed)
    for _ in range(10):
        state = vector.state_dict()
        state["position"][0] = spread * rng.uniform(-1, 1, (count, 2))
        state["velocity"][0] = rng.uniform(-0.9, 0.9, (count, 2))
        state["obstacle"][0, :obstacles] = 0.9 * rng.uniform(-1, 1, (obstacles, 2))
        vector.load_state_dict(state)
        copy_state(env, state)
        actions = rng.integers(0, 5, count)
        rewards = step_peer(env, actions)
        step = vector.step(actions[None, :, None])
        compare(env, vector, step, predators, obstacles)
        np.testing.assert_allclose(step.reward[0], rewards, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("population", POPULATIONS)
def test_a_whole_match_is_that_of_mpe2(population):
    """Begun alike and never set right again. Predators press on the first prey, prey wander."""
    predators, prey, obstacles = population
    total = 0
    for seed in range(6):
        vector, step = ours(*population, seed)
        env = peer(*population)
        copy_state(env, vector.state_dict())
        compare(env, vector, step, predators, obstacles)
        rng = np.random.default_rng(seed)
        captures = 0
        for t in range(25):
            place = vector.state_dict()["position"][0]
            axis = rng.integers(0, 2, predators)
            towards = place[predators, axis] > place[np.arange(predators), axis]
            actions = np.concatenate([1 + 2 * axis + towards, rng.integers(0, 5, prey)])
            rewards = step_peer(env, actions)
            step = vector.step(actions[None, :, None])
            np.testing.assert_allclose(step.reward[0], rewards, rtol=1e-5, atol=1e-5)
            compare(env, vector, step, predators, obstacles)
            captures += sum(env.scenario.benchmark_data(agent, env.world) for agent in env.world.agents)
            assert step.truncated[0] == all(env.truncations.values()) == (t == 24)
        assert step.metrics["captures"][0] == captures
        total += captures
    assert total >= 5


def test_the_defaults_are_those_of_mpe2():
    env, task = peer(3, 1, 2), GAME.task_space.task()
    assert len(simple_tag.raw_env().world.agents) == len(GAME.seats(task)) == 4
    assert len(simple_tag.raw_env().world.landmarks) == task["obstacles"]
    assert simple_tag.raw_env().max_cycles == task["horizon"]
    for entity, kind in ((env.world.agents[0], "predator"), (env.world.agents[-1], "prey")):
        assert [entity.size, entity.max_speed, entity.accel] == [
            task[f"{kind}_{name}"] for name in ("radius", "speed", "acceleration")
        ]
    assert env.world.landmarks[0].size == task["obstacle_radius"]
