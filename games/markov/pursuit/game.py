"""The pursuit game: slow predators in numbers against fast prey."""

from __future__ import annotations

import numpy as np
from gymnasium import spaces

from games.game import Comparison, Game, Limits, Seat
from games.markov.particles import ACTIONS
from games.markov.pursuit.rules import ENTITY, MAX_OBSTACLES, MAX_PREDATORS, MAX_PREY, OWN
from games.markov.pursuit.vector import PursuitVector
from games.task import Categorical, Integer, Real, Task, TaskSpace, When

__all__ = ["PursuitGame"]

_RADIUS, _SPEED, _ACCELERATION = (0.03, 0.15), (0.3, 3.0), (1.0, 10.0)


class PursuitGame(Game):
    """Predators (team 0) hunt prey (team 1) around obstacles that nobody passes.

    The rules are those of simple_tag (Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments",
    NeurIPS 2017) as mpe2 1.1 has them, and the tests hold every step against mpe2's own. A step moves each agent by its old
    velocity first, then damps that by a quarter, adds the forces of action and contacts, and cuts it to the agent's speed.
    (`markov/resource-v0` damps first and moves then; a push shows a step earlier there.) Actions have mpe2's numbers: 0
    nothing, 1 towards -x, 2 towards +x, 3 towards -y, 4 towards +y. Everybody collides with everybody and with obstacles.

    Rewards, from where agents are after the step: for every predator and prey in touch, each predator of the match gets 10
    and the prey loses 10. A prey also loses, per axis, 10 times what it is beyond 0.9 of an arena of 1, and
    min(exp(2x - 2), 10) from its edge on; a wider arena moves that outwards as it is. With `shaping`, predators lose 0.1
    times the sum of all predators' distances to the nearest prey, and each prey gains 0.1 times the sum of its distances to
    all predators: mpe2 has these terms switched off in its source.

    A match never terminates; it is truncated after `horizon` steps (`Limits.steps` may shorten it, never lengthen). A prey
    has escaped when it lost less than 10 in the whole match, shaping apart: it was never touched, nor driven out of the
    arena for long. The predators' score is the share of prey that did not escape less that of prey that did, the prey's
    is the opposite; so it ranks an agent's predators against another's prey, whatever their rewards are.

    We differ from mpe2 in the observation, which is one of entities and says besides what varies between tasks, and in the
    chance that places everyone. As there, the velocities of predators are seen by nobody but themselves.

    What a seat sees (`rules.OWN`, `rules.ENTITY`; offsets are from itself, velocities absolute):
        self: [12] float32, own velocity and position, kind, radius, speed, acceleration, half the side of the arena, and
            the numbers of predators over 32 and of prey over 16.
        entities: [4 + S - 1, 8] float32, up to four obstacles, then the others by seat; zero where there is none.
        entity_mask: [4 + S - 1] bool, true where there is one.

    Metrics:
        captures: predators in touch with a prey, summed over all prey and steps.
        escape_share: of the prey, those that escaped.
        predator_reward: per predator and step.
        prey_reward: per prey and step.
    """

    name = "markov/pursuit-v0"
    task_space = TaskSpace(
        {
            "predators": Integer(1, MAX_PREDATORS, 3),
            "prey": Integer(1, MAX_PREY, 1),
            "obstacles": Integer(0, MAX_OBSTACLES, 2),
            "predator_radius": Real(*_RADIUS, 0.075),
            "prey_radius": Real(*_RADIUS, 0.05),
            "obstacle_radius": Real(0.05, 0.4, 0.2),
            "predator_speed": Real(*_SPEED, 1.0),
            "prey_speed": Real(*_SPEED, 1.3),
            "predator_acceleration": Real(*_ACCELERATION, 3.0),
            "prey_acceleration": Real(*_ACCELERATION, 4.0),
            "arena": Real(0.5, 4.0, 1.0),
            "shaping": Categorical((False, True), False),
            "horizon": Integer(10, 100, 25),
        },
        conditions={"obstacle_radius": When("obstacles", tuple(range(1, MAX_OBSTACLES + 1)))},
    )
    comparison = Comparison.ZERO_SUM
    metrics = ("captures", "escape_share", "predator_reward", "prey_reward")

    def __init__(self) -> None:
        self.action_space = spaces.Discrete(ACTIONS)
        self.observation_space = self.observation_space_for(self.max_seats)

    @property
    def max_seats(self) -> int:
        """The largest population of any task."""
        return MAX_PREDATORS + MAX_PREY

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return the predators, then the prey."""
        return (Seat("predator", 0),) * int(task["predators"]) + (Seat("prey", 1),) * int(task["prey"])

    def vector(self, slots: int, limits: Limits) -> PursuitVector:
        """Return room for `slots` matches."""
        return PursuitVector(self, slots, limits)

    def observation_space_for(self, seats: int) -> spaces.Dict:
        """Return what one of up to `seats` agents sees."""
        entities = MAX_OBSTACLES + seats - 1
        return spaces.Dict(
            {
                "self": spaces.Box(-np.inf, np.inf, (len(OWN),), np.float32),
                "entities": spaces.Box(-np.inf, np.inf, (entities, len(ENTITY)), np.float32),
                "entity_mask": spaces.Box(0, 1, (entities,), np.bool_),
            }
        )
