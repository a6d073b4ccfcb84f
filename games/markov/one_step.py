"""Games of one simultaneous step: everyone acts once, everyone is paid, the match is over.

A game of this kind says what a task amounts to as one number, what the seats see of it, and what their actions pay; the batch
comes with it. Nothing here takes more than a few array operations a step, so nothing is compiled.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games.game import Game, Limits, Step, VectorGame
from games.legality import require_legal
from games.task import Task

__all__ = ["OneStepGame", "OneStepVector"]


class OneStepGame(Game):
    """The rules of one step. A seat's score is what it is paid; a match always terminates.

    Attributes:
        masked: whether some tasks allow only some of the actions.
    """

    masked: bool = False

    @abstractmethod
    def number(self, task: Task) -> float:
        """Return all that `show` and `pay` need to know of a task."""

    @abstractmethod
    def show(self, number: NDArray[np.float64], observation: dict[str, NDArray[Any]]) -> None:
        """Write what the seats of K matches see, [K, S, ...]; seats that a task does not have are blanked afterwards."""

    @abstractmethod
    def pay(self, number: NDArray[np.float64], actions: NDArray[Any]) -> NDArray[np.float64]:
        """Return the payoffs [K, S] of K matches for actions [K, S, heads]; zero on seats that a task does not have."""

    def legal(self, number: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return [K, A], the actions that K matches allow; of games with `masked`."""
        raise NotImplementedError

    def vector(self, slots: int, limits: Limits) -> OneStepVector:
        """Return room for `slots` matches."""
        return OneStepVector(self, slots, limits)


class OneStepVector(VectorGame):
    """B matches that are about to be played, or have been."""

    game: OneStepGame

    def __init__(self, game: OneStepGame, slots: int, limits: Limits) -> None:
        self.game, self.slots, self.limits = game, slots, limits
        self.observation_space = game.observation_space
        self._number = np.zeros(slots)
        self._seats = np.zeros(slots, np.int64)  # 0 before the first match
        self._live = np.zeros(slots, np.bool_)
        width = game.actions.width if game.masked else None
        self._view = Step.blank(game.observation_space, slots, limits.seats, width=width)

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        """Seat new matches (see the contract).

        Raises:
            ValueError: for lengths that differ, or a task with more seats than `limits.seats`.
        """
        slots = np.array(slots, np.int64, ndmin=1)
        if not len(slots) == len(tasks) == len(seeds):
            raise ValueError(f"{len(slots)} slots, {len(tasks)} tasks and {len(seeds)} seeds; give one for each match")
        facts = {task: (self.game.number(task), len(self.game.seats(task))) for task in set(tasks)}
        for task, (_, seats) in facts.items():
            if seats > self.limits.seats:
                raise ValueError(f"{task} has {seats} seats and this vector was built for {self.limits.seats}")
        self._quiet()
        self._number[slots] = [facts[task][0] for task in tasks]
        self._seats[slots] = [facts[task][1] for task in tasks]
        self._live[slots] = True
        self._look(slots)
        return self._view

    def step(self, actions: NDArray[Any]) -> Step:
        """Play every match that has not been played (see the contract).

        Raises:
            ValueError: for an action that is not legal; no match has been played then.
        """
        require_legal(self.game.name, actions, self._view, self.game.actions)
        view, live = self._view, self._live
        self._quiet()
        paid = self.game.pay(self._number[live], actions[live])
        view.reward[live] = paid
        view.score[live] = paid
        view.terminated[live] = True
        view.acting[live] = False
        self._live[:] = False
        return view

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of what the matches are, and of which are still to be played."""
        return {"number": self._number.copy(), "seats": self._seats.copy(), "live": self._live.copy()}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        """Go back to a state (see the contract)."""
        self._number[:], self._seats[:], self._live[:] = state["number"], state["seats"], state["live"]
        self._quiet()
        self._look(np.arange(self.slots))
        return self._view

    def _quiet(self) -> None:
        self._view.reward[:] = 0
        self._view.terminated[:] = False

    def _look(self, slots: NDArray[np.int64]) -> None:
        """Write what these slots show before they are played."""
        view, number = self._view, self._number[slots]
        there = np.arange(self.limits.seats) < self._seats[slots, None]
        shown = {name: np.zeros_like(array[slots]) for name, array in view.observation.items()}
        self.game.show(number, shown)
        for name, array in shown.items():
            array[~there] = 0
            view.observation[name][slots] = array
        if view.action_mask is not None:
            view.action_mask[slots] = self.game.legal(number)[:, None] & there[:, :, None]
        view.acting[slots] = there & self._live[slots, None]
