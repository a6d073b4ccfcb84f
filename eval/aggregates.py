"""Few runs, many tasks: aggregates that a single lucky run does not move, with intervals from resampling runs.

Source: Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021. Scores are
arrays [runs, tasks], brought to one scale before, for example 0 for a random agent and 1 for the best known one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.intervals import Interval

__all__ = [
    "Profile",
    "iqm",
    "optimality_gap",
    "performance_profile",
    "probability_of_improvement",
    "stratified_bootstrap",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """The share of runs above each threshold.

    Attributes:
        threshold: [T].
        share: [T] of runs, over all tasks, that score more.
        low, high: [T] percentile bootstrap interval of each share.
        confidence: what each interval covers.
    """

    threshold: Array
    share: Array
    low: Array
    high: Array
    confidence: float


def iqm(scores: ArrayLike) -> float:
    """Return the interquartile mean: of the runs of all tasks together, without the best and the worst quarter.

    A quarter is rounded down to whole runs.

    Args:
        scores: [runs, tasks].

    Raises:
        ValueError: for scores that are no such table of finite numbers.
    """
    ordered = np.sort(_table(scores), axis=None)
    quarter = len(ordered) // 4
    return float(ordered[quarter : len(ordered) - quarter].mean())


def optimality_gap(scores: ArrayLike, *, target: float = 1.0) -> float:
    """Return how far runs fall short of a target on average; what lies above it makes up for nothing.

    Args:
        scores: [runs, tasks].
        target: the score that is good enough.

    Raises:
        ValueError: as for `iqm`.
    """
    return float(target - np.minimum(_table(scores), target).mean())


def probability_of_improvement(scores: ArrayLike, other: ArrayLike) -> float:
    """Return how likely a run beats a run of the other's on the same task, averaged over tasks; ties count half.

    Args:
        scores: [runs, tasks].
        other: [runs of the other, tasks].

    Raises:
        ValueError: as for `iqm`, or for another number of tasks.
    """
    x, y = _same_tasks([scores, other])
    ahead = np.sign(x[:, None, :] - y[None, :, :])
    return float(0.5 + 0.5 * ahead.mean())


def performance_profile(
    scores: ArrayLike, thresholds: ArrayLike, *, samples: int = 2000, seed: int = 0, confidence: float = 0.95
) -> Profile:
    """Return what share of runs scores more than each threshold: the whole distribution at a glance.

    Args:
        scores: [runs, tasks].
        thresholds: [T].
        samples: as for `stratified_bootstrap`.
        seed: as for `stratified_bootstrap`.
        confidence: of the interval of each share.

    Raises:
        ValueError: as for `stratified_bootstrap`.
    """
    threshold = np.asarray(thresholds, dtype=np.float64)

    def share(table: Array) -> Array:
        return np.mean(table[:, :, None] > threshold, axis=(0, 1))

    value, low, high = _resampled(share, [_table(scores)], samples, seed, confidence, False)
    return Profile(threshold=threshold, share=value, low=low, high=high, confidence=confidence)


def stratified_bootstrap(
    statistic: Callable[..., float],
    *scores: ArrayLike,
    samples: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
    new_tasks: bool = False,
) -> Interval:
    """Return a statistic with its percentile bootstrap interval; its count is the number of scores in the smallest table.

    Runs are drawn with replacement within each task, each task and each table for itself. Tasks stay, so the interval says
    nothing of other tasks, unless those at hand are drawn, too.

    Args:
        statistic: of tables [runs, tasks], for example `iqm` of one or `probability_of_improvement` of two.
        scores: the tables.
        samples: number of resamples, at least 2.
        seed: of the resampling; the same seed gives the same interval.
        confidence: nominal coverage.
        new_tasks: draw tasks with replacement, too, the same ones for all tables: for tasks that are themselves a sample,
            as generated ones are.

    Raises:
        ValueError: for tables of unequal numbers of tasks, or options out of range.
    """
    tables = _same_tasks(list(scores))
    value, low, high = _resampled(statistic, tables, samples, seed, confidence, new_tasks)
    return Interval(float(value), float(low), float(high), min(table.size for table in tables))


def _resampled(
    statistic: Callable[..., ArrayLike],
    tables: list[Array],
    samples: int,
    seed: int,
    confidence: float,
    new_tasks: bool,
) -> tuple[Array, Array, Array]:
    if samples < 2:
        raise ValueError(f"samples must be at least 2, not {samples}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    rng = np.random.default_rng(seed)
    tasks = np.arange(tables[0].shape[1])
    found = []
    for _ in range(samples):
        columns = rng.choice(tasks, len(tasks)) if new_tasks else tasks
        found.append(statistic(*(table[rng.integers(len(table), size=table.shape), columns] for table in tables)))
    low, high = np.quantile(np.array(found), [0.5 - confidence / 2.0, 0.5 + confidence / 2.0], axis=0)
    return np.asarray(statistic(*tables)), low, high


def _table(scores: ArrayLike) -> Array:
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or not table.size or not np.all(np.isfinite(table)):
        raise ValueError(f"scores must be finite numbers, [runs, tasks], not of shape {table.shape}")
    return table


def _same_tasks(scores: list[ArrayLike]) -> list[Array]:
    tables = [_table(table) for table in scores]
    if len({table.shape[1] for table in tables}) != 1:
        raise ValueError(f"all tables must have the same tasks, not {[table.shape[1] for table in tables]} of them")
    return tables
