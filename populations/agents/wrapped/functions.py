"""PettingZoo's form of an agent: a function of an observation and of an agent's name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from gymnasium import spaces

from games import Game, InputError
from populations.agents.matches import InFlight, Sitting
from populations.agents.wrapped.maker import Maker
from populations.layout import Layout
from populations.policy import Decision, Failure, Rows, State

__all__ = ["Functions"]


class Functions:
    """Plays `policy(observation, agent) -> action`, where both are what the game's PettingZoo face shows (`games.faces`).

    An observation is the one named array of a game, or a dictionary where it has several; in games with rules it is
    `{"observation": that, "action_mask": mask}`. Agents are named after the seats of the default task.

    One function decides in all matches, unless its factory asks for `seat` or `seed`: then each seat of each match has
    one of its own, and it may remember.

    Args:
        function: what the factory made first.
        maker: makes more.
        game: what is played.

    Raises:
        InputError: when the function does not take two arguments.
    """

    observes = True
    privileged = False

    def __init__(self, function: Callable[[Any, str], Any], maker: Maker, game: Game) -> None:
        try:
            inspect.signature(function).bind(None, "")
        except TypeError:
            name = getattr(function, "__name__", type(function).__name__)
            raise InputError(f"{name} must be a Policy, or take an observation and an agent's name") from None
        except ValueError:  # compiled code has no signature to look at
            pass
        self._function, self._maker = function, maker
        self._names = [f"{seat.kind}_{k}" for k, seat in enumerate(game.seats(game.task_space.task()))]
        self._game, self._layout, self._actions = game.name, Layout.of(game), game.actions
        self._structured = isinstance(game.action_space, spaces.MultiDiscrete)
        self._seated = InFlight()

    def initial_state(self, rows: int) -> State:
        """The functions keep their own."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Call one function after the other."""
        sittings: list[Sitting] = self._seated.look(rows) if self._maker.named else []
        action, failures = self._actions.empty(1, len(rows))[0], {}
        for k, seat in enumerate(rows.seat.tolist()):
            name = self._names[seat] if seat < len(self._names) else f"player_{seat}"
            try:
                chosen = self._of(sittings[k] if sittings else None)(self._seen(rows, k), name)
            except Exception as error:  # it is somebody else's code
                failures[k] = Failure("crash", f"{type(error).__name__}: {error}"[:200])
                continue
            try:
                number = np.asarray(chosen).reshape(self._actions.heads)
                with np.errstate(invalid="raise"):
                    action[k] = number
                whole = self._actions.continuous or bool((action[k] == number).all())
            except (TypeError, ValueError, OverflowError, FloatingPointError):
                whole = False
            if not whole:
                failures[k] = Failure("illegal", f"its action must be {self._wanted()}, not {chosen!r:.80}")
        return Decision(action, failures=failures)

    def refuses(self, game: Game) -> str | None:
        """It was made for one game."""
        same = game.name == self._game and Layout.of(game) == self._layout
        return None if same else f"it was made for {self._game}"

    def _of(self, sitting: Sitting | None) -> Callable[[Any, str], Any]:
        if sitting is None:
            return self._function
        if sitting.memory is None:
            sitting.memory = self._maker(sitting.seat, sitting.chance)
        function: Callable[[Any, str], Any] = sitting.memory
        return function

    def _seen(self, rows: Rows, k: int) -> Any:
        arrays = {name: values[k].copy() for name, values in rows.observation.items()}
        observation = arrays if len(arrays) > 1 else next(iter(arrays.values()))
        if rows.mask is None:
            return observation
        mask = rows.mask[k].astype(np.int8)
        heads = tuple(mask[i:j] for i, j in pairwise(self._actions.offsets))
        return {"observation": observation, "action_mask": heads if self._structured else heads[0]}

    def _wanted(self) -> str:
        if self._actions.continuous:
            return f"{self._actions.dimensions} numbers"
        return f"{self._actions.heads} whole number{'s' if self._actions.heads > 1 else ''}"
