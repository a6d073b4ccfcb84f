"""Rules written for one match at a time, made into a vector by stepping slot after slot in plain Python."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.game import Game, Limits, Step, VectorGame
from games.legality import require_legal
from games.randomness import WORLD, integer
from games.task import Task

__all__ = ["Match", "SlotwiseGame"]


class Match(dict[str, NDArray[Any]]):
    """One match's rows of the vector's state, by name.

    Beside the game's own rows there are `seed`, `length` (steps so far), `seats` and `live` (in progress), each [].
    """

    @property
    def seats(self) -> int:
        """The population of this match."""
        return int(self["seats"])

    def draw(self, index: int, bound: int) -> int:
        """An integer of 0 .. bound-1 from the world's stream, keyed by the match's seed and length, and this index."""
        return integer(np.uint64(self["seed"]), WORLD, int(self["length"]), index, bound)


class SlotwiseGame(Game):
    """A game that writes the rules of one match; batches, buffers, limits and checkpoints come with it.

    All that a match depends on lives in arrays (`state`), so a checkpoint is a copy of them. Some microseconds a match
    and step: made for clarity.

    Attributes:
        masked: whether the game has an action mask.
    """

    masked: bool = False

    def observed(self, seats: int) -> spaces.Dict:
        """Return the observation space of one seat in a vector built for this many seats."""
        return self.observation_space

    @abstractmethod
    def state(self, seats: int) -> dict[str, NDArray[Any]]:
        """Return zeros of one match's own rows, for a vector built for this many seats."""

    @abstractmethod
    def begin(self, match: Match, task: Task) -> None:
        """Write the first state of a match into rows that are zero but for `seed`, `seats` and `live`."""

    @abstractmethod
    def advance(self, match: Match, actions: NDArray[Any], reward: NDArray[np.float32]) -> bool:
        """Apply actions [S, heads], write the reward [S], and return whether the rules end the match here.

        `match["length"]` already counts this step.
        """

    @abstractmethod
    def show(self, match: Match, observation: dict[str, NDArray[Any]], acting: NDArray[np.bool_]) -> None:
        """Write what the seats see [S, ...] and who decides [S] into zeros. Depends on `match` alone."""

    @abstractmethod
    def scores(self, match: Match) -> NDArray[np.float64]:
        """Return the score of each seat [seats] at the end."""

    def mask(self, match: Match, mask: NDArray[np.bool_]) -> None:
        """Write the legal actions [S, A] into a mask that allows nothing; of games with `masked`."""

    def measure(self, match: Match) -> dict[str, float]:
        """Return the metrics at the end."""
        return {}

    def limit(self, match: Match) -> int | None:
        """Return the game's own limit of steps, after which a match is truncated."""
        return None

    def picture(self, match: Match) -> str:
        """Return the match as text."""
        return f"{self.name}, step {int(match['length'])}"

    def vector(self, slots: int, limits: Limits) -> VectorGame:
        """Return room for `slots` matches."""
        return _Vector(self, slots, limits)


class _Vector(VectorGame):
    game: SlotwiseGame

    def __init__(self, game: SlotwiseGame, slots: int, limits: Limits) -> None:
        self.game, self.slots, self.limits = game, slots, limits
        seats = limits.seats
        self.observation_space = game.observed(seats)
        rows = {
            "seed": np.zeros((), np.uint64),
            "length": np.zeros((), np.int64),
            "seats": np.zeros((), np.int64),
            "live": np.zeros((), np.bool_),
            **game.state(seats),
        }
        self._state = {name: np.zeros((slots, *np.shape(row)), row.dtype) for name, row in rows.items()}
        self._matches = [Match({name: array[b, ...] for name, array in self._state.items()}) for b in range(slots)]
        width = game.actions.width if game.masked else None
        self._view = Step.blank(self.observation_space, slots, seats, width=width, metrics=game.metrics)

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        self._quiet()
        for slot, task, seed in zip(slots, tasks, seeds, strict=True):
            match, seats = self._matches[slot], len(self.game.seats(task))
            if seats > self.limits.seats:
                raise ValueError(f"{task} has {seats} seats and this vector was built for {self.limits.seats}")
            for row in match.values():
                row[...] = 0
            match["seed"][...], match["seats"][...], match["live"][...] = seed, seats, True
            self.game.begin(match, task)
            self._look(slot)
        return self._view

    def step(self, actions: NDArray[Any]) -> Step:
        require_legal(self.game.name, actions, self._view, self.game.actions)
        self._quiet()
        for slot in np.flatnonzero(self._state["live"]).tolist():
            match = self._matches[slot]
            match["length"] += 1
            over = self.game.advance(match, actions[slot], self._view.reward[slot])
            limits = [limit for limit in (self.limits.steps, self.game.limit(match)) if limit is not None]
            if over or any(match["length"] >= limit for limit in limits):
                self._end(slot, over)
            self._look(slot)
        return self._view

    def state_dict(self) -> dict[str, NDArray[Any]]:
        return {name: array.copy() for name, array in self._state.items()}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        self._quiet()
        for name, array in self._state.items():
            array[...] = state[name]
        for slot in range(self.slots):
            self._look(slot)
        return self._view

    def render(self, slot: int) -> str:
        return self.game.picture(self._matches[slot])

    def _quiet(self) -> None:
        self._view.reward[:] = 0
        self._view.terminated[:] = False
        self._view.truncated[:] = False

    def _end(self, slot: int, over: bool) -> None:
        match, view = self._matches[slot], self._view
        match["live"][...] = False
        view.terminated[slot], view.truncated[slot] = over, not over
        view.score[slot] = 0
        view.score[slot, : match.seats] = self.game.scores(match)
        for name, value in self.game.measure(match).items():
            view.metrics[name][slot] = value

    def _look(self, slot: int) -> None:
        match, view = self._matches[slot], self._view
        observation = {name: array[slot] for name, array in view.observation.items()}
        for array in observation.values():
            array[...] = 0
        view.acting[slot] = False
        if not match.seats:
            return
        self.game.show(match, observation, view.acting[slot])
        view.acting[slot] &= match["live"]
        if view.action_mask is not None:
            view.action_mask[slot] = False
            self.game.mask(match, view.action_mask[slot])
