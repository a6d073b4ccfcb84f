"""Gymnasium environments made for these tests: spaces and endings that few others show."""

import copy

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces


class Drill(gymnasium.Env):
    """Pays the number of its step; ends as it is told at reset or by its arguments."""

    def __init__(self, acts=None, sees=None, over=None, cut=None):
        self.action_space = acts or spaces.Discrete(3, start=4)
        self.observation_space = copy.deepcopy(sees) or spaces.Box(-1.0, 9.0, (2,), np.float64)
        self.over, self.cut = over, cut
        self.received = []

    def _look(self):
        if isinstance(self.observation_space, spaces.Box):
            return np.array([self.time, self.luck])
        return self.observation_space.sample()

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        self.time, self.luck = 0, self.np_random.random()
        self.goal = (options or {}).get("goal", 0.0)
        return self._look(), {}

    def step(self, action):
        self.received.append(action)
        self.time += 1
        over, cut = self.time == self.over, self.time == self.cut
        info = {"is_success": np.True_, "goal": self.goal} if over else {}
        return self._look(), np.float64(self.time), over, cut, info


@pytest.fixture
def drill():
    return Drill
