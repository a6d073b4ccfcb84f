"""What a teacher has proposed, and which of it came back."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from games import Task, TaskSpace
from league.teachers.teacher import Proposal, Result

__all__ = ["Ledger"]

OPEN = 65_536
"""Proposals that may be without any result; the oldest are given up."""
TOLD = 1_024
"""Proposals of which a result came and that wait for those of other learners."""
RECENT = 256
"""Proposals and values that `metrics` are about."""


class Ledger:
    """Numbers the proposals of one teacher, and finds what it noted about each when a result comes.

    Args:
        space: of the tasks.
    """

    def __init__(self, space: TaskSpace) -> None:
        self._space = space
        self.asked = self.told = self.ignored = self.refused = 0
        self._open: dict[int, Any] = {}
        self._told: dict[int, tuple[Any, list[str]]] = {}
        self._tasks: deque[tuple[Task, str]] = deque(maxlen=RECENT)
        self._values: deque[float] = deque(maxlen=RECENT)

    def open(
        self,
        task: Task,
        origin: str,
        note: Any = None,
        *,
        train_allowed: bool = True,
        opponents: str = "",
        player: str = "",
    ) -> Proposal:
        """Return the next proposal.

        Args:
            task: what to play.
            origin: why.
            note: what `close` shall return; plain JSON values.
            train_allowed: whether learners may learn from it.
            opponents: class of opponents that it is meant for.
            player: agent that plays in the learner's place.
        """
        number = self.asked
        self.asked += 1
        self._open[number] = note
        if len(self._open) > OPEN:
            del self._open[next(iter(self._open))]
        self._tasks.append((task, origin))
        return Proposal(number, task, origin, train_allowed, opponents, player)

    def close(self, result: Result, value: float) -> tuple[Any] | None:
        """Return the note of a result's proposal, in a tuple of one; None for a result to which there is nothing to learn.

        That is one whose value is not finite, whose proposal is unknown or forgotten, or that the same learner told before.

        Args:
            result: what came.
            value: what it is measured by.
        """
        number = result.id
        if not (isfinite(value) and isfinite(result.total_return)):
            self.refused += 1
            return None
        if number in self._open:
            note = self._open.pop(number)
            self._told[number] = (note, [result.learner])
            if len(self._told) > TOLD:
                del self._told[next(iter(self._told))]
        elif number in self._told and result.learner not in self._told[number][1]:
            note, learners = self._told[number]
            learners.append(result.learner)
        else:
            self.ignored += 1
            return None
        self.told += 1
        self._values.append(value)
        return (note,)

    def metrics(self) -> dict[str, float]:
        """Return counts, and figures about the latest proposals and values.

        `entropy` is the mean over parameters of the entropy of their values in ten equal parts of the unit interval, 1 for
        even use; `most_frequent` the share of the task that was set most often; `origin/NAME` the share of each origin.
        """
        figures = {
            "asked": float(self.asked),
            "told": float(self.told),
            "ignored": float(self.ignored),
            "refused": float(self.refused),
        }
        if self._tasks:
            count = len(self._tasks)
            origins = Counter(origin for _, origin in self._tasks)
            figures |= {f"origin/{origin}": times / count for origin, times in sorted(origins.items())}
            figures["most_frequent"] = Counter(task for task, _ in self._tasks).most_common(1)[0][1] / count
            if len(self._space):
                figures["entropy"] = self._entropy()
        if self._values:
            quantiles = np.quantile(np.array(self._values), (0.1, 0.5, 0.9))
            figures |= dict(zip(("value/low", "value/median", "value/high"), map(float, quantiles), strict=True))
        return figures

    def _entropy(self) -> float:
        points = np.array([self._space.to_unit(task) for task, _ in self._tasks])
        parts = np.clip((points * 10).astype(int), 0, 9)
        share = np.stack([(parts == k).mean(axis=0) for k in range(10)])
        return float(-(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=0).mean() / np.log(10))

    def state_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "counts": [self.asked, self.told, self.ignored, self.refused],
            "open": [[number, note] for number, note in self._open.items()],
            "told": [[number, note, learners] for number, (note, learners) in self._told.items()],
            "tasks": [[dict(task), origin] for task, origin in self._tasks],
            "values": list(self._values),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self.asked, self.told, self.ignored, self.refused = state["counts"]
        self._open = dict(state["open"])
        self._told = {number: (note, list(learners)) for number, note, learners in state["told"]}
        self._tasks = deque(((Task(values), origin) for values, origin in state["tasks"]), maxlen=RECENT)
        self._values = deque(state["values"], maxlen=RECENT)
