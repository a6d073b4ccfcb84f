"""A teacher for a PettingZoo environment: all of its agents play the task that one of its learners gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pettingzoo import AECEnv, ParallelEnv
from pettingzoo.utils.wrappers import BaseParallelWrapper, BaseWrapper

from games import InputError, Task
from league.curriculum.lesson import Asks, Configure, Lesson, Opponents, Outcome, Success, configured, success_of
from league.teachers import Result

__all__ = ["AECCurriculum", "ParallelCurriculum"]


class _Class:
    """What both wrappers do alike: which agent is which learner, and what each of them got.

    Args: those of the wrappers.
    """

    def __init__(
        self,
        env: Any,
        teacher: Asks,
        learners: Mapping[str, str] | None,
        configure: Configure | None,
        make: Callable[[Task], Any] | None,
        success: Success | None,
        opponents: Opponents | None,
        tell: bool | None,
    ) -> None:
        if make is not None and configure is not None:
            raise InputError("make builds a new environment for a task: it does not go with configure")
        agents = tuple(env.possible_agents)
        self.learner_of = dict(learners) if learners is not None else {agent: agent for agent in agents}
        unknown = [agent for agent in self.learner_of if agent not in agents]
        if unknown and make is None:  # another task may have other agents
            raise InputError(f"learners names {unknown[0]!r}, but the environment's agents are {', '.join(agents)}")
        self.lesson = Lesson(teacher, tuple(dict.fromkeys(self.learner_of.values())), tell)
        self._configure, self._make, self._success, self._opponents = configure, make, success, opponents
        self._infos: dict[str, Mapping[str, Any]] = {}
        self._made: Task | None = None
        self._seeds: np.random.Generator | None = None

    def begin(self, env: Any, seed: int | None, options: dict[str, Any] | None) -> tuple[Any, int | None, Any]:
        """Return the environment to be reset for the next task, its seed, and its options."""
        task, more = self.lesson.begin().task, {}
        if self._make is None:
            more = configured(env, task, self._configure)
        else:
            if seed is not None or self._seeds is None:
                self._seeds = np.random.default_rng(seed)
            if task != self._made:
                env.close()
                env, self._made = self._make(task), task
                seed = int(self._seeds.integers(2**31)) if seed is None else seed
        if self._opponents is not None:
            assert self.lesson.proposal is not None
            self.lesson.opponents = self._opponents(env, self.lesson.proposal.opponents)
        self._infos = {}
        return env, seed, {**(options or {}), **more} if options or more else None

    def step(self, rewards: Mapping[str, float], infos: Mapping[str, Mapping[str, Any]]) -> None:
        """Count what agents got for a step, and keep what the environment says last of each."""
        if self.lesson.running:
            self.lesson.step(rewards)
            self._infos.update({agent: infos[agent] for agent in infos if agent in self.learner_of})

    def end(self) -> dict[str, Result]:
        """Return what came of the match for each learner; nothing when it ended before."""
        returns = self.lesson.returns
        mine: dict[str, list[str]] = {}
        for agent, learner in self.learner_of.items():
            if agent in returns:
                mine.setdefault(learner, []).append(agent)
        return self.lesson.end({learner: self._outcome(agents) for learner, agents in mine.items()})

    def _outcome(self, mine: list[str]) -> Outcome:
        """Return what the match came to for one learner's agents."""
        returns = self.lesson.returns
        told = [success_of(self._infos.get(agent, {}), self._success) for agent in mine]
        known = [success for success in told if success is not None]
        others = [got for agent, got in returns.items() if agent not in mine]
        duels = [np.sign(returns[agent] - other) / 2 + 0.5 for agent in mine for other in others]
        return Outcome(
            total_return=float(np.mean([returns[agent] for agent in mine])),
            success=float(np.mean(known)) if known else None,
            score=float(np.mean(duels)) if duels else 0.5,
        )

    def info(self, agent: str, info: Mapping[str, Any], results: Mapping[str, Result]) -> dict[str, Any]:
        """Return an agent's info with what there is to say of the proposal."""
        about, result = self.lesson.info, results.get(self.learner_of.get(agent, ""))
        if result is not None:
            about["result"] = result
        return {**info, "curriculum": about}


