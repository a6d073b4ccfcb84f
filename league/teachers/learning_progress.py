"""The teacher of finite lists of tasks that goes by learning progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from games import Game, InputError, Scalar, Task, TaskSpace
from league.teachers.checks import require_choice, require_least, require_share
from league.teachers.ledger import Ledger
from league.teachers.measure import Measure, Meter
from league.teachers.pack import pack, unpack
from league.teachers.teacher import SHOWN, Proposal, Result

__all__ = ["LearningProgress", "reweighted", "slope"]

Array = NDArray[np.float64]

MOST = 1000
"""Tasks of a list."""
KEYS = 16
"""Learners and opponent classes that are told apart; beyond, the one that was heard of longest ago is forgotten."""
THETA = 0.1
"""Success probability that `reweighted` maps to one half."""
CENTRE = 1.2815515655446004
"""The 90 % quantile of the normal distribution."""


class LearningProgress:
    """Draws from a list of tasks those on which success changes most, for better or worse.

    The progress of a task is one of

        bidirectional   |f(fast) - f(slow)| of Kanitscheider et al., "Multi-task curriculum learning in a complex, visual,
                        hard-exploration domain: Minecraft" (2021, arXiv 2106.14876): `fast` is an exponential average of the
                        task's success, `slow` one of `fast`, both moving by 1/memory with each result, and
                        f(p) = 0.9 p / (p + 0.1 (1 - 2 p)) magnifies what happens near 0 (`reweighted`). Tasks are drawn with
                        probabilities proportional to 1 / (1 + exp(1.28 - z)), z being the progress less its mean over the
                        tasks, by its standard deviation: about the tenth of the tasks that progress most saturate
        slope           of the line through the last `memory` successes of the task over the count of results, as in the window
                        algorithm of Matiisen et al., "Teacher-student curriculum learning" (2017, arXiv 1707.00183). Tasks are
                        drawn in proportion to its absolute value; theirs takes the greatest, save for a random share

    Success is what the game says of it, or that a return is above `measure.success_above`; where neither is known it is the
    measured value within its range.

    Kanitscheider et al. measure every task at fixed intervals and subtract the success of a random agent; we learn from the
    results as they come. Averages are weighted means of what came, as if there were nothing before, so a first success is no
    progress. Results are told apart by learner and class of opponents: a learner's tasks are drawn by its own progress,
    averaged over classes by how often each was met lately; those of one that is not known by the progress of all.

    Args:
        space: the game's task space.
        seed: of its draws.
        tasks: parameter values of each task, defaults elsewhere. By default all combinations of integers and choices.
        measure: how results are read.
        rule: what counts as progress.
        memory: results of a task over which its progress is looked for.
        random: share of the tasks drawn uniformly, the only way to find that others progress now.

    Raises:
        InputError: for tasks that the space does not have, more than 1000 of them, a real parameter without a list of tasks,
            or a number out of its range.
    """

    needs_values = False
    players: tuple[str, ...] = ()

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        tasks: Sequence[Mapping[str, Scalar]] | None = None,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        rule: Literal["bidirectional", "slope"] = "bidirectional",
        memory: int = 20,
        random: float = 0.2,
    ) -> None:
        require_choice("learning_progress", "rule", rule, ("bidirectional", "slope"))
        require_least("learning_progress", memory=(memory, 2))
        require_share("learning_progress", random=random)
        self.space, self.rng, self.meter = space, np.random.default_rng(seed), Meter(measure)
        self.tasks = _listed(space, tasks)
        self._rule, self._memory, self._random = rule, memory, random
        self._ledger = Ledger(space)
        self._known: dict[tuple[str, str], _Successes] = {}  # learner and opponent class; the newest last
        self._told = 0

    def max_seats(self, game: Game) -> int:
        """Return the largest population in the list."""
        return max(len(game.seats(task)) for task in self.tasks)

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return n proposals; see `Teacher`."""
        bounds = np.cumsum(self._shares(learner)) if n else np.zeros(0)
        proposals = []
        for _ in range(n):
            if self.rng.random() < self._random:
                k, origin = int(self.rng.integers(len(self.tasks))), "uniform"
            else:
                k, origin = int(np.searchsorted(bounds, self.rng.random() * bounds[-1], side="right")), "progress"
            k = min(k, len(self.tasks) - 1)
            proposals.append(self._ledger.open(self.tasks[k], origin, k))
        return proposals

    def tell(self, result: Result) -> None:
        """Learn from a result; see `Teacher`."""
        value = self.meter.value(result)
        found = self._ledger.close(result, value)
        if found is None:
            return
        self.meter.reward(value)  # which widens the range of values, if that is not declared
        key = (result.learner, result.opponents)
        known = self._known.pop(key, None) or _Successes(len(self.tasks), self._memory, self._rule)
        self._known[key] = known
        if len(self._known) > KEYS:
            del self._known[next(iter(self._known))]
        known.add(found[0], self.meter.success(result), self._told)
        self._told += 1

    def forget(self, learner: str) -> None:
        """Drop the successes of a learner whose weights were replaced."""
        for key in [key for key in self._known if key[0] == learner]:
            del self._known[key]

    def _shares(self, learner: str) -> Array:
        """Return the probability [T] of each task, the random share left out."""
        own = {key: known for key, known in self._known.items() if key[0] == learner} or self._known
        if not own:
            return np.full(len(self.tasks), 1.0 / len(self.tasks))
        # an exponential average over the last results, 1000 or so: how often each class was met lately
        weights = np.array([known.lately * 0.999 ** (self._told - known.last) for known in own.values()])
        weights /= weights.sum()
        shares = np.zeros(len(self.tasks))
        for weight, known in zip(weights, own.values(), strict=True):
            drive = _saturated(known.progress) if self._rule == "bidirectional" else np.abs(known.progress)
            total = drive.sum()
            shares += weight * (drive / total if total > 0.0 else 1.0 / len(shares))
        return shares

    def metrics(self) -> dict[str, float]:
        """Return the figures of `Ledger.metrics`, and the mean and greatest progress over all tasks."""
        figures = self._ledger.metrics()
        if self._known:
            progress = np.abs([known.progress for known in self._known.values()])
            figures |= {"progress/mean": float(progress.mean()), "progress/greatest": float(progress.max())}
        return figures

    def sketch(self) -> list[dict[str, Any]]:
        """Return the tasks that are drawn most; see `Sketches`."""
        shares = (1.0 - self._random) * self._shares("") + self._random / len(self.tasks)
        best = np.argsort(-shares, kind="stable")[:SHOWN]
        return [{"point": self.space.to_unit(self.tasks[k]).tolist(), "weight": float(shares[k])} for k in best]

    def state_dict(self) -> dict[str, Any]:
        """Return all that later proposals depend on; see `Teacher`."""
        return {
            "generator": self.rng.bit_generator.state,
            "meter": self.meter.state_dict(),
            "ledger": self._ledger.state_dict(),
            "told": self._told,
            "known": [[*key, known.state_dict()] for key, known in self._known.items()],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state; see `Teacher`."""
        self.rng.bit_generator.state = state["generator"]
        self.meter.load_state_dict(state["meter"])
        self._ledger.load_state_dict(state["ledger"])
        self._told = state["told"]
        self._known = {}
        for learner, opponents, known in state["known"]:
            self._known[learner, opponents] = _Successes(len(self.tasks), self._memory, self._rule)
            self._known[learner, opponents].load_state_dict(known)


class _Successes:
    """The successes of one learner against one class of opponents on each of T tasks.

    Attributes:
        progress: [T].
        lately: exponential average of the results that were its own, as of result number `last`.
    """

    def __init__(self, tasks: int, memory: int, rule: str) -> None:
        self.progress = np.zeros(tasks)
        self.lately, self.last = 0.0, 0
        self._rule, self._rate = rule, 1.0 / memory
        # the two averages, and what they would be if every success were 1; or the last successes and their times
        self._kept = np.zeros((4, tasks) if rule == "bidirectional" else (2, tasks, memory))
        self._count = np.zeros(tasks, np.int64)

    def add(self, k: int, success: float, time: int) -> None:
        """Add a success on task k."""
        self.lately = self.lately * 0.999 ** (time - self.last) + 1.0
        self.last = time
        kept, n = self._kept[:, k], int(self._count[k])
        if self._rule == "bidirectional":
            kept[:2] += self._rate * (np.array([success, 1.0]) - kept[:2])
            kept[2:] += self._rate * (kept[:2] - kept[2:])
            fast, slow = reweighted(kept[0] / kept[1]), reweighted(kept[2] / kept[3])
            self.progress[k] = abs(fast - slow)
        else:
            kept[:, n % kept.shape[1]] = success, time
            last = kept[:, : min(n + 1, kept.shape[1])]
            self.progress[k] = slope(last[1], last[0])
        self._count[k] += 1

    def state_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        arrays = [pack(array) for array in (self.progress, self._kept, self._count)]
        return {"arrays": arrays, "lately": self.lately, "last": self.last}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self.progress, self._kept, self._count = (unpack(array) for array in state["arrays"])
        self.lately, self.last = state["lately"], state["last"]


def reweighted(p: Any) -> Any:
    """Return f(p) of Kanitscheider et al.: 0 at 0, one half at `THETA`, 1 at 1."""
    return p * (1.0 - THETA) / (p + THETA * (1.0 - 2.0 * p))


def slope(x: Array, y: Array) -> float:
    """Return the slope of the least-squares line through points; 0 where x does not vary."""
    x = x - x.mean()
    spread = float(x @ x)
    return float(x @ y) / spread if spread > 0.0 else 0.0


def _saturated(progress: Array) -> Array:
    """Return the sigmoid of the standardised progress; equal values where all progress is the same."""
    spread = progress.std()
    z = (progress - progress.mean()) / spread if spread > 1e-12 else np.zeros_like(progress)
    weights: Array = 1.0 / (1.0 + np.exp(CENTRE - z))
    return weights


def _listed(space: TaskSpace, tasks: Any) -> tuple[Task, ...]:
    """Return the tasks of a list, or all that the space has."""
    if tasks is None:
        for name, parameter in space.items():
            if parameter.count == inf:
                raise InputError(
                    f"teacher 'learning_progress': parameter {name!r} has endless values; list the tasks under tasks"
                )
        if space.count > MOST:
            raise InputError(
                f"teacher 'learning_progress': the space has {space.count} tasks, more than {MOST}; list some under tasks"
            )
        return tuple(space.every())
    if not isinstance(tasks, list | tuple) or not tasks or not all(isinstance(t, Mapping) for t in tasks):
        raise InputError(f"teacher 'learning_progress' needs tasks: a list of parameter values, not {tasks!r}")
    if len(tasks) > MOST:
        raise InputError(f"teacher 'learning_progress': tasks has {len(tasks)} of them, more than {MOST}")
    return tuple(dict.fromkeys(space.task(values) for values in tasks))
