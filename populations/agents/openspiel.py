"""OpenSpiel's own players: its tree search on many matches at once, and its bots by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyspiel

from games import Game, InputError, Scalar
from games.adapters.openspiel import OpenSpielGame
from games.randomness import bits, seat_stream
from populations.agents.wrapped import SpielBots
from populations.policy import Decision, Rows, State

__all__ = ["MCTSPolicy", "bots", "registered"]

_MEMORY_MB = 1000  # where a search tree is pruned; allocated only as it grows


class MCTSPolicy:
    """Monte Carlo tree search with random rollouts, by OpenSpiel's compiled bot, on the true state of the match.

    Each decision starts a new search, seeded from the seat's stream, so it depends on the match, its seed and nothing else.
    Solved positions are played perfectly.

    Args:
        simulations: positions added to the tree for each decision, at least 1.
        uct_c: weight of exploration in UCT, above 0. For payoffs between -1 and 1, about 2 plays well.
        rollouts: random games from each added position, at least 1.

    Raises:
        InputError: for a value out of its range.
    """

    observes = False
    privileged = True

    def __init__(self, *, simulations: int = 200, uct_c: float = 2.0, rollouts: int = 1) -> None:
        for name, value in (("simulations", simulations), ("rollouts", rollouts)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InputError(f"openspiel:mcts: {name} must be an integer of at least 1, not {value!r}")
        if isinstance(uct_c, bool | str) or not (uct_c > 0 and math.isfinite(uct_c)):
            raise InputError(f"openspiel:mcts: uct_c must be a number above 0, not {uct_c!r}")
        self.simulations, self.uct_c, self.rollouts = simulations, float(uct_c), rollouts

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Search every row's true state, one after the other."""
        vector: Any = rows.vector
        action = np.empty((len(rows), 1), dtype=np.int32)
        for row, (seed, seat, step, slot) in enumerate(
            zip(rows.seed, rows.seat.tolist(), rows.step.tolist(), rows.slot.tolist(), strict=True)
        ):
            search, rollout = (int(bits(seed, seat_stream(seat), step, index)) >> 33 for index in range(2))
            evaluator = pyspiel.RandomRolloutEvaluator(self.rollouts, rollout)
            bot = pyspiel.MCTSBot(
                *(vector.game.spiel, evaluator, self.uct_c, self.simulations, _MEMORY_MB),
                *(True, search, False),  # solve, seed, verbose
            )
            action[row] = bot.step(vector.state(slot))
        return Decision(action)

    def refuses(self, game: Game) -> str | None:
        """It needs an OpenSpiel game with turns, perfect information, and payoffs at the end."""
        if not isinstance(game, OpenSpielGame):
            return "it searches states of OpenSpiel, and this is not an OpenSpiel game"
        kind = game.spiel.get_type()
        if kind.information != pyspiel.GameType.Information.PERFECT_INFORMATION:
            return "it searches the true state, which seats of a game with hidden information must not know"
        if kind.dynamics != pyspiel.GameType.Dynamics.SEQUENTIAL:
            return "it searches games where seats take turns, and here they move at once"
        if kind.reward_model != pyspiel.GameType.RewardModel.TERMINAL:
            return "it searches games that pay at the end, and this one pays on the way"
        return None


def registered() -> list[str]:
    """Return the names of the bots that this build of OpenSpiel has."""
    names: list[str] = pyspiel.registered_bots()
    return names


def bots(name: str, options: Mapping[str, Scalar], game: Game) -> SpielBots:
    """Return the bots of this name, one for each seat of each match; options are OpenSpiel's own.

    Raises:
        InputError: when OpenSpiel does not make such a bot.
    """

    def make(seat: int, seed: int) -> Any:
        return pyspiel.load_bot(name, game.spiel, seat, {"seed": seed} | dict(options))  # type: ignore[attr-defined]

    def plays(spiel: Any) -> str | None:
        return None if name in pyspiel.bots_that_can_play_game(spiel) else f"OpenSpiel's {name} does not play it"

    policy = SpielBots(make, plays)
    if policy.refuses(game) is None:
        try:
            make(0, 0)
        except pyspiel.SpielError as error:
            reason = str(error).strip().splitlines()[-1]
            raise InputError(f"OpenSpiel cannot make 'openspiel:{name}' with these options: {reason}") from None
    return policy
