"""Other-play: every seat sees the game through a symmetry of its own, so that nothing arbitrary can be agreed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.at_most import SameRules
from games.errors import InputError
from games.game import Game, Limits, Step, VectorGame
from games.randomness import WORLD, integer
from games.task import Task

__all__ = ["Symmetry", "relabelled"]

_STREAM = np.uint64(0x6F746865722D706C)  # apart from all chance of the match itself


@dataclass(frozen=True, eq=False)
class Symmetry:
    """Other names for actions and features, under which all seats together play the same game.

    Attributes:
        actions: [A] int: the action that the new name stands for, in games of one discrete head.
        features: name of an observation array to [N] int, N the length of one seat's flattened array: which feature stands at
            each place. Arrays that are not named stay as they are.
    """

    actions: NDArray[np.int64]
    features: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)


def relabelled(game: Game, tasks: Sequence[Task]) -> Game:
    """Return a game in which every seat of every match has names of its own for actions and features.

    They are drawn from the game's symmetries and the identity, by the match's seed. Who trains with itself there learns what
    does not depend on names: other-play (Hu et al., "Other-play for zero-shot coordination", ICML 2020, equation 3).

    Args:
        game: the rules.
        tasks: on which it will be played.

    Raises:
        InputError: when the game names no symmetries on any of the tasks, or its actions are not of one discrete head.
    """
    if not any(map(game.symmetries, tasks)) or not isinstance(game.action_space, spaces.Discrete):
        raise InputError(f"{game.name} names no symmetries on these tasks, so other-play has nothing to relabel")
    return _Relabelled(game)


class _Relabelled(SameRules):
    def vector(self, slots: int, limits: Limits) -> VectorGame:
        return _Vector(self._game, slots, limits)


class _Vector(VectorGame):
    def __init__(self, game: Game, slots: int, limits: Limits) -> None:
        self.game, self.slots, self.limits = game, slots, limits
        self._inner = game.vector(slots, limits)
        self.observation_space, self.resumable = self._inner.observation_space, self._inner.resumable
        shape = (slots, limits.seats)
        self._actions = np.tile(np.arange(game.actions.width), (*shape, 1))
        self._features = {
            name: np.tile(np.arange(int(np.prod(box.shape or ()))), (*shape, 1))
            for name, box in self.observation_space.items()
        }

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        for slot, task, seed in zip(slots.tolist(), tasks, seeds, strict=True):
            symmetries = self.game.symmetries(task)
            for seat in range(self.limits.seats):
                drawn = integer(seed ^ _STREAM, WORLD, 0, seat, len(symmetries) + 1) - 1
                actions, features = self._actions[slot, seat], {n: f[slot, seat] for n, f in self._features.items()}
                for array in (actions, *features.values()):
                    array[:] = np.arange(len(array))
                if drawn >= 0:
                    actions[:] = symmetries[drawn].actions
                    for name, places in symmetries[drawn].features.items():
                        features[name][:] = places
        return self._shown(self._inner.assign(slots, tasks, seeds))

    def step(self, actions: NDArray[Any]) -> Step:
        chosen = np.clip(
            actions, 0, self._actions.shape[2] - 1
        )  # what is out of range stays so, for the engine to refuse
        meant = np.take_along_axis(self._actions, chosen.astype(np.int64), axis=2)
        return self._shown(self._inner.step(np.where(chosen == actions, meant, actions).astype(np.int32)))

    def state_dict(self) -> dict[str, NDArray[Any]]:
        return self._inner.state_dict()

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        return self._shown(self._inner.load_state_dict(state))

    def render(self, slot: int) -> str:
        return self._inner.render(slot)

    def close(self) -> None:
        self._inner.close()

    def _shown(self, view: Step) -> Step:
        observation = {}
        for name, values in view.observation.items():
            flat = values.reshape(*values.shape[:2], -1)
            observation[name] = np.take_along_axis(flat, self._features[name], axis=2).reshape(values.shape)
        mask = view.action_mask
        return replace(
            view,
            observation=observation,
            action_mask=None if mask is None else np.take_along_axis(mask, self._actions, axis=2),
        )
