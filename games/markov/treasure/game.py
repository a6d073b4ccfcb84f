"""The treasure game: who fetches what, without getting in each other's way?"""

from __future__ import annotations

import numpy as np
from gymnasium import spaces

from games.game import Comparison, Game, Limits, Seat
from games.markov.particles import ACTIONS
from games.markov.treasure.rules import ENTITY, HORIZON, MAX_COLLECTORS, MAX_DEPOSITS, MAX_EXTENT, OWN
from games.markov.treasure.vector import TreasureVector
from games.task import Integer, Real, Task, TaskSpace

__all__ = ["TreasureGame"]


class TreasureGame(Game):
    """Collectors pick up treasures and bring each to the deposit of its colour; deposits can move, too.

    Cooperative Treasure Collection of Iqbal and Sha, "Actor-Attention-Critic for Multi-Agent Reinforcement Learning" (ICML
    2019, arXiv 1810.02912), by the rules of their released scenario and its physics: collectors of radius 0.05 and mass 1,
    one deposit of radius 0.075 and mass 2.25 for each colour, treasures of radius 0.025, acceleration 2.25 (the scenario's
    1.5, squared), speed at most 1, soft contacts between all seats, no walls.

    A step, in this order: everyone moves; everyone is paid; treasures change hands. All seats get 5 for each contact of a free
    collector and a treasure, and 5 for each contact of a carrier and the deposit of its colour. A collector loses 5 for each
    other collector that it touches, and 0.1 times its distance to the nearest treasure or, carrying, to the right deposit. A
    deposit loses 0.1 times its distance to the nearest carrier of its colour; without one, to the middle of the seven
    nearest collectors. Then a treasure goes to the first free collector that touches it, is away for one step, and comes
    back anywhere in any colour; and what touches its deposit is delivered.

    A match never terminates; it is truncated after `horizon` steps (`Limits.steps` may shorten it, never lengthen). Rewards are
    individual, as published. All seats share one score, the mean of their returns.

    We differ in three things. Seats see all others and all treasures as entities, where the original shows the seven nearest
    of each: in the default task, which is the published one, these are the same. What they see is the state after treasures
    have changed hands, not before. And while all treasures are away at once, free collectors are not punished for it (the
    original measures their distance to a place far outside).

    Task: `treasures_per_collector` times the collectors, rounded, is the number of treasures, at least one (the original
    has one for each); `extent` is half the side of the square in which everyone begins, and 0.95 of it bounds the treasures;
    `speed` multiplies acceleration and highest speed.

    What a seat sees (`rules.OWN`, `rules.ENTITY`; offsets are from itself, velocities absolute):
        self: [12] float32, own velocity and position, whether it is a deposit, the colour that it carries or has (one-hot),
            and the numbers of collectors over 24, of deposits over 4 and of treasures over 24.
        entities: [2 * (S - 1), 10] float32, the treasures in S - 1 rows, then the other seats; zero where there is none.
        entity_mask: [2 * (S - 1)] bool, true where there is one.

    Metrics:
        pick_ups: treasures picked up.
        deliveries: treasures brought to their deposit.
        collisions: pairs of collectors in touch, summed over the steps.
        mean_reward: per seat and step.
    """

    name = "markov/treasure-v0"
    task_space = TaskSpace(
        {
            "collectors": Integer(1, MAX_COLLECTORS, 6),
            "deposits": Integer(1, MAX_DEPOSITS, 2),
            "treasures_per_collector": Real(0.25, 1.0, 1.0),
            "extent": Real(1.0, MAX_EXTENT, 1.0),
            "speed": Real(0.5, 2.0, 1.0),
            "horizon": Integer(10, HORIZON, HORIZON),
        }
    )
    comparison = Comparison.COOPERATIVE
    metrics = ("pick_ups", "deliveries", "collisions", "mean_reward")

    def __init__(self) -> None:
        self.action_space = spaces.Discrete(ACTIONS)
        self.observation_space = self.observation_space_for(self.max_seats)

    @property
    def max_seats(self) -> int:
        """The largest population of any task."""
        return MAX_COLLECTORS + MAX_DEPOSITS

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return the collectors, then the deposits, all of one team."""
        return (Seat("collector"),) * int(task["collectors"]) + (Seat("deposit"),) * int(task["deposits"])

    def vector(self, slots: int, limits: Limits) -> TreasureVector:
        """Return room for `slots` matches."""
        return TreasureVector(self, slots, limits)

    def observation_space_for(self, seats: int) -> spaces.Dict:
        """Return what one of up to `seats` seats sees."""
        entities = 2 * (seats - 1)
        return spaces.Dict(
            {
                "self": spaces.Box(-np.inf, np.inf, (len(OWN),), np.float32),
                "entities": spaces.Box(-np.inf, np.inf, (entities, len(ENTITY)), np.float32),
                "entity_mask": spaces.Box(0, 1, (entities,), np.bool_),
            }
        )
