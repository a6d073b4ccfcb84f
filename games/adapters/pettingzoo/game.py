"""A PettingZoo environment behind our contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from games.adapters.layout import Actions, Observations
from games.adapters.pettingzoo.matches import Match, match_of
from games.errors import InputError
from games.game import Comparison, Game, Limits, Seat, Step, VectorGame
from games.legality import require_legal
from games.task import Task, TaskSpace

__all__ = ["PettingZooGame"]


class PettingZooGame(Game):
    """Any AECEnv or ParallelEnv with a fixed list of `possible_agents`, one seat for each, in order.

    A seat's kind is its agent's name without the number (`adversary_0` is an `adversary`); where there are several kinds,
    the observation has one more array, `kind` (one-hot float32). Agents that differ share one layout of observations and
    actions (`games/adapters/layout.py`). A match is over when no agent is left. It counts as truncated when any of those who
    left last was truncated and not terminated, else as terminated; whoever leaves earlier acts no more. Score: the sum of
    rewards.

    In an AECEnv the seat that acts sees the present; the others keep what they saw last, until the match is over.

    Every match is played in an environment of its own, reset with the lower 31 bits of the match's seed: there are
    environments whose `reset` leaves traces of the match before. PettingZoo cannot save a match in progress, so the vector
    is not resumable.

    Attributes:
        agents: their names, by seat.
        kinds: [seats, K] float32, the kind of each seat (one-hot).
        masked: whether there is an action mask.

    Args:
        name: the full name.
        create: makes a new environment.
        comparison: how scores compare. Teams are one for all seats if cooperative, else one for each.

    Raises:
        InputError: when the environment has no list of agents, or spaces that the contract cannot hold.
    """

    def __init__(
        self, name: str, create: Callable[[], Any], *, comparison: Comparison = Comparison.GENERAL_SUM
    ) -> None:
        self.name, self.create, self.comparison = name, create, comparison
        self.task_space = TaskSpace()
        match = match_of(name, create())
        env = match.env
        if not getattr(env, "possible_agents", None):
            raise InputError(f"{name}: the environment does not name its possible_agents, so it has no seats")
        self.agents: list[str] = list(env.possible_agents)
        self.turn_based = not isinstance(env, ParallelEnv)
        try:
            self.observations = Observations({agent: env.observation_space(agent) for agent in self.agents})
            self.foreign_actions = Actions({agent: env.action_space(agent) for agent in self.agents})
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        match.reset(0)
        self.masked = self.foreign_actions.own is not None and (
            not self.foreign_actions.uniform or any(mask_of(match, agent) is not None for agent in match.acting)
        )
        env.close()

        kinds = sorted({_kind(agent) for agent in self.agents})
        boxes = dict(self.observations.space.spaces)
        if len(kinds) > 1:
            if "kind" in boxes:
                raise InputError(f"{name}: its observations already have an array named 'kind'")
            boxes["kind"] = spaces.Box(0.0, 1.0, (len(kinds),), np.float32)
        self.observation_space = spaces.Dict(boxes)
        self.action_space = self.foreign_actions.space
        self.kinds = np.eye(len(kinds), dtype=np.float32)[[kinds.index(_kind(agent)) for agent in self.agents]]

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return one seat for each possible agent."""
        together = self.comparison is Comparison.COOPERATIVE
        return tuple(Seat(_kind(agent), 0 if together else number) for number, agent in enumerate(self.agents))

    def vector(self, slots: int, limits: Limits) -> VectorGame:
        """Return room for `slots` matches."""
        return _Vector(self, slots, limits)


def mask_of(match: Match, agent: str) -> Any:
    """Return the mask that an environment shows to an agent, in its observation or its infos; None without one."""
    observation = match.seen.get(agent)
    if isinstance(observation, Mapping) and "action_mask" in observation:
        return observation["action_mask"]
    return match.infos.get(agent, {}).get("action_mask")


def _kind(agent: Any) -> str:
    kind, _, number = str(agent).rpartition("_")
    return kind if kind and number.isdigit() else str(agent)


