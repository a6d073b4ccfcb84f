"""The teacher that learns which of several others to listen to."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from games import InputError, Task, TaskSpace
from league.match import match_seed
from league.teachers.arms import Choice, arms
from league.teachers.composite import Composite, Heard, Turn, made_by_name
from league.teachers.measure import Measure
from league.teachers.pack import pack, unpack

__all__ = ["Bandit"]

WINDOW = 500
"""Newest results that a result is compared with, and newest signals that a signal is ranked among."""
PAIRS = 256
"""Learners, opponent classes and teachers of which the last result is kept."""


class Bandit(Composite):
    """Learns which of several teachers to listen to: those on whose tasks most is learned.

    After Graves et al., "Automated curriculum learning for neural networks" (2017, arXiv 1704.03003), and Matiisen et al.,
    "Teacher-student curriculum learning" (2017, arXiv 1707.00183), with teachers in the place of their tasks. A result gives
    the bandit a signal:

        progress    |v - v'|, with v the value of this result and v' that of the nearest task among the newest results of the
                    same learner against the same class of opponents, whichever teacher set it
        change      v - v', with v' the value of the last result that this learner got against this class on a task of the same
                    teacher (the online reward of Matiisen et al.)

    and the signal becomes a reward from 0 to 1 as in Graves et al., section 3.2: 0 up to the 20th percentile of earlier
    signals, 1 from the 80th on, linear between; 0.5 while these are the same and the signal equals them. Their percentiles
    are over a sample of all history, ours over the newest 500 signals, since early ones are often the largest. The first
    result of its kind gives no signal.

    Args:
        space: the game's task space.
        seed: of its choices; the inner teachers have seeds made from it and their names.
        teachers: name to inner teacher: its kind, with its options beside it.
        rule: the bandit: its kind, with its options beside it. `exp3s` (rate, epsilon, memory) and `exp3.1` make no assumption
            about the rewards; `ucb` and `thompson` (memory) take them to change seldom. Packages add theirs under the entry
            point group `arena.bandits`.
        signal: what a teacher is chosen for.
        measure: how results are read.

    Raises:
        InputError: for an inner teacher or a rule that cannot be made, or another signal.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        teachers: Mapping[str, Mapping[str, Any]],
        rule: Mapping[str, Any] = {"kind": "exp3s"},
        signal: Literal["progress", "change"] = "progress",
        measure: Measure = Measure(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(space, seed, made_by_name("bandit", teachers, space, seed), measure=measure)
        if signal not in ("progress", "change"):
            raise InputError(f"teacher 'bandit': signal must be progress or change, not {signal!r}")
        if not isinstance(rule, Mapping) or not isinstance(rule.get("kind"), str):
            raise InputError(f"teacher 'bandit': rule must be its kind, with its options beside it, not {rule!r}")
        options = {name: value for name, value in rule.items() if name != "kind"}
        try:
            self.arms = arms.make(rule["kind"], len(self.inner), options=options)
        except InputError as error:
            raise InputError(f"teacher 'bandit': {error}") from None
        self._signal = signal
        self._names = list(self.inner)
        self._ranks = _Ranks()
        self._near = _Nearest(len(space))
        self._last: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    def turn(self, learner: str) -> Turn:
        """Return the teacher that the bandit chooses."""
        choice = self.arms.choose(self.rng)
        return Turn(self._names[choice.arm], choice.probability)

    def about(self, task: Task) -> Any:
        """Return the task's point in the unit cube, where tasks are compared."""
        return self.space.to_unit(task).tolist() if self._signal == "progress" else None

    def heard(self, heard: Heard) -> None:
        """Tell the bandit how much was learned."""
        signal = self._progress(heard) if self._signal == "progress" else self._change(heard)
        if signal is not None:
            reward = self._ranks.reward(signal)
            self.arms.update(Choice(self._names.index(heard.name), heard.probability), reward)

    def _progress(self, heard: Heard) -> float | None:
        point, result = np.array(heard.about), heard.result
        earlier = self._near.find(point, result.learner, result.opponents)
        self._near.add(point, heard.value, result.learner, result.opponents)
        return None if earlier is None else abs(heard.value - earlier)

    def _change(self, heard: Heard) -> float | None:
        key = (heard.result.learner, heard.result.opponents, heard.name)
        earlier = self._last.pop(key, None)
        self._last[key] = heard.value
        if len(self._last) > PAIRS:
            self._last.popitem(last=False)
        return None if earlier is None else heard.value - earlier

    def forget(self, learner: str) -> None:
        """Drop what results of a learner would be compared with; see `Forgets`."""
        super().forget(learner)
        self._near.forget(learner)
        for key in [key for key in self._last if key[0] == learner]:
            del self._last[key]

    def shares(self) -> dict[str, float]:
        """Return the probability with which each teacher is chosen now."""
        return dict(zip(self._names, map(float, self.arms.shares()), strict=True))

    def own_metrics(self) -> dict[str, float]:
        """Return these probabilities."""
        return {f"share/{name}": share for name, share in self.shares().items()}

    def own_state(self) -> dict[str, Any]:
        """Return the bandit, and what signals are made from."""
        return {
            "arms": self.arms.state_dict(),
            "ranks": list(self._ranks.signals),
            "near": self._near.state_dict(),
            "last": [[*key, value] for key, value in self._last.items()],
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self.arms.load_state_dict(state["arms"])
        self._ranks = _Ranks(state["ranks"])
        self._near.load_state_dict(state["near"])
        self._last = OrderedDict(((learner, opponents, name), v) for learner, opponents, name, v in state["last"])


class _Ranks:
    """The newest signals, also in order, and what a signal is worth among them."""

    def __init__(self, signals: list[float] | None = None) -> None:
        self.signals = deque(signals or [])
        self._sorted = sorted(self.signals)

    def reward(self, signal: float) -> float:
        """Return a signal as a reward in [0, 1], and add it to them."""
        low, high = (self._quantile(q) for q in (0.2, 0.8)) if self._sorted else (signal, signal)
        if high > low:
            reward = min(max((signal - low) / (high - low), 0.0), 1.0)
        else:
            reward = 0.5 + 0.5 * float((signal > high) - (signal < low))
        self.signals.append(signal)
        insort(self._sorted, signal)
        if len(self.signals) > WINDOW:
            del self._sorted[bisect_left(self._sorted, self.signals.popleft())]
        return reward

    def _quantile(self, q: float) -> float:
        place = q * (len(self._sorted) - 1)
        k = int(place)
        below, above = self._sorted[k], self._sorted[min(k + 1, len(self._sorted) - 1)]
        return below + (place - k) * (above - below)


class _Nearest:
    """The newest results, and the nearest of them that may be compared with another one."""

    def __init__(self, size: int) -> None:
        self._points, self._values = np.zeros((WINDOW, size)), np.zeros(WINDOW)
        self._learners, self._classes = np.full(WINDOW, -1, np.int64), np.full(WINDOW, -1, np.int64)  # hashes
        self._count = 0

    def find(self, point: np.ndarray, learner: str, opponents: str) -> float | None:
        """Return the value of the nearest task of this learner against this class; None when there is none."""
        rows = np.flatnonzero((self._learners == match_seed(learner)) & (self._classes == match_seed(opponents)))
        if not rows.size:
            return None
        gap = self._points[rows] - point
        return float(self._values[rows[np.einsum("nd,nd->n", gap, gap).argmin()]])

    def add(self, point: np.ndarray, value: float, learner: str, opponents: str) -> None:
        """Add a result, in the place of the oldest."""
        k = self._count % WINDOW
        self._points[k], self._values[k] = point, value
        self._learners[k], self._classes[k] = match_seed(learner), match_seed(opponents)
        self._count += 1

    def forget(self, learner: str) -> None:
        """Drop the results of a learner."""
        self._learners[self._learners == match_seed(learner)] = -1

    def state_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        arrays = (self._points, self._values, self._learners, self._classes)
        return {"arrays": [pack(array) for array in arrays], "count": self._count}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self._points, self._values, self._learners, self._classes = (unpack(array) for array in state["arrays"])
        self._count = state["count"]
