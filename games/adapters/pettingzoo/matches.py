"""PettingZoo's two ways to play, as one: who acts, what they see, how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pettingzoo import AECEnv, ParallelEnv

from games.errors import InputError

__all__ = ["Match", "match_of"]


class Match(Protocol):
    """One match in one PettingZoo environment.

    Attributes:
        acting: the agents that must act now; empty when the match is over.
        seen: what agents see, as far as that is new; all of them when the match is over.
        infos: the infos of at least the acting agents.
        rewards: what the agents got in the last step; missing before the first.
        cut: whether the match is over because of a limit: any of the agents that left last was truncated and not
            terminated.
    """

    env: Any
    acting: list[str]
    seen: dict[str, Any]
    infos: dict[str, dict[str, Any]]
    rewards: dict[str, float]
    cut: bool

    def reset(self, seed: int) -> None:
        """Begin."""
        ...

    def play(self, actions: Mapping[str, Any]) -> None:
        """Step with the actions of all acting agents."""
        ...

    def everything(self) -> dict[str, Any]:
        """What every agent still in the match sees now."""
        ...


def match_of(name: str, env: Any) -> Match:
    """Return the way to play this environment.

    Raises:
        InputError: when it is neither a ParallelEnv nor an AECEnv.
    """
    if isinstance(env, ParallelEnv):
        return _Simultaneous(env)
    if isinstance(env, AECEnv):
        return _Turns(env)
    raise InputError(f"{name}: a {type(env).__name__} is neither a ParallelEnv nor an AECEnv of PettingZoo")


class _Simultaneous:
    def __init__(self, env: ParallelEnv) -> None:
        self.env = env

    def reset(self, seed: int) -> None:
        self.seen, self.infos = self.env.reset(seed=seed)
        self.acting, self.cut = list(self.env.agents), False

    def play(self, actions: Mapping[str, Any]) -> None:
        self.seen, self.rewards, terminations, truncations, self.infos = self.env.step(dict(actions))
        self.acting = [agent for agent in self.env.agents if not (terminations[agent] or truncations[agent])]
        self.cut = not self.acting and any(cut and not terminations[agent] for agent, cut in truncations.items())

    def everything(self) -> dict[str, Any]:
        return self.seen


class _Turns:
    def __init__(self, env: AECEnv) -> None:
        self.env = env

    def reset(self, seed: int) -> None:
        self.env.reset(seed=seed)
        self.cut = False
        self.seen, self.infos = self.everything(), dict(self.env.infos)
        self.acting = [self.env.agent_selection]

    def play(self, actions: Mapping[str, Any]) -> None:
        env = self.env
        (action,) = actions.values()
        env.step(action)
        self.rewards, self.infos = dict(env.rewards), dict(env.infos)
        leaving = [agent for agent in env.agents if env.terminations[agent] or env.truncations[agent]]
        if len(leaving) == len(env.agents):
            self.seen, self.acting = self.everything(), []
            self.cut = any(env.truncations[agent] and not env.terminations[agent] for agent in leaving)
            return
        for _ in leaving:  # the dead must each take an empty step before the living go on
            env.step(None)
        self.acting = [env.agent_selection]
        self.seen = {agent: env.observe(agent) for agent in self.acting}

    def everything(self) -> dict[str, Any]:
        return {agent: self.env.observe(agent) for agent in self.env.agents}
