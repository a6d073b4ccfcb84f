"""A teacher for a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsFloat

import gymnasium
import numpy as np
from gymnasium.utils import RecordConstructorArgs

from games import InputError, Task
from league.curriculum.lesson import Asks, Configure, Lesson, Opponents, Outcome, Success, configured, success_of
from league.teachers import Proposal

__all__ = ["CurriculumWrapper"]


class CurriculumWrapper(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Asks a teacher for a task at each reset and tells it what came of it at the end of the episode.

    Wrap it around whatever ends episodes (`TimeLimit`): an episode that something outside cuts off is given up.

    `info["curriculum"]` says at each step which proposal is played: its `id`, `task`, `origin`, and `train`, whether the
    teacher allows to learn from it. Where an episode ends it also has the `result`.

    Args:
        env: the environment.
        teacher: chooses tasks; a `RemoteTeacher` where it lives in another process.
        learner: who learns here. Environments of one learner share one id.
        configure: `configure(env, task)` puts a task into the environment before it is reset; a mapping that it returns is
            handed to `reset` as options. None calls the environment's own `set_task(task)`.
        make: `make(task)` builds the environment anew whenever the task is another one: for environments whose parameters
            are arguments of their constructor. In the place of `configure`.
        success: `success(info)` says from the last info how far the task was solved, 0 to 1; None takes
            `info["success"]` or `info["is_success"]` where there is one.
        opponents: `opponents(env, wanted)` seats opponents of the class that the teacher wants (empty: of any) and returns
            the class of those that it seated.
        tell: whether results are told when an episode ends; False leaves that to the loop, which finds them in the info.
            Must be given for teachers that go by value estimates.
        change_on_success: a task that is solved (success 1) in the middle of an episode is told at once, and the episode
            goes on with the next task.

    Attributes:
        lesson: what is played now, and what came of the latest episode.

    Raises:
        InputError: when the environment cannot be given tasks, or the teacher cannot teach here.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        teacher: Asks,
        *,
        learner: str = "learner",
        configure: Configure | None = None,
        make: Callable[[Task], gymnasium.Env[Any, Any]] | None = None,
        success: Success | None = None,
        opponents: Opponents | None = None,
        tell: bool | None = None,
        change_on_success: bool = False,
    ) -> None:
        RecordConstructorArgs.__init__(  # so that `gymnasium.make(env.spec)` builds another one, of the same teacher
            self,
            teacher=teacher,
            learner=learner,
            configure=configure,
            make=make,
            success=success,
            opponents=opponents,
            tell=tell,
            change_on_success=change_on_success,
            _disable_deepcopy=True,
        )
        gymnasium.Wrapper.__init__(self, env)
        if make is not None and (configure is not None or change_on_success):
            raise InputError(
                "make builds a new environment for a task: it goes with neither configure nor change_on_success"
            )
        self.lesson = Lesson(teacher, (learner,), tell)
        self._learner, self._configure, self._make = learner, configure, make
        self._success, self._opponents, self._change = success, opponents, change_on_success
        self._made: Task | None = None
        self._seeds: np.random.Generator | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode on the next task, or on the same one while nothing of it was played; see `gymnasium.Env.reset`."""
        proposal = self.lesson.begin()
        if self._make is not None:
            seed = self._rebuild(proposal.task, self._make, seed)
            more: dict[str, Any] = {}
        else:
            more = configured(self.env, proposal.task, self._configure)
        self._seat(proposal)
        observation, info = self.env.reset(seed=seed, options={**(options or {}), **more} if options or more else None)
        return observation, {**info, "curriculum": self.lesson.info}

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        """Play a step; see `gymnasium.Env.step`."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        about = self.lesson.info
        if self.lesson.running:
            self.lesson.step({self._learner: float(reward)})
            over = bool(terminated or truncated)
            if over or self._change:
                success = success_of(info, self._success)
                if over or success == 1.0:
                    outcome = Outcome(self.lesson.returns[self._learner], success)
                    about["result"] = self.lesson.end({self._learner: outcome})[self._learner]
                if not over and success == 1.0:
                    self._go_on()
        return observation, reward, terminated, truncated, {**info, "curriculum": about}

    def _go_on(self) -> None:
        proposal = self.lesson.begin()
        if configured(self.env, proposal.task, self._configure):
            raise InputError("change_on_success needs tasks that can be set in mid-episode, not by options of reset")
        self._seat(proposal)

    def _seat(self, proposal: Proposal) -> None:
        if self._opponents is not None:
            self.lesson.opponents = self._opponents(self.env, proposal.opponents)

    def _rebuild(self, task: Task, make: Callable[[Task], gymnasium.Env[Any, Any]], seed: int | None) -> int | None:
        """Build the environment of a task and return its seed: a new one would otherwise begin with a chance of its own."""
        if seed is not None or self._seeds is None:
            self._seeds = np.random.default_rng(seed)
        if task == self._made:
            return seed
        self.env.close()
        self.env, self._made = make(task), task
        return int(self._seeds.integers(2**31)) if seed is None else seed
