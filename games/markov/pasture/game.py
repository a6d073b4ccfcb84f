"""What the three pasture games are, but for their rewards and deaths."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from gymnasium import spaces

from games.game import Game, Limits, Seat
from games.markov.particles import ACTIONS
from games.markov.pasture.rules import (
    ENTITY,
    FEWEST_STEPS,
    HORIZON,
    LONGEST,
    MAX_ACCEL,
    MAX_EXTENT,
    MIN_ACCEL,
    OWN,
)
from games.markov.pasture.vector import PastureVector
from games.task import Integer, Parameter, Real, Task, TaskSpace

__all__ = ["PastureGame", "Team", "accel", "pasture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The agents of one team, which are all alike.

    Attributes:
        kind: what its seats are called.
        size: how many.
        radius: of each.
        accel: force of a move.
        top_speed: what contacts cannot exceed; moves alone end in 0.4 times `accel`.
        role: 1 for the second of two unlike teams, else 0; a feature of what its seats see.
    """

    kind: str
    size: int
    radius: float
    accel: float
    top_speed: float
    role: int = 0


def pasture(parameters: dict[str, Parameter], *, sharing: float) -> TaskSpace:
    """Return a task space of a game's own parameters and those that all pasture games have.

    Args:
        parameters: of the game: its populations, foods and speeds.
        sharing: the default of alpha.
    """
    return TaskSpace(
        {
            **parameters,
            "sharing": Real(0.0, 1.0, sharing),
            "extent": Real(1.0, MAX_EXTENT, 1.0),
            "horizon": Integer(FEWEST_STEPS, LONGEST, HORIZON),
        }
    )


def accel(default: float) -> Real:
    """Return a task parameter: the force of a move."""
    return Real(MIN_ACCEL, MAX_ACCEL, default)


class PastureGame(Game):
    """One or two teams of particles in a walled square with foods, after the games of EPC.

    Long, Zhou, Gupta, Fang, Wu and Wang, "Evolutionary Population Curriculum for Scaling Multi-Agent Reinforcement Learning"
    (ICLR 2020, arXiv 2003.10423), by the rules of their released scenarios. Common to all three:

    - The physics is that of the particle environments (`games.markov.particles`): five actions, damping 0.25, soft contacts.
      Nobody leaves [-extent, extent]^2, and no one is faster than its top speed.
    - Agents start anywhere in the arena and foods in its inner nine tenths, all uniform and at rest.
    - Reward sharing: of what an agent gets for an event it keeps 1 - alpha, and every agent of its team that lived before the
      step gets alpha of it, the agent itself included. Shaping is never shared.
    - All events of a step are judged for those who lived before it. Who dies stays where it is and still pushes others; it
      no longer acts, earns nothing, and nobody sees it.

    We differ: entities instead of a vector whose length depends on the population; agents also know their force, the size of
    the arena, and the sizes of both teams; what is seen after a step shows its deaths and new foods (in the release, one step
    later); the dead have no velocity. A match has `horizon` steps, 25 as in the paper (the released loop makes 26).

    A match that reaches its horizon is truncated. The score of a seat is what the members of its team earned on average.

    What a seat sees (`rules.OWN`, `rules.ENTITY`; offsets are from itself, velocities absolute; F is the most foods):
        self: [10] float32.
        entities: [F + S - 1, 7] float32, the foods, then the others by seat; zero where there is none or it is dead.
        entity_mask: [F + S - 1] bool, true for foods and for others that live.

    Attributes:
        counts: how many numbers the game adds up during a match (`State.tally`).
        advance: its kernel: (state, view, actions [B, S, 1] int32, scratch, limit, observe) to -1, or a slot with an impossible
            action; then no match was advanced.
        crowd: what one calls its teams in a picture.
    """

    elimination = True
    counts: int
    advance: Callable[..., int]
    crowd: tuple[str, ...]
    most_seats: int

    def __init__(self) -> None:
        self.action_space = spaces.Discrete(ACTIONS)
        self.observation_space = self.observation_space_for(self.max_seats)

    @abstractmethod
    def teams(self, task: Task) -> tuple[Team, ...]:
        """Return one or two teams."""

    @abstractmethod
    def foods(self, task: Task) -> int:
        """Return how many foods there are."""

    @abstractmethod
    def most_foods(self, seats: int) -> int:
        """Return the most foods of any task with up to so many seats."""

    @property
    def max_seats(self) -> int:
        """The largest population of any task."""
        return self.most_seats

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return the seats of the first team, then those of the second."""
        return tuple(Seat(team.kind, t) for t, team in enumerate(self.teams(task)) for _ in range(team.size))

    def vector(self, slots: int, limits: Limits) -> PastureVector:
        """Return room for `slots` matches."""
        return PastureVector(self, slots, limits)

    def observation_space_for(self, seats: int) -> spaces.Dict:
        """Return what one of up to `seats` agents sees."""
        entities = self.most_foods(seats) + seats - 1
        return spaces.Dict(
            {
                "self": spaces.Box(-np.inf, np.inf, (len(OWN),), np.float32),
                "entities": spaces.Box(-np.inf, np.inf, (entities, len(ENTITY)), np.float32),
                "entity_mask": spaces.Box(0, 1, (entities,), np.bool_),
            }
        )
