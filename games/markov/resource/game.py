"""The resource game: which landmark is worth its crowd?"""

from __future__ import annotations

import numpy as np
from gymnasium import spaces

from games.game import Comparison, Game, Limits, Seat
from games.markov.particles import ACTIONS
from games.markov.resource.rules import (
    ENTITY,
    LANDMARKS,
    MAX_EXTENT,
    MAX_LANDMARKS,
    MAX_POPULATION,
    OWN,
)
from games.markov.resource.vector import ResourceVector
from games.task import Integer, Real, Task, TaskSpace

__all__ = ["ResourceGame", "ResourceLandmarksGame"]

_POPULATION = Integer(2, MAX_POPULATION, 6)
_EXTENT = Real(1.0, MAX_EXTENT, 1.0)


class ResourceGame(Game):
    """Agents spread over six landmarks, each of which pays a fixed sum a step in equal shares to those who touch it.

    Resource occupation of Zhang, Shen, Han and Shen, "Learning Meta Representations for Agents in Multi-Agent
    Reinforcement Learning" (arXiv 2108.12988), by the rules of their released scenario: agents of radius 0.05 that push each
    other apart, landmarks of radius 0.05, 0.10, ... 0.30 that do not collide and pay ten times their radius, everyone's place
    uniform in [-1, 1]^2, twenty steps. Rewards are individual: crowding is each agent's own loss.
    We differ in the observation: entities, instead of one vector whose length depends on the population. And the square in
    which everyone is placed may be wider (`extent`, half its side): the way to a landmark is longer then.

    A match never terminates; it is truncated at the horizon (`Limits.steps` may shorten it, never lengthen), so that
    learners bootstrap. A seat's score is the sum of its rewards.

    What a seat sees (`rules.OWN`, `rules.ENTITY`; offsets are from itself, velocities absolute):
        self: [5] float32, own velocity and position, and the population over 48.
        entities: [6 + S - 1, 6] float32, the landmarks, smallest first, then the others by seat; zero where there is none.
        entity_mask: [6 + S - 1] bool, true where there is one.

    Metrics:
        welfare_share: mean over the steps of what all agents got, over the most that they could get in place
            (`nash.max_welfare`: 10.5 from six agents on).
        mean_reward: per agent and step.

    Attributes:
        most_landmarks: how many any task has.
    """

    name = "markov/resource-v0"
    task_space = TaskSpace({"population": _POPULATION, "extent": _EXTENT})
    most_landmarks = LANDMARKS
    comparison = Comparison.GENERAL_SUM
    metrics = ("welfare_share", "mean_reward")

    def __init__(self) -> None:
        self.action_space = spaces.Discrete(ACTIONS)
        self.observation_space = self.observation_space_for(MAX_POPULATION)

    @property
    def max_seats(self) -> int:
        """The largest population of any task."""
        return MAX_POPULATION

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return one seat per agent, each a team of its own."""
        return tuple(Seat("agent", team) for team in range(int(task["population"])))

    def vector(self, slots: int, limits: Limits) -> ResourceVector:
        """Return room for `slots` matches."""
        return ResourceVector(self, slots, limits)

    def observation_space_for(self, seats: int) -> spaces.Dict:
        """Return what one of up to `seats` agents sees."""
        entities = self.most_landmarks + seats - 1
        return spaces.Dict(
            {
                "self": spaces.Box(-np.inf, np.inf, (len(OWN),), np.float32),
                "entities": spaces.Box(-np.inf, np.inf, (entities, len(ENTITY)), np.float32),
                "entity_mask": spaces.Box(0, 1, (entities,), np.bool_),
            }
        )


class ResourceLandmarksGame(ResourceGame):
    """The resource game with one to twelve landmarks, which is part of the task: radii 0.05, 0.10, ... as many as there are.

    The default task has six, and its matches are those of `markov/resource-v0` to the last bit. There the number is fixed, so
    that its tasks, the cube that teachers search and what a seat sees stay as they were.

    What a seat sees: as there, with twelve rows of `entities` for landmarks before those for agents. A task with fewer leaves
    the last of them empty. `welfare_share` is over the most that the landmarks of the task pay.
    """

    name = "markov/resource-landmarks-v0"
    task_space = TaskSpace(
        {"population": _POPULATION, "extent": _EXTENT, "landmarks": Integer(1, MAX_LANDMARKS, LANDMARKS)}
    )
    most_landmarks = MAX_LANDMARKS
