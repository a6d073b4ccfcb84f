"""What a report knows of the tasks that a teacher set in a run."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena.config import Config
from games import InputError, TaskSpace
from league.match import Record
from league.store import Store
from league.teachers.projection import Projection

__all__ = ["Curriculum", "curriculum_of"]

Array = NDArray[np.float64]

SAMPLE = 12_000
"""Matches that are looked at."""
ORIGINS = 7
"""Origins that are told apart: the most frequent ones."""
OTHER = "others"


@dataclass(frozen=True, kw_only=True)
class Curriculum:
    """The tasks of a sample of n training matches, in the order in which they were set.

    Attributes:
        space: that the tasks are from.
        points: [n, D] in its unit cube; NaN where a parameter means nothing.
        steps: [n] how far the run was.
        origins: [n] why the teacher set each of them.
        outcomes: [n] what came of each for the learner that it was made for; NaN where nothing did.
        measured: what that is.
        sketches: (step, shapes) of what the teacher believed.
        matches: matches in all.
    """

    space: TaskSpace
    points: Array
    steps: Array
    origins: NDArray[np.str_]
    outcomes: Array
    measured: str
    sketches: list[tuple[int, list[dict[str, Any]]]]
    matches: int

    def projection(self) -> Projection:
        """Return the space as pictures show it."""
        return Projection(self.space)


def curriculum_of(store: Store, config: Config) -> Curriculum | None:
    """Read which tasks were set in a run; None where it was one and the same, or the game cannot be made here."""
    try:
        space = config.rules().task_space
    except (InputError, ImportError):
        return None
    matches = store.count_matches().get("train", 0)
    if not len(space) or not matches:
        return None
    records = list(store.matches("train", share=SAMPLE / matches))
    if len({record.matchup.task.json for record in records}) < 2:
        return None
    measured = "success" if any("success" in record.metrics for record in records) else "return"
    frequent = {o for o, _ in Counter(record.matchup.origin for record in records).most_common(ORIGINS)}
    origins = [o if (o := record.matchup.origin) in frequent else OTHER for record in records]
    return Curriculum(
        space=space,
        points=Projection(space).points(record.matchup.task for record in records),
        steps=_steps(store, np.array([record.matchup.ordinal for record in records], dtype=float)),
        origins=np.array(origins),
        outcomes=np.array([_outcome(record, measured) for record in records]),
        measured=measured,
        sketches=[(step, [s for s in shapes if _fits(s, len(space))]) for step, shapes in store.sketches()],
        matches=matches,
    )


def _steps(store: Store, ordinals: Array) -> Array:
    """Return how far the run was when matches were made: teachers count what they were asked for."""
    asked = store.curve("teacher/asked")
    saved = store.checkpoint()
    last = float(saved[0]) if saved else 0.0
    known = [(0.0, 0.0), *((count, float(step)) for step, count in asked)]
    if len(known) == 1:
        known.append((float(ordinals.max(initial=0.0)) + 1.0, last))
    count, step = np.array(known).T
    return np.interp(ordinals, count, step)


def _outcome(record: Record, measured: str) -> float:
    if not record.reason.counts:
        return math.nan
    if measured == "success":
        return float(record.metrics.get("success", math.nan))
    asked = record.matchup
    learner = asked.why.partition(":")[0]
    own = [value for name, value in zip(asked.agents, record.returns, strict=True) if name == learner]
    return sum(own) / len(own) if own else math.nan


def _fits(shape: dict[str, Any], size: int) -> bool:
    return any(len(shape.get(name, ())) == size for name in ("mean", "low", "point"))
