"""Bots of OpenSpiel: objects with a memory, one for each seat of each match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from games import Game
from populations.agents.matches import InFlight
from populations.policy import Decision, Failure, Rows, State

__all__ = ["SpielBots"]


class _Seated(NamedTuple):
    """A bot, and the state that it has been told of so far."""

    bot: Any
    told: Any


class SpielBots:
    """Plays bots that follow `pyspiel.Bot`.

    A new bot is made when a match begins, and told what the others did, and chance, before each of its own decisions:
    as in OpenSpiel's `evaluate_bots`, which tells it at once. In games where seats move at once nothing is told, since the bot
    sees the state that came of it. The state that it gets is the true one; what its seat may know of it is the bot's affair.

    Args:
        make: makes the bot for (seat, seed).
        plays: says why the bots cannot play a game, or nothing.
    """

    observes = False
    privileged = True

    def __init__(
        self, make: Callable[[int, int], Any], plays: Callable[[Any], str | None] = lambda spiel: None
    ) -> None:
        self._make, self._plays = make, plays
        self._seated = InFlight()

    def initial_state(self, rows: int) -> State:
        """The bots keep their own."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Let one bot after the other decide."""
        vector: Any = rows.vector
        action, failures = np.zeros((len(rows), 1), np.int32), {}
        for k, (sitting, slot) in enumerate(zip(self._seated.look(rows), rows.slot.tolist(), strict=True)):
            now = vector.state(slot)
            try:
                if sitting.memory is None:
                    bot = self._make(sitting.seat, sitting.chance)
                    sitting.memory = _Seated(bot, now.get_game().new_initial_state())
                chosen = _step(sitting.memory, now, sitting.seat)
            except Exception as error:  # it is somebody else's code
                failures[k] = Failure("crash", f"{type(error).__name__}: {error}"[:200])
                continue
            if isinstance(chosen, int | np.integer) and abs(int(chosen)) < 2**31:
                action[k] = chosen
            else:
                failures[k] = Failure("illegal", f"step must return an action, not {chosen!r:.80}")
        return Decision(action, failures=failures)

    def refuses(self, game: Game) -> str | None:
        """They need an OpenSpiel game."""
        spiel = getattr(game, "spiel", None)
        if spiel is None:
            return "it is a bot for games of OpenSpiel, and this is none"
        return self._plays(spiel)


def _step(seated: _Seated, now: Any, seat: int) -> Any:
    bot, told = seated
    if not now.is_simultaneous_node():
        for event in now.full_history()[len(told.full_history()) :]:
            if event.player != seat:
                bot.inform_action(told, event.player, event.action)
            told.apply_action(event.action)
    return bot.step(now)
