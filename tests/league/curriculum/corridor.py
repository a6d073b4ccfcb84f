"""What the tests of curricula play: processes that are spawned must be able to import it."""

import time

import gymnasium
import numpy as np
from gymnasium import spaces

from games import Integer, Real, TaskSpace
from league.curriculum import CurriculumWrapper, RemoteTeacher

SPACE = TaskSpace({"length": Integer(1, 5, 3), "slope": Real(0.0, 1.0, 0.5)})


class Corridor(gymnasium.Env):
    """Ends after `length` steps; each gives `slope`; solved when long."""

    def __init__(self, length=3, slope=0.5):
        self.observation_space = spaces.Box(0.0, 10.0, (2,), np.float64)
        self.action_space = spaces.Discrete(2)
        self.length, self.slope, self.at = length, slope, 0
        self.closed = False

    def set_task(self, task):
        self.length, self.slope = task["length"], task["slope"]

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.at, self.options = 0, options
        return self._see(), {}

    def step(self, action):
        self.at += 1
        over = self.at >= self.length
        return self._see(), self.slope, over, False, {"success": self.length >= 3} if over else {}

    def close(self):
        self.closed = True

    def _see(self):
        return np.array([self.np_random.random(), float(self.at)])


def play(address, episodes, learner):
    """Play episodes of a remote teacher."""
    env = CurriculumWrapper(Corridor(), RemoteTeacher(address), learner=learner)
    for _ in range(episodes):
        env.reset()
        while not env.step(0)[2]:
            pass


def hang(address, ready):
    """Take a proposal and never play it to its end."""
    env = CurriculumWrapper(Corridor(5), RemoteTeacher(address), learner="dead")
    env.reset()
    ready.set()
    time.sleep(600)
