"""PettingZoo environments made for these tests: everything that the adapter must cope with and few others show."""

import numpy as np
import pytest
from gymnasium import spaces
from pettingzoo import AECEnv, ParallelEnv


class Pasture(ParallelEnv):
    """A wolf and two sheep that differ in all they see and do.

    The sheep are terminated after 2 and 3 steps, the wolf after 5; with `cut`, the wolf is truncated instead. Every agent is
    paid the number of its action in each step.
    """

    metadata = {"name": "pasture"}  # noqa: RUF012
    render_mode = None

    def __init__(self, cut=False, common=True):
        self.possible_agents = ["wolf_0", "sheep_0", "sheep_1"]
        self.cut, self.common = cut, common
        self.actions = []
        wolf = spaces.Dict(
            {
                "place": spaces.Box(np.full(3, -2.0), np.array([2.0, 2.0, 6.0]), dtype=np.float64),
                "mood": spaces.Discrete(3, start=1),
                "senses": spaces.Dict({"flags": spaces.MultiBinary(2), "code": spaces.MultiDiscrete([2, 3])}),
            }
        )
        sheep = spaces.Dict(
            {"place": spaces.Box(0.0, 5.0, (2,), np.float32), "wool": spaces.Box(1, 9, (1, 2), np.uint8)}
        )
        self.seen = {"wolf_0": wolf, "sheep_0": sheep, "sheep_1": sheep}
        self.moves = {
            "wolf_0": spaces.Discrete(4),
            "sheep_0": spaces.Discrete(2, start=5),
            "sheep_1": spaces.Discrete(2, start=5),
        }

    def observation_space(self, agent):
        return self.seen[agent]

    def action_space(self, agent):
        return self.moves[agent]

    def _look(self):
        seen = {
            "wolf_0": {
                "place": np.array([-1.5, 0.25, self.time]),
                "mood": 2,
                "senses": {"flags": np.array([0, 1], np.int8), "code": np.array([1, 2])},
            },
            "sheep_0": {"place": np.array([self.time, 5], np.float32), "wool": np.array([[3, 4]], np.uint8)},
            "sheep_1": {"place": np.array([self.time, self.luck], np.float32), "wool": np.array([[5, 6]], np.uint8)},
        }
        return {agent: seen[agent] for agent in self.agents}

    def reset(self, seed=None, options=None):
        self.agents, self.time = list(self.possible_agents), 0
        self.luck = np.random.default_rng(seed).random()
        return self._look(), {agent: {} for agent in self.agents}

    def step(self, actions):
        assert set(actions) == set(self.agents)
        self.actions.append(actions)
        self.time += 1
        lives = {"sheep_0": 2, "sheep_1": 3, "wolf_0": 5}
        over = {agent: self.time == lives[agent] for agent in self.agents}
        truncated = {agent: over[agent] and self.cut and agent == "wolf_0" for agent in self.agents}
        terminated = {agent: over[agent] and not truncated[agent] for agent in self.agents}
        result = (
            self._look(),
            {a: float(actions[a]) for a in self.agents},
            terminated,
            truncated,
            {a: {} for a in self.agents},
        )
        self.agents = [agent for agent in self.agents if not over[agent]]
        if self.common:
            result[0]["common"], result[1]["common"] = "what nobody in particular sees", 7.0
        return result


class Queue(AECEnv):
    """Three players take turns saying a number below 3; who says 0 is out, and each other player is paid 1.

    The last one left has won. Masks are in the infos: a player may not say what it said last.
    """

    metadata = {"name": "queue"}  # noqa: RUF012

    def __init__(self):
        self.possible_agents = ["player_0", "player_1", "player_2"]
        self.spaces = {agent: (spaces.Box(0, 3, (4,), np.int8), spaces.Discrete(3)) for agent in self.possible_agents}

    def observation_space(self, agent):
        return self.spaces[agent][0]

    def action_space(self, agent):
        return self.spaces[agent][1]

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        self.said = dict.fromkeys(self.agents, 3)
        for name, start in (
            ("rewards", 0),
            ("_cumulative_rewards", 0),
            ("terminations", False),
            ("truncations", False),
        ):
            setattr(self, name, dict.fromkeys(self.agents, start))
        self.infos = {agent: {} for agent in self.agents}
        self.agent_selection = "player_0"
        self._mask()

    def observe(self, agent):
        return np.array([*(self.said.get(a, 0) for a in self.possible_agents), len(self.agents)], np.int8)

    def _mask(self):
        for agent in self.agents:
            self.infos[agent] = {"action_mask": (np.arange(3) != self.said[agent]).astype(np.int8)}

    def step(self, action):
        agent = self.agent_selection
        if self.terminations[agent]:
            self._was_dead_step(action)
            return
        assert action != self.said[agent]
        self.said[agent] = action
        self._cumulative_rewards[agent] = 0
        self._clear_rewards()
        order = self.agents[self.agents.index(agent) + 1 :] + self.agents[: self.agents.index(agent)]
        if action == 0:
            self.terminations[agent] = True
            self.rewards.update(dict.fromkeys(order, 1))
            if len(order) == 1:
                self.terminations[order[0]] = True
        self._accumulate_rewards()
        self._mask()
        self.agent_selection = order[0]
        self._deads_step_first()


class Hands(ParallelEnv):
    """Two agents whose actions have the given spaces; one step."""

    metadata = {"name": "hands"}  # noqa: RUF012

    def __init__(self, actions, observations=None, masks=None):
        observations = observations or [spaces.Discrete(2), spaces.Discrete(2)]
        self.possible_agents = ["hand_0", "hand_1"]
        self.moves = dict(zip(self.possible_agents, actions, strict=True))
        self.seen = dict(zip(self.possible_agents, observations, strict=True))
        self.masks = masks

    def observation_space(self, agent):
        return self.seen[agent]

    def action_space(self, agent):
        return self.moves[agent]

    def _infos(self):
        masks = self.masks or [None, None]
        return {a: {} if m is None else {"action_mask": m} for a, m in zip(self.possible_agents, masks, strict=True)}

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        for number, space in enumerate(self.seen.values()):
            space.seed(number)
        return {agent: space.sample() for agent, space in self.seen.items()}, self._infos()

    def step(self, actions):
        self.received, self.agents = actions, []
        ends = dict.fromkeys(self.possible_agents, True)
        none = dict.fromkeys(self.possible_agents, False)
        return self.reset()[0], dict.fromkeys(self.possible_agents, 0.0), ends, none, self._infos()


@pytest.fixture
def pasture():
    return Pasture


@pytest.fixture
def queue():
    return Queue


@pytest.fixture
def hands():
    return Hands
