"""One environment's side of the conversation with a teacher, whatever the environment's interface is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple, Protocol

from games import InputError, Scalar, Task
from league.teachers import Proposal, Result

__all__ = ["Asks", "Configure", "Lesson", "Opponents", "Outcome", "Success", "as_option", "configured", "success_of"]

Configure = Callable[[Any, Task], Mapping[str, Any] | None]
"""Puts a task into an environment; what it returns, if anything, becomes the options of `reset`."""
Success = Callable[[Mapping[str, Any]], float | None]
"""Reads from an environment's info how far the task was solved, 0 to 1; None where it does not say."""
Opponents = Callable[[Any, str], str]
"""Seats opponents of a class in an environment (empty: of any), and returns the class of those that it seated."""


class Asks(Protocol):
    """What an environment needs of a teacher: any `league.teachers.Teacher`, a server of one, or a remote one."""

    @property
    def needs_values(self) -> bool:
        """Whether results should carry value statistics."""
        ...

    @property
    def players(self) -> tuple[str, ...]:
        """Agents that its proposals may ask for in the learner's place."""
        ...

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return n proposals for a learner."""
        ...

    def tell(self, result: Result) -> None:
        """Learn from a result."""
        ...


class Outcome(NamedTuple):
    """What an episode came to for one learner; the fields are those of `Result`."""

    total_return: float
    success: float | None = None
    score: float = 0.5


class Lesson:
    """What one environment plays of a teacher's proposals, one after the other.

    A proposal of which nothing was played yet is kept, however often the environment is reset; one that is reset in the middle
    is given up, and its teacher never hears of it.

    Args:
        teacher: chooses tasks.
        learners: ids of those who learn here. Tasks are asked for on behalf of each in turn.
        tell: whether results are told when an episode ends. None is the same as True, for teachers that do without value
            statistics.

    Attributes:
        proposal: what is being played, or was last; None before the first reset.
        results: what came of the latest episode that ended, by learner.
        opponents: class of the opponents that are seated.
        returns: sum of the rewards so far, by agent.

    Raises:
        InputError: when the teacher wants players of its own, or value statistics and `tell` does not say what to do.
    """

    def __init__(self, teacher: Asks, learners: Sequence[str], tell: bool | None) -> None:
        if not learners:
            raise InputError("a curriculum needs at least one learner")
        if teacher.players:
            raise InputError(
                f"the teacher asks for players of its own ({', '.join(teacher.players)}), which only the arena can seat"
            )
        if tell is None and teacher.needs_values:
            raise InputError(
                "the teacher goes by value estimates, which only your loop knows: pass tell=False and hand results in with "
                "ValueTeller, or tell=True to do without"
            )
        self.teacher, self._learners, self._tell = teacher, tuple(learners), tell is not False
        self.proposal: Proposal | None = None
        self.results: dict[str, Result] = {}
        self.opponents = ""
        self._turn = 0
        self.returns: dict[str, float] = {}
        self._length = 0
        self._over = True

    def begin(self) -> Proposal:
        """Return what is to be played next."""
        if self.proposal is None or self._length:
            (self.proposal,) = self.teacher.ask(1, self._learners[self._turn % len(self._learners)])
            self._turn += 1
        self.returns = {}
        self._length, self._over = 0, False
        return self.proposal

    def step(self, rewards: Mapping[str, float]) -> None:
        """Count a step and what each agent got for it."""
        self._length += 1
        for agent, reward in rewards.items():
            self.returns[agent] = self.returns.get(agent, 0.0) + float(reward)

    def end(self, outcomes: Mapping[str, Outcome]) -> dict[str, Result]:
        """Return what came of the proposal for each learner, and tell it to the teacher; nothing when it ended before."""
        if self._over:
            return {}
        assert self.proposal is not None
        self._over = True
        self.results = {
            learner: Result(
                id=self.proposal.id,
                learner=learner,
                score=outcome.score,
                total_return=outcome.total_return,
                length=self._length,
                success=outcome.success,
                opponents=self.opponents,
            )
            for learner, outcome in outcomes.items()
        }
        if self._tell:
            for result in self.results.values():
                self.teacher.tell(result)
        return self.results

    @property
    def running(self) -> bool:
        """Whether an episode has begun and not ended."""
        return not self._over

    @property
    def info(self) -> dict[str, Any]:
        """What the environment's info says of the proposal: its id, task, origin, and whether to learn from it."""
        p = self.proposal
        return {} if p is None else {"id": p.id, "task": dict(p.task), "origin": p.origin, "train": p.train_allowed}


def as_option(env: Any, task: Task) -> dict[str, dict[str, Scalar]]:
    """Hand a task over as `reset(options={"task": ...})`: for environments that read it there, such as the arena's games."""
    return {"task": dict(task)}


def configured(env: Any, task: Task, configure: Configure | None) -> dict[str, Any]:
    """Put a task into an environment and return what its `reset` should get as options besides.

    Args:
        env: the environment.
        task: to be played.
        configure: how; None calls the environment's `set_task(task)`.

    Raises:
        InputError: when there is no way to.
    """
    if configure is not None:
        return dict(configure(env, task) or {})
    set_task = _set_task(env)
    if set_task is None:
        raise InputError(
            f"{env} has no method set_task(task): give configure=function(env, task), configure=as_option if it reads "
            "reset(options={'task': ...}), or make=function(task) to build it anew for each task"
        )
    set_task(task)
    return {}


def _set_task(env: Any) -> Callable[[Task], Any] | None:
    """Return the method of the outermost wrapper that has one; not all wrappers pass attributes on."""
    with contextlib.suppress(AttributeError):
        found: Callable[[Task], Any] = env.get_wrapper_attr("set_task")  # Gymnasium
        return found
    return getattr(env, "set_task", None) or getattr(env.unwrapped, "set_task", None)


def success_of(info: Mapping[str, Any], success: Success | None) -> float | None:
    """Return how far the task was solved, 0 to 1; None where nobody says so.

    Args:
        info: of the environment.
        success: how to read it; None takes `success`, else `is_success`, where there is one.
    """
    found = info.get("success", info.get("is_success")) if success is None else success(info)
    if found is None or not isfinite(found):
        return None
    return min(max(float(found), 0.0), 1.0)