class ParallelCurriculum(BaseParallelWrapper[Any, Any, Any]):
    """Asks a teacher for a task at each reset of a ParallelEnv, and tells it at the end what came of it for each learner.

    `infos[agent]["curriculum"]` says which proposal is played (see `CurriculumWrapper`); where a match ends, with the `result`
    of the agent's learner. A learner's return and success are means over its agents; its score is the share of the agents of
    other learners, and of nobody, that its own beat by their return, a draw counting half.

    Args:
        env: the environment.
        teacher: chooses tasks; a `RemoteTeacher` where it lives in another process.
        learners: agent to the id of the learner that plays it; None for every agent a learner of its own. Tasks are asked for
            on behalf of each learner in turn; agents that are not named here learn nothing.
        configure: as in `CurriculumWrapper`.
        make: as in `CurriculumWrapper`.
        success: reads from an agent's last info how far it solved the task; as in `CurriculumWrapper`.
        opponents: as in `CurriculumWrapper`.
        tell: as in `CurriculumWrapper`.

    Attributes:
        lesson: what is played now, and what came of the latest match for each learner.

    Raises:
        InputError: when the environment cannot be given tasks, an agent is unknown, or the teacher cannot teach here.
    """

    def __init__(
        self,
        env: ParallelEnv[Any, Any, Any],
        teacher: Asks,
        *,
        learners: Mapping[str, str] | None = None,
        configure: Configure | None = None,
        make: Callable[[Task], ParallelEnv[Any, Any, Any]] | None = None,
        success: Success | None = None,
        opponents: Opponents | None = None,
        tell: bool | None = None,
    ) -> None:
        super().__init__(env)
        self.env: Any = env
        self._class = _Class(env, teacher, learners, configure, make, success, opponents, tell)
        self.lesson: Lesson = self._class.lesson

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[Any, Any], dict[Any, dict[str, Any]]]:
        """Begin a match on the next task, or on the same one while nothing of it was played; see `ParallelEnv.reset`."""
        self.env, seed, options = self._class.begin(self.env, seed, options)
        observations, infos = self.env.reset(seed=seed, options=options)
        return observations, {agent: self._class.info(agent, info, {}) for agent, info in infos.items()}

    def step(
        self, actions: dict[Any, Any]
    ) -> tuple[dict[Any, Any], dict[Any, float], dict[Any, bool], dict[Any, bool], dict[Any, dict[str, Any]]]:
        """Play a step; see `ParallelEnv.step`."""
        observations, rewards, terminated, truncated, infos = self.env.step(actions)
        self._class.step(rewards, infos)
        results = {} if self.env.agents else self._class.end()
        infos = {agent: self._class.info(agent, info, results) for agent, info in infos.items()}
        return observations, rewards, terminated, truncated, infos


class AECCurriculum(BaseWrapper[Any, Any, Any]):
    """Asks a teacher for a task at each reset of an AECEnv, and tells it when all agents are done; see `ParallelCurriculum`.

    Length counts the moves of all agents.

    Args:
        env: the environment.
        teacher: as in `ParallelCurriculum`.
        learners: as in `ParallelCurriculum`.
        configure: as in `ParallelCurriculum`.
        make: as in `ParallelCurriculum`.
        success: as in `ParallelCurriculum`.
        opponents: as in `ParallelCurriculum`.
        tell: as in `ParallelCurriculum`.

    Attributes:
        lesson: what is played now, and what came of the latest match for each learner.

    Raises:
        InputError: as in `ParallelCurriculum`.
    """

    def __init__(
        self,
        env: AECEnv[Any, Any, Any],
        teacher: Asks,
        *,
        learners: Mapping[str, str] | None = None,
        configure: Configure | None = None,
        make: Callable[[Task], AECEnv[Any, Any, Any]] | None = None,
        success: Success | None = None,
        opponents: Opponents | None = None,
        tell: bool | None = None,
    ) -> None:
        super().__init__(env)
        self.env: Any = env
        self._class = _Class(env, teacher, learners, configure, make, success, opponents, tell)
        self.lesson: Lesson = self._class.lesson

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin a match on the next task, or on the same one while nothing of it was played; see `AECEnv.reset`."""
        self.env, seed, options = self._class.begin(self.env, seed, options)
        self.env.reset(seed=seed, options=options)
        self._note({})

    def step(self, action: Any) -> None:
        """Play a step; see `AECEnv.step`."""
        env, agent = self.env, self.env.agent_selection
        dead = not env.agents or env.terminations[agent] or env.truncations[agent]  # it only leaves the table
        env.step(action)
        results: dict[str, Result] = {}
        if not dead:
            self._class.step(env.rewards, env.infos)
            if all(env.terminations[a] or env.truncations[a] for a in env.agents):
                results = self._class.end()
            self._note(results)

    def _note(self, results: Mapping[str, Result]) -> None:
        for agent, info in self.env.infos.items():
            info.update(self._class.info(agent, {}, results))
