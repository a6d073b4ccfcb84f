"""B matches of a pasture game."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from games.game import Limits, Step, VectorGame
from games.markov.pasture import kernels
from games.markov.pasture.picture import picture
from games.markov.pasture.rules import BODY
from games.markov.pasture.state import Draft, Scratch, State, View
from games.task import Task

if TYPE_CHECKING:
    from games.markov.pasture.game import PastureGame

__all__ = ["PastureVector"]


class PastureVector(VectorGame):
    """The state of B matches, and the one `Step` through which they are seen.

    All arrays are made here, once. What comes from outside is copied into arrays of one kind, so that each kernel is compiled
    for one signature.
    """

    def __init__(self, game: PastureGame, slots: int, limits: Limits) -> None:
        self.game: PastureGame = game
        self.slots = slots
        self.limits = limits
        self.observation_space = game.observation_space_for(limits.seats)
        foods = game.most_foods(limits.seats)
        self._limit = np.iinfo(np.int64).max if limits.steps is None else limits.steps
        self._state = State.empty(slots, limits.seats, foods, game.counts)
        self._view = view = View.empty(slots, limits.seats, foods, len(game.metrics))
        self._scratch = Scratch.empty(limits.seats)
        self._actions = game.actions.empty(slots, limits.seats)
        self._step = Step(
            observation={"self": view.own, "entities": view.entities, "entity_mask": view.entity_mask},
            action_mask=None,
            acting=view.acting,
            reward=view.reward,
            terminated=view.terminated,
            truncated=view.truncated,
            score=view.score,
            metrics={name: view.metrics[:, k] for k, name in enumerate(game.metrics)},
        )

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        """Seat new matches (see the contract).

        Raises:
            ValueError: for a slot that does not exist, a population above `limits.seats`, or lengths that differ.
        """
        slots = np.array(slots, np.int64, ndmin=1)
        seeds = np.array(seeds, np.uint64, ndmin=1)
        if not len(slots) == len(tasks) == len(seeds):
            raise ValueError(f"{len(slots)} slots, {len(tasks)} tasks and {len(seeds)} seeds; give one for each match")
        if len(slots) and not 0 <= slots.min() <= slots.max() < self.slots:
            raise ValueError(f"slots must be from 0 to {self.slots - 1}, not {slots.min()} to {slots.max()}")
        draft = Draft(
            slots=slots,
            seeds=seeds,
            sizes=np.zeros((len(tasks), 2), np.int64),
            foods=np.array([self.game.foods(task) for task in tasks], np.int64),
            extent=np.array([task["extent"] for task in tasks], np.float64),
            sharing=np.array([task["sharing"] for task in tasks], np.float64),
            horizon=np.array([task["horizon"] for task in tasks], np.int64),
            body=np.zeros((len(tasks), 2, len(BODY))),
        )
        for k, task in enumerate(tasks):
            for t, team in enumerate(self.game.teams(task)):
                draft.sizes[k, t] = team.size
                draft.body[k, t] = team.radius, team.accel, team.top_speed, team.role
        populations = draft.sizes.sum(axis=1)
        if len(slots) and populations.max() > self.limits.seats:
            raise ValueError(f"a population of {populations.max()} does not fit limits of {self.limits.seats} seats")
        kernels.seat(self._state, self._view, draft, self.limits.observe)
        return self._step

    def step(self, actions: NDArray[Any]) -> Step:
        """Advance every match that has not ended (see the contract).

        Raises:
            ValueError: for actions of another shape, or an action of an acting seat that is not 0 .. 4; no match has moved
                then.
        """
        if actions.shape != self._actions.shape:
            raise ValueError(f"actions must have the shape {self._actions.shape}, not {actions.shape}")
        np.copyto(self._actions, actions, casting="same_kind")
        wrong = self.game.advance(
            self._state, self._view, self._actions, self._scratch, self._limit, self.limits.observe
        )
        if wrong >= 0:
            raise ValueError(f"slot {wrong} has an action outside of {self.game.action_space}")
        return self._step

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of the arrays of `State`."""
        return {name: array.copy() for name, array in self._state._asdict().items()}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        """Go back to a state (see the contract).

        Raises:
            ValueError: for a state of another game or of other limits.
        """
        own = self._state._asdict()
        if {n: (a.shape, a.dtype) for n, a in own.items()} != {n: (a.shape, a.dtype) for n, a in state.items()}:
            raise ValueError(
                f"this is no state of {self.slots} slots of {self.game.name} with {self.limits.seats} seats"
            )
        for name, array in own.items():
            array[...] = state[name]
        kernels.show(self._state, self._view)
        return self._step

    def render(self, slot: int) -> str:
        """Return one match as text for a terminal."""
        return picture(self._state, slot, self.game.crowd)
