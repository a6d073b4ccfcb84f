"""Doubles for the league's tests: a game whose every number is known beforehand, policies and a learner without torch."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from games import Comparison, Game, Integer, Limits, Seat, Step, TaskSpace, VectorGame
from games.randomness import WORLD, integer, seat_stream, uniform
from populations.agent import Agent
from populations.policy import Decision

ACTIONS = 3


class Relay(Game):
    """Seats take turns in an order that the world's stream draws; a seat may lie fallow for long, or all act at once.

    Reward of seat s at step t is 0.01 * (s + 1) + its action when it acted. A match lasts `length` steps; with `cut` it is
    truncated there, else it terminates. Score: sum of rewards.
    """

    name = "double/relay-v0"
    comparison = Comparison.GENERAL_SUM
    observation_space = spaces.Dict({"vector": spaces.Box(-np.inf, np.inf, (3,), np.float32)})
    action_space = spaces.Discrete(ACTIONS)
    metrics = ("length",)

    def __init__(self):
        self.task_space = TaskSpace(
            {
                "seats": Integer(1, 4, 3),
                "length": Integer(1, 12, 7),
                "cut": Integer(0, 1, 0),
                "together": Integer(0, 1, 0),
            }
        )

    @property
    def max_seats(self):
        return 4

    def seats(self, task):
        return tuple(Seat(team=i) for i in range(task["seats"]))

    def vector(self, slots, limits: Limits):
        return RelayVector(self, slots, limits)


class RelayVector(VectorGame):
    def __init__(self, game, slots, limits):
        self.game, self.slots, self.limits = game, slots, limits
        self.observation_space = game.observation_space
        shape = (slots, limits.seats)
        self.tasks = [None] * slots
        self.state = {
            "seed": np.zeros(slots, np.uint64),
            "time": np.zeros(slots, np.int64),
            "live": np.zeros(slots, np.bool_),
            "score": np.zeros(shape),
        }
        self.view = Step.blank(game.observation_space, slots, limits.seats, width=ACTIONS, metrics=game.metrics)
        self.view.action_mask[:] = True

    def _clear(self):
        self.view.reward[:] = 0
        self.view.terminated[:] = self.view.truncated[:] = False

    def _show(self, slot):
        n, seed, time = self.tasks[slot]["seats"], self.state["seed"][slot], int(self.state["time"][slot])
        self.view.acting[slot] = False
        self.view.observation["vector"][slot] = 0
        self.view.observation["vector"][slot, :n, 0] = time
        self.view.observation["vector"][slot, :n, 1] = np.arange(n)
        self.view.observation["vector"][slot, :n, 2] = uniform(seed, WORLD, 0, 7)
        if not self.state["live"][slot]:
            return
        if self.tasks[slot]["together"]:
            self.view.acting[slot, :n] = True
        else:
            self.view.acting[slot, integer(seed, WORLD, time, 0, n)] = True

    def assign(self, slots, tasks, seeds):
        self._clear()
        for slot, task, seed in zip(slots.tolist(), tasks, seeds, strict=True):
            self.tasks[slot] = task
            self.state["seed"][slot], self.state["time"][slot], self.state["live"][slot] = seed, 0, True
            self.state["score"][slot] = 0
            self._show(slot)
        return self.view

    def step(self, actions):
        self._clear()
        for slot in np.flatnonzero(self.state["live"]).tolist():
            task = self.tasks[slot]
            n = task["seats"]
            acting = self.view.acting[slot, :n]
            assert (actions[slot, :n, 0][acting] < ACTIONS).all()
            self.view.reward[slot, :n] = 0.01 * np.arange(1, n + 1) + np.where(acting, actions[slot, :n, 0], 0)
            self.state["score"][slot] += self.view.reward[slot]
            self.state["time"][slot] += 1
            if self.state["time"][slot] >= task["length"]:
                self.state["live"][slot] = False
                self.view.terminated[slot], self.view.truncated[slot] = not task["cut"], bool(task["cut"])
                self.view.score[slot] = self.state["score"][slot]
                self.view.metrics["length"][slot] = self.state["time"][slot]
            self._show(slot)
        return self.view

    def state_dict(self):
        return {k: v.copy() for k, v in self.state.items()}

    def load_state_dict(self, state):
        self._clear()
        self.state = {k: v.copy() for k, v in state.items()}
        for slot in range(self.slots):
            if self.tasks[slot] is not None:
                self._show(slot)
        return self.view


class Dice:
    """Uniform actions from the seats' streams, and figures that a learner would report. `memory` counts its decisions."""

    observes, privileged = True, False

    def __init__(self, memory=False):
        self.memory = memory

    def initial_state(self, rows):
        return {"count": np.zeros((rows, 1), np.float32)} if self.memory else {}

    def act(self, rows, state):
        action = np.array(
            [
                integer(seed, seat_stream(int(seat)), int(step), 0, ACTIONS)
                for seed, seat, step in zip(rows.seed, rows.seat, rows.step, strict=True)
            ],
            np.int32,
        )[:, None]
        log_prob = np.full(len(rows), -np.log(ACTIONS), np.float32)
        after = {"count": state["count"] + 1} if self.memory else {}
        return Decision(action, after, log_prob, self.value(rows, state))

    def value(self, rows, state):
        seen = rows.observation["vector"]
        return (seen[:, 0] + 10 * seen[:, 1] + 100 * seen[:, 2]).astype(np.float32)

    def refuses(self, game):
        return None


class Pupil:
    """A learner that learns nothing but keeps count."""

    def __init__(self, memory=False):
        self.policy = Dice(memory)
        self.updates = 0

    def value(self, rows, state):
        return self.policy.value(rows, state)

    def update(self, batch, progress):
        self.updates += 1
        return {"rows": float(len(batch))}

    def freeze(self):
        return Dice(self.policy.memory)

    def state_dict(self):
        return {"updates": np.array([self.updates])}

    def load_state_dict(self, state):
        self.updates = int(state["updates"][0])


@pytest.fixture
def relay():
    return Relay()


@pytest.fixture
def pupil():
    return Pupil


@pytest.fixture
def dice():
    """Make an agent that plays at random, under any id."""

    def make(name, memory=False):
        return Agent(name, f"hash-{name}", Dice(memory))

    return make
