"""The rules of an OpenSpiel game, read from its metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyspiel
from gymnasium import spaces
from numpy.typing import NDArray
from open_spiel.python.observation import INFO_STATE_OBS_TYPE, make_observation

from games.errors import InputError, suggestion
from games.game import Comparison, Game, Limits, Seat, Step, VectorGame
from games.task import Task, TaskSpace

__all__ = ["Engine", "OpenSpielGame", "canonical", "registered", "unplayable"]

Engine = Callable[["OpenSpielGame", int, Limits], VectorGame]
"""Makes a vector: game, number of slots, limits."""

_Type = pyspiel.GameType


_TENSORLESS = {"crossword"}  # registered as having an observation tensor, which it has not


def unplayable(kind: pyspiel.GameType) -> str | None:
    """Return why the adapter cannot play games of this type, in a clause, or None when it can."""
    if kind.dynamics == _Type.Dynamics.MEAN_FIELD:
        return "a mean-field game has no seats"
    if kind.chance_mode == _Type.ChanceMode.SAMPLED_STOCHASTIC:
        return "its chance is drawn inside OpenSpiel, so a match could not be repeated from its seed"
    tensor = kind.provides_information_state_tensor or kind.provides_observation_tensor
    if not tensor or kind.short_name in _TENSORLESS:
        return "it shows its seats no tensor"
    return None


def registered() -> dict[str, pyspiel.GameType]:
    """Return the metadata of all of OpenSpiel's games by name; no game is loaded."""
    return {kind.short_name: kind for kind in pyspiel.registered_games()}


def in_python(name: str) -> bool:
    """Return whether a game is written in Python. Nothing in its metadata tells, but all but one say so in their name."""
    return name.startswith("python_") or name == "chat_game"


def canonical(parameters: Mapping[str, Any]) -> str:
    """Return the shortest game string for parsed parameters: sorted, without those that repeat the default.

    Raises:
        InputError: for an unknown game or parameter, with the nearest name.
    """
    name, games = parameters.get("name", ""), registered()
    if name not in games:
        raise InputError(f"unknown OpenSpiel game {name!r}{suggestion(name, games)}")
    known = games[name].parameter_specification
    parts = []
    for key, value in sorted(parameters.items()):
        if key == "name":
            continue
        if key not in known:
            offer = suggestion(key, known) + f" (it has: {', '.join(known) or 'none'})"
            raise InputError(f"unknown parameter {key!r} of openspiel/{name}{offer}")
        if isinstance(value, Mapping):
            parts.append(f"{key}={canonical(value)}")
        elif value != known[key]:
            parts.append(f"{key}={value}")
    return f"{name}({','.join(parts)})" if parts else name


class OpenSpielGame(Game):
    """One OpenSpiel game; its parameters are part of its name, so its task space is empty.

    Every seat sees one flat vector: OpenSpiel's information-state tensor (everything that the seat has seen so far) where
    information is imperfect and the game provides it, its observation tensor otherwise.

    Attributes:
        spiel: the `pyspiel.Game`.
        recall: whether seats see the information-state tensor.
        size: D, the length of what they see.
    """

    def __init__(self, name: str, spiel: pyspiel.Game, engine: Engine) -> None:
        kind = spiel.get_type()
        perfect = kind.information == _Type.Information.PERFECT_INFORMATION
        self.name = f"openspiel/{name}"
        self.spiel = spiel
        self.recall = kind.provides_information_state_tensor and not (perfect and kind.provides_observation_tensor)
        self.size = spiel.information_state_tensor_size() if self.recall else spiel.observation_tensor_size()
        self.observation_space = spaces.Dict({"vector": spaces.Box(-np.inf, np.inf, (self.size,), np.float32)})
        self.action_space = spaces.Discrete(spiel.num_distinct_actions())
        self.task_space = TaskSpace()
        self.turn_based = kind.dynamics == _Type.Dynamics.SEQUENTIAL
        self.comparison = Comparison.GENERAL_SUM
        if kind.utility == _Type.Utility.ZERO_SUM and spiel.num_players() == 2:
            self.comparison = Comparison.ZERO_SUM
        elif kind.utility == _Type.Utility.IDENTICAL:
            self.comparison = Comparison.COOPERATIVE
        self._engine = engine

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """One seat for each OpenSpiel player; all of one team where they share their utility."""
        together = self.comparison is Comparison.COOPERATIVE
        return tuple(Seat(team=0 if together else player) for player in range(self.spiel.num_players()))

    def vector(self, slots: int, limits: Limits) -> VectorGame:
        """Return room for `slots` matches: the compiled engine where there is one, else OpenSpiel's own states."""
        return self._engine(self, slots, limits)

    def observer(self) -> Any:
        """Return a new OpenSpiel observer: `set_from(state, player)` fills its float32 array `tensor` [D]."""
        return make_observation(self.spiel, INFO_STATE_OBS_TYPE if self.recall else None)

    def blank(self, slots: int, limits: Limits) -> tuple[Step, NDArray[np.bool_]]:
        """Return the arrays of an empty vector, all zero, and among them the masks.

        Raises:
            ValueError: when the limits allow fewer seats than the game has players.
        """
        players, seats = self.spiel.num_players(), limits.seats
        if seats < players:
            raise ValueError(f"{self.name} has {players} seats, its vector was asked for {seats}")
        view = Step.blank(self.observation_space, slots, seats, width=self.actions.width)
        assert view.action_mask is not None
        return view, view.action_mask
