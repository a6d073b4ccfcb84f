"""A Gymnasium environment behind our contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.adapters.layout import Actions, Observations
from games.errors import InputError
from games.game import Comparison, Game, Limits, Seat, Step, VectorGame
from games.legality import require_legal
from games.task import Task, TaskSpace

__all__ = ["GymnasiumGame"]

_PLAYER = "player"


class GymnasiumGame(Game):
    """Any Gymnasium environment with fixed arrays to see and to do, as a game of one seat.

    Boxes keep shape and dtype (float64 becomes float32), Discrete, MultiDiscrete and MultiBinary observations become one-hot
    or binary float32; nested dictionaries and tuples become arrays with dotted names, anything else is called `view`. A
    match that the environment cuts (its `TimeLimit`) counts as truncated, unless it was over in the same step. Score: the
    sum of rewards.

    Every match is played in an environment of its own, reset with the lower 31 bits of the match's seed: there are
    environments whose `reset` leaves traces of the match before. Gymnasium cannot save a match in progress, so the vector
    is not resumable.

    Args:
        name: the full name.
        create: makes a new environment.
        task_space: parameters that the environment's `reset` takes as its `options`.
        metrics: names of numbers in the info of a match's last step; one that is missing there counts as 0.

    Raises:
        InputError: when the environment has spaces that the contract cannot hold, or something that it needs to begin is
            not installed.
    """

    comparison = Comparison.GENERAL_SUM

    def __init__(
        self,
        name: str,
        create: Callable[[], gymnasium.Env],
        *,
        task_space: TaskSpace | None = None,
        metrics: Sequence[str] = (),
    ) -> None:
        self.name, self.create, self.metrics = name, create, tuple(metrics)
        self.task_space = TaskSpace() if task_space is None else task_space
        env = create()
        acts = env.action_space
        if not isinstance(acts, spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary | spaces.Box):
            raise InputError(f"{name}: actions must be Discrete, MultiDiscrete, MultiBinary or a Box, not {acts}")
        self.foreign_actions = Actions({_PLAYER: acts})
        try:
            self.observations = Observations({_PLAYER: env.observation_space})
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        try:
            self.reset(env, self.task_space.task(), 0)  # some environments import only now what they need
        except (gymnasium.error.DependencyNotInstalled, ImportError) as error:
            raise InputError(f"{name} needs what is not installed: {error}") from error
        finally:
            env.close()
        self.observation_space, self.action_space = self.observations.space, self.foreign_actions.space

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return the one seat."""
        return (Seat(_PLAYER),)

    def vector(self, slots: int, limits: Limits) -> VectorGame:
        """Return room for `slots` matches."""
        return _Vector(self, slots, limits)

    def reset(self, env: gymnasium.Env, task: Task, seed: int) -> Any:
        """Begin a match and return what is seen first."""
        return env.reset(seed=seed & 0x7FFFFFFF, options=dict(task) or None)[0]


class _Vector(VectorGame):
    game: GymnasiumGame
    resumable = False

    def __init__(self, game: GymnasiumGame, slots: int, limits: Limits) -> None:
        self.game, self.slots, self.limits = game, slots, limits
        self.observation_space = game.observation_space
        self._envs: dict[int, gymnasium.Env] = {}
        self._live = np.zeros(slots, np.bool_)
        self._length = np.zeros(slots, np.int64)
        self._returns = np.zeros(slots, np.float64)
        self._view = Step.blank(self.observation_space, slots, limits.seats, width=None, metrics=game.metrics)

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        self._quiet()
        for slot, task, seed in zip(slots.tolist(), tasks, seeds.tolist(), strict=True):
            if slot in self._envs:
                self._envs[slot].close()
            env = self._envs[slot] = self.game.create()
            seen = self.game.reset(env, task, seed)
            self._live[slot] = self._view.acting[slot, 0] = True
            self._length[slot] = self._returns[slot] = 0
            self._look(slot, seen)
        return self._view

    def step(self, actions: NDArray[Any]) -> Step:
        require_legal(self.game.name, actions, self._view, self.game.actions)
        self._quiet()
        view = self._view
        for slot in np.flatnonzero(self._live).tolist():
            action = self.game.foreign_actions.decode(_PLAYER, actions[slot, 0])
            seen, reward, over, cut, info = self._envs[slot].step(action)
            view.reward[slot, 0] = reward
            self._returns[slot] += float(reward)
            self._length[slot] += 1
            if over or cut or self._length[slot] == self.limits.steps:
                self._live[slot] = view.acting[slot, 0] = False
                view.terminated[slot], view.truncated[slot] = over, not over
                view.score[slot, 0] = self._returns[slot]
                for name, values in view.metrics.items():
                    values[slot] = info.get(name, 0)
            self._look(slot, seen)
        return view

    def state_dict(self) -> dict[str, NDArray[Any]]:
        raise NotImplementedError(f"{self.game.name}: Gymnasium cannot save a match in progress")

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        raise NotImplementedError(f"{self.game.name}: Gymnasium cannot go back to a state of a match")

    def render(self, slot: int) -> str:
        if slot not in self._envs:
            return f"{self.game.name}, empty"
        env, state = self._envs[slot], "goes on" if self._live[slot] else "over"
        line = f"{self.game.name}, step {self._length[slot]}, {state}; return: {self._returns[slot]:g}"
        return f"{line}\n{env.render()}" if env.render_mode == "ansi" else line

    def close(self) -> None:
        for env in self._envs.values():
            env.close()
        self._envs.clear()

    def _quiet(self) -> None:
        self._view.reward[:] = 0
        self._view.terminated[:] = False
        self._view.truncated[:] = False

    def _look(self, slot: int, seen: Any) -> None:
        if self.limits.observe:
            rows = {name: array[slot, 0] for name, array in self._view.observation.items()}
            self.game.observations.write(_PLAYER, seen, rows)
