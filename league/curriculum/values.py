"""What a learner's value estimates say about the episodes that it plays, for teachers that go by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from games import InputError
from league.curriculum.lesson import Asks
from league.teachers import Result, ValueStatistics
from league.values import ValueSums
from populations.learners.trajectories import CUT, Trajectories

__all__ = ["ValueTeller", "value_statistics"]


def value_statistics(
    rewards: ArrayLike, values: ArrayLike, last_value: float = 0.0, *, discount: float = 0.99, trace: float = 0.95
) -> ValueStatistics:
    """Return what the value estimates of one episode say about its task, as training in the arena computes it.

    Args:
        rewards: [T] what followed each decision, T at least 1.
        values: [T] the expected return as estimated at each decision.
        last_value: the same after the last one: 0 where the episode ended by its rules, an estimate where it was cut.
        discount: of the next decision's return, 0 to 1.
        trace: the lambda that weighs long against short estimates, 0 to 1.

    Raises:
        InputError: when rewards and values are not as many.
    """
    reward, value = (np.asarray(given, np.float32).ravel() for given in (rewards, values))
    n = len(reward)
    if n != len(value) or n == 0:
        raise InputError(f"value_statistics needs a value for each reward and at least one, not {len(value)} for {n}")
    follower = np.arange(1, n + 1)
    follower[-1] = CUT
    bootstrap = np.zeros(n, np.float32)
    bootstrap[-1] = last_value
    none = np.zeros(n, np.float32)
    match = np.zeros(n, np.int64)
    batch = Trajectories({}, None, none[:, None], none, value, reward, follower, bootstrap, match=match)
    sums = ValueSums()
    sums.add("", _Estimates(discount, trace), batch)
    found = sums.take(0, "")
    assert found is not None
    return found


class _Estimates:
    """What `ValueSums` asks of a learner."""

    def __init__(self, discount: float, trace: float) -> None:
        self._discount, self._trace = discount, trace

    def advantages(self, batch: Trajectories, *, trace: float | None = None) -> NDArray[np.float32]:
        """Return advantage estimates [R]."""
        from populations.learners.gae import advantages  # compiles a kernel: not for those who do without

        return advantages(batch, discount=self._discount, trace=self._trace if trace is None else trace)


class ValueTeller:
    """Collects rewards and value estimates of environments side by side, and tells a teacher of each episode that ends.

    For loops whose environments were wrapped with `tell=False`: what their infos say of an episode that ended lacks what only
    the loop knows.

    Args:
        teacher: to be told.
        slots: B, the number of environments.
        discount: as the learner has it.
        trace: as the learner has it.
    """

    def __init__(self, teacher: Asks, slots: int, *, discount: float = 0.99, trace: float = 0.95) -> None:
        self._teacher, self._discount, self._trace = teacher, discount, trace
        self._kept: list[list[tuple[float, float]]] = [[] for _ in range(slots)]

    def step(
        self,
        rewards: ArrayLike,
        values: ArrayLike,
        results: Sequence[Result | None],
        last_values: ArrayLike | None = None,
        *,
        version: int = 0,
    ) -> None:
        """Take in one step of all environments.

        Args:
            rewards: [B] what the step gave.
            values: [B] the expected return as estimated before it.
            results: [B] `info["curriculum"]["result"]` where an episode ended, else None.
            last_values: [B] the expected return after the step, for episodes that were cut; 0 where one ended by its rules, and
                where None.
            version: how often the learner's weights have changed.
        """
        reward, value = (np.asarray(given, np.float64).reshape(len(self._kept)) for given in (rewards, values))
        last = np.zeros(len(self._kept)) if last_values is None else np.asarray(last_values, np.float64).ravel()
        for slot, result in enumerate(results):
            self._kept[slot].append((float(reward[slot]), float(value[slot])))
            if result is not None:
                given, estimated = zip(*self._kept[slot], strict=True)
                self._kept[slot].clear()
                statistics = value_statistics(
                    given, estimated, float(last[slot]), discount=self._discount, trace=self._trace
                )
                self._teacher.tell(replace(result, values=statistics, version=version))
