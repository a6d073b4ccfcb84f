"""Small games of many players as Markov games: what is right depends on how many play, and on who remembers."""

from __future__ import annotations

import numpy as np
from gymnasium import spaces

from games.game import Comparison, Game, Limits, Seat
from games.markov.repeated.rules import (
    GAMES,
    MAX_ACTIONS,
    MAX_MULTIPLIER,
    MAX_POPULATION,
    MAX_ROUNDS,
    OWN,
)
from games.markov.repeated.vector import RepeatedVector
from games.task import Categorical, Integer, Real, Task, TaskSpace, When

__all__ = ["RepeatedGame"]


class RepeatedGame(Game):
    """Two to 24 players choose an action at once, round after round, and see what everyone did in the last round.

    The stage game is part of the task, and so is its population. All are symmetric; action 0 is the one that helps:
        prisoners_dilemma: the mean of the game with each other player: 3 for two who cooperate, 1 for two who defect, 5 for a
            defector and 0 for a cooperator who meet.
        public_goods: whoever gives 1 has the pot, times `multiplier`, shared by all. Giving pays when that is above the
            population, and is good for all when it is above 1.
        volunteers_dilemma: everyone gets 1 when anybody volunteers, which costs 0.4 (Diekmann 1985).
        stag_hunt: 4 for the stag when all hunt it, else nothing; 3 for the hare.
        coordination: 1, 0.9 or 0.8 for action 0, 1 or 2, times the share of the others who take the same.
        minority: 1 on the smaller of two sides, half on sides of equal size (Challet and Zhang 1997).
        congestion: three routes worth 1, 2 and 3, each shared by those who take it (Rosenthal 1973).
    `rules.payoff` is their text; `nash` has their equilibria, for every population, and what leaving a profile gains; `memory`
    has best answers to players with a memory of one round.

    A match of `rounds` terminates after them (`Limits.steps` truncates it before), and everyone sees how many are left, so that
    only what backward induction leaves is an equilibrium: in the prisoner's dilemma, to defect always. Where `endless` is true,
    nobody knows the end and the match is truncated there: learners bootstrap, so that a discount stands for the chance that
    it goes on. Then cooperation is an equilibrium, too, if they are patient: with the memory of one round, from a discount
    of (5 - 3) / (5 - 1) = 0.5 on (`memory`, grim).

    A seat's score is the sum of its payoffs.

    What a seat sees (`rules.OWN`):
        self: [14] float32, the stage game (one-hot), the own last action (one-hot, zero in the first round), the share of
            rounds left (zero when endless), whether it is endless, the population over 24 and the multiplier over 4.
        entities: [S - 1, 3] float32, the last action of every other seat (one-hot, zero in the first round).
        entity_mask: [S - 1] bool, true where there is another seat.

    Metrics:
        welfare_share: what all got, over the most that they could have got in these rounds.
        mean_reward: per seat and round.
        first_action_share: how often action 0 was taken: cooperation, giving, volunteering, the stag.
    """

    name = "markov/repeated-v0"
    task_space = TaskSpace(
        {
            "game": Categorical(GAMES, "prisoners_dilemma"),
            "population": Integer(2, MAX_POPULATION, 2),
            "rounds": Integer(1, MAX_ROUNDS, 10),
            "endless": Categorical((False, True), False),
            "multiplier": Real(1.1, MAX_MULTIPLIER, 1.6),
        },
        conditions={"multiplier": When("game", ("public_goods",))},
    )
    comparison = Comparison.GENERAL_SUM
    metrics = ("welfare_share", "mean_reward", "first_action_share")

    def __init__(self) -> None:
        self.action_space = spaces.Discrete(MAX_ACTIONS)
        self.observation_space = self.observation_space_for(MAX_POPULATION)

    @property
    def max_seats(self) -> int:
        """The largest population of any task."""
        return MAX_POPULATION

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return a seat for each player, all for themselves."""
        return tuple(Seat(team=player) for player in range(int(task["population"])))

    def vector(self, slots: int, limits: Limits) -> RepeatedVector:
        """Return room for `slots` matches."""
        return RepeatedVector(self, slots, limits)

    def observation_space_for(self, seats: int) -> spaces.Dict:
        """Return what one of up to `seats` seats sees."""
        others = seats - 1
        return spaces.Dict(
            {
                "self": spaces.Box(0.0, 1.0, (len(OWN),), np.float32),
                "entities": spaces.Box(0.0, 1.0, (others, MAX_ACTIONS), np.float32),
                "entity_mask": spaces.Box(0, 1, (others,), np.bool_),
            }
        )