class _Vector(VectorGame):
    game: PettingZooGame
    resumable = False

    def __init__(self, game: PettingZooGame, slots: int, limits: Limits) -> None:
        seats = limits.seats
        if seats < len(game.agents):
            raise ValueError(f"{game.name} has {len(game.agents)} seats, its vector was asked for {seats}")
        self.game, self.slots, self.limits = game, slots, limits
        self.observation_space = game.observation_space
        self._seats = {agent: seat for seat, agent in enumerate(game.agents)}
        self._matches: dict[int, Match] = {}
        self._live = np.zeros(slots, np.bool_)
        self._length = np.zeros(slots, np.int64)
        self._returns = np.zeros((slots, seats), np.float64)
        width = game.actions.width if game.masked else None
        self._view = Step.blank(self.observation_space, slots, seats, width=width)

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        self._quiet()
        for slot, seed in zip(slots.tolist(), seeds.tolist(), strict=True):
            if slot in self._matches:
                self._matches[slot].env.close()
            self._matches[slot] = match_of(self.game.name, self.game.create())
            self._matches[slot].reset(seed & 0x7FFFFFFF)
            self._live[slot], self._length[slot], self._returns[slot] = True, 0, 0
            for array in self._view.observation.values():
                array[slot] = 0
            if self.game.kinds.shape[1] > 1:
                self._view.observation["kind"][slot, : len(self.game.agents)] = self.game.kinds
            self._look(slot, self._matches[slot].seen)
        return self._view

    def step(self, actions: NDArray[Any]) -> Step:
        require_legal(self.game.name, actions, self._view, self.game.actions)
        self._quiet()
        game, view = self.game, self._view
        for slot in np.flatnonzero(self._live).tolist():
            match = self._matches[slot]
            match.play(
                {agent: game.foreign_actions.decode(agent, actions[slot, self._seats[agent]]) for agent in match.acting}
            )
            for agent, reward in match.rewards.items():
                if agent in self._seats:
                    view.reward[slot, self._seats[agent]] = reward
            self._returns[slot] += view.reward[slot]
            self._length[slot] += 1
            over = not match.acting
            cut = self._length[slot] == self.limits.steps
            if over or cut:
                self._live[slot] = False
                view.truncated[slot] = match.cut if over else True
                view.terminated[slot] = not view.truncated[slot]
                view.score[slot] = self._returns[slot]
            self._look(slot, match.everything() if cut else match.seen)
        return view

    def state_dict(self) -> dict[str, NDArray[Any]]:
        raise NotImplementedError(f"{self.game.name}: PettingZoo cannot save a match in progress")

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        raise NotImplementedError(f"{self.game.name}: PettingZoo cannot go back to a state of a match")

    def render(self, slot: int) -> str:
        if slot not in self._matches:
            return f"{self.game.name}, empty"
        match, returns = self._matches[slot], self._returns[slot]
        lines = [f"{agent}: {returns[seat]:g}" for seat, agent in enumerate(self.game.agents)]
        state = f"{', '.join(match.acting)} to act" if self._live[slot] else "over"
        return "\n".join([f"{self.game.name}, step {self._length[slot]}, {state}; returns:", *lines])

    def close(self) -> None:
        for match in self._matches.values():
            match.env.close()
        self._matches.clear()

    def _quiet(self) -> None:
        self._view.reward[:] = 0
        self._view.terminated[:] = False
        self._view.truncated[:] = False

    def _look(self, slot: int, seen: Mapping[str, Any]) -> None:
        view, match = self._view, self._matches[slot]
        if self.limits.observe:
            for agent, seat in self._seats.items():
                if agent in seen:
                    rows = {name: array[slot, seat] for name, array in view.observation.items()}
                    self.game.observations.write(agent, seen[agent], rows)
        view.acting[slot] = False
        for agent in match.acting if self._live[slot] else ():
            seat = self._seats[agent]
            view.acting[slot, seat] = True
            if view.action_mask is not None:
                self.game.foreign_actions.write_mask(agent, mask_of(match, agent), view.action_mask[slot, seat])
