"""Any game as a PettingZoo environment, so that whatever speaks PettingZoo can play it.

The layout, for both faces:

- Agents are named `{kind}_{seat}`, for example `wolf_0`, `wolf_1`, `sheep_2`.
- An observation is the game's named arrays as a dictionary, or the array itself where the game has only one. Where the
  game has masks, it is `{"observation": <that>, "action_mask": <mask>}`; the mask is int8, one array for Discrete actions
  and a tuple with one array per head for MultiDiscrete ones, which is what `action_space(agent).sample(mask)` takes.
- `reset(seed=)` takes the seed of the match; without one, the next match has the next seed of a generator that the last
  given seed started. `reset(options={"task": {...}})` plays another task of the same agents; other options are ignored.
- A match ends for all of its agents at once, terminated or truncated. An agent that has nothing to decide (the dead) stays
  until then: its mask allows everything, and what it does has no effect.
- An illegal action is replaced by the first legal one, head by head, and noted: `infos[agent]["illegal"]` is then True.
- `render_mode="ansi"` gives the text of `VectorGame.render`.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import AECEnv, ParallelEnv
from pettingzoo.utils.conversions import parallel_to_aec
from pettingzoo.utils.wrappers import OrderEnforcingWrapper

from games.errors import InputError
from games.game import Game, Limits, Step
from games.task import Scalar, Task

__all__ = ["aec_env", "parallel_env"]


def parallel_env(game: Game, task: Task | None = None, render_mode: str | None = None) -> ParallelEnv:
    """Return a game as a ParallelEnv on one task (default: the default task).

    Raises:
        InputError: for a turn-based game, whose face is `aec_env`, and for an unknown render mode.
    """
    if game.turn_based:
        raise InputError(f"{game.name} is played in turns: its PettingZoo face is aec_env, not parallel_env")
    return _Parallel(game, task, render_mode)


def aec_env(game: Game, task: Task | None = None, render_mode: str | None = None) -> AECEnv:
    """Return a game as an AECEnv on one task (default: the default task).

    Agents of a simultaneous game are asked one after another, and the match advances when all have answered.

    Raises:
        InputError: for an unknown render mode.
    """
    if game.turn_based:
        return OrderEnforcingWrapper(_Turns(game, task, render_mode))
    return parallel_to_aec(_Parallel(game, task, render_mode))


class _Face:
    """One match at a time of one game, in PettingZoo's terms: what the two kinds of environment share."""

    def __init__(self, game: Game, task: Task | None, render_mode: str | None) -> None:
        if render_mode not in (None, "ansi"):
            raise InputError(f"render mode {render_mode!r} of {game.name}: must be None or 'ansi'")
        self.game, self.render_mode = game, render_mode
        self.metadata = {"name": game.name, "render_modes": ["ansi"], "is_parallelizable": not game.turn_based}
        self.task = task if task is not None else game.task_space.task()
        self.possible_agents = _names(game, self.task)
        self.agents: list[str] = []
        self._layout = game.actions
        self._structured = isinstance(game.action_space, spaces.MultiDiscrete)
        self._generator = np.random.default_rng()
        self._vector = game.vector(1, Limits(seats=len(self.possible_agents)))
        self._assign(0, self.task)  # a first view tells whether the game has masks
        space = self._seen()
        # One space an agent, each with a generator of its own.
        self._observation_spaces = {agent: copy.deepcopy(space) for agent in self.possible_agents}
        self._action_spaces = {agent: copy.deepcopy(game.action_space) for agent in self.possible_agents}

    def observation_space(self, agent: str) -> spaces.Space:
        """The observation space of an agent."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space:
        """The action space of an agent."""
        return self._action_spaces[agent]

    def observe(self, agent: str) -> Any:
        """What an agent sees now."""
        seat, view = self.possible_agents.index(agent), self._view
        arrays = {name: array[0, seat].copy() for name, array in view.observation.items()}
        observation = arrays if len(arrays) > 1 else next(iter(arrays.values()))
        if view.action_mask is None:
            return observation
        heads = self._heads((view.action_mask[0, seat] | ~view.acting[0, seat]).astype(np.int8))
        return {"observation": observation, "action_mask": heads if self._structured else heads[0]}

    def render(self) -> str | None:
        """The match as text, with render mode "ansi"."""
        if self.render_mode is None:
            warnings.warn(
                "render() shows nothing unless the environment was made with render_mode='ansi'", stacklevel=2
            )
            return None
        return self._vector.render(0)

    def close(self) -> None:
        """Release what the game holds."""
        self._vector.close()

    def _begin(self, seed: int | None, options: Mapping[str, Any] | None) -> None:
        if seed is None:
            seed = int(self._generator.integers(2**63))
        else:
            self._generator = np.random.default_rng(seed)
        values: Mapping[str, Scalar] | None = (options or {}).get("task")
        task = self.task if values is None else self.game.task_space.task(values)
        agents = _names(self.game, task)
        if agents != self.possible_agents[: len(agents)]:
            raise InputError(
                f"{task} seats {', '.join(agents)}, and this environment was made for "
                f"{', '.join(self.possible_agents)}: make another one on that task"
            )
        self.agents = agents
        self._assign(seed, task)

    def _assign(self, seed: int, task: Task) -> None:
        self._view: Step = self._vector.assign(np.zeros(1, np.int64), [task], np.array([seed], np.uint64))

    def _play(self, actions: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Play the actions of these agents and return everyone's infos."""
        infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        table = self._layout.empty(1, len(self.possible_agents))
        for seat, agent in enumerate(self.possible_agents):
            if agent in actions and self._view.acting[0, seat]:
                table[0, seat] = actions[agent]
                if self._make_legal(seat, table[0, seat]):
                    infos[agent]["illegal"] = True
        self._view = self._vector.step(table)
        return infos

    def _make_legal(self, seat: int, action: NDArray[Any]) -> bool:
        """Replace what is illegal in an action [heads], and return whether there was any."""
        mask = self._view.action_mask
        legal = self._heads(np.ones(self._layout.width, np.bool_) if mask is None else mask[0, seat])
        wrong = [h for h, head in enumerate(legal) if not (0 <= action[h] < len(head) and head[action[h]])]
        for head in wrong:
            action[head] = legal[head].argmax()
        return bool(wrong)

    def _heads(self, mask: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        return tuple(mask[i:j] for i, j in pairwise(self._layout.offsets))

    def _seen(self) -> spaces.Space:
        arrays = self._vector.observation_space
        observation = arrays if len(arrays) > 1 else next(iter(arrays.values()))
        if self._view.action_mask is None:
            return observation
        heads = [spaces.Box(0, 1, (size,), np.int8) for size in self._layout.sizes]
        mask = spaces.Tuple(heads) if self._structured else heads[0]
        return spaces.Dict({"observation": observation, "action_mask": mask})


class _Parallel(_Face, ParallelEnv):
    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        self._begin(seed, options)
        return {agent: self.observe(agent) for agent in self.agents}, {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        agents, infos = self.agents, self._play(actions)
        terminated, truncated = bool(self._view.terminated[0]), bool(self._view.truncated[0])
        if terminated or truncated:
            self.agents = []
        return (
            {agent: self.observe(agent) for agent in agents},
            {agent: float(self._view.reward[0, seat]) for seat, agent in enumerate(agents)},
            dict.fromkeys(agents, terminated),
            dict.fromkeys(agents, truncated),
            infos,
        )


class _Turns(_Face, AECEnv):
    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        self._begin(seed, options)
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self.agent_selection = self._next()

    def step(self, action: Any) -> None:
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self.infos = self._play({agent: action})
        self.rewards = {name: float(self._view.reward[0, seat]) for seat, name in enumerate(self.agents)}
        self.terminations = dict.fromkeys(self.agents, bool(self._view.terminated[0]))
        self.truncations = dict.fromkeys(self.agents, bool(self._view.truncated[0]))
        self._cumulative_rewards[agent] = 0.0
        self._accumulate_rewards()
        self.agent_selection = self._next()

    def _next(self) -> str:
        """The agent to move; when the match is over, the first of those who must leave."""
        acting = np.flatnonzero(self._view.acting[0])
        return self.agents[acting[0] if len(acting) else 0]


def _names(game: Game, task: Task) -> list[str]:
    return [f"{seat.kind}_{number}" for number, seat in enumerate(game.seats(task))]
