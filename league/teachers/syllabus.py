"""The teacher that follows a plan: stages in a fixed order."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any

import numpy as np

from games import InputError, TaskSpace
from games.errors import suggestion
from league.teachers.composite import Composite, Heard, Turn, made
from league.teachers.measure import Measure
from league.teachers.teacher import Teacher

__all__ = ["Syllabus", "Until"]


@dataclass(frozen=True, kw_only=True)
class Until:
    """What ends a stage: all that is given here must hold. Only what belongs to the stage counts.

    Attributes:
        proposals: so many tasks were set.
        results: so many results came.
        steps: they took so many steps of their matches together.
        above: the mean value of the newest results is above this, in the units of the syllabus's `measure`.
        newest: how many these are; there must be so many.
    """

    proposals: int | None = None
    results: int | None = None
    steps: int | None = None
    above: float | None = None
    newest: int = 100

    def __post_init__(self) -> None:
        for name in ("proposals", "results", "steps", "newest"):
            count = getattr(self, name)
            missing = count is None and name != "newest"
            if not missing and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
                raise InputError(f"until.{name} must be a whole number, at least 1, not {count!r}")
        if self.above is not None and (
            isinstance(self.above, bool) or not isinstance(self.above, int | float) or not isfinite(self.above)
        ):
            raise InputError(f"until.above must be a number, not {self.above!r}")
        if all(end is None for end in (self.proposals, self.results, self.steps, self.above)):
            raise InputError("until must give proposals, results, steps or above")


class Syllabus(Composite):
    """Follows a plan of stages, each with tasks of its own and an end; the last one stays.

    Sequential curricula with stopping conditions, as in Sullivan et al., "Syllabus" (arXiv 2411.11318). Results that come late
    go to the stage that asked for them, and count for nothing else.

    A stage is a mapping with `until` and one of these:

        kind        a teacher, with its options beside it
        tasks       a list of tasks, in turn (short for the kind `fixed`)
        low, high   a box of the task space, which may widen (short for the kind `box`)

    `until` is a mapping (see `Until`), all of which must hold, or a list of them, one of which must.

    Args:
        space: the game's task space.
        seed: the stages have seeds made from it.
        stages: in order.
        measure: how results are read for `above`.

    Raises:
        InputError: for a stage that cannot be made, one before the last that has no end, or a last one that has.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        stages: tuple[Mapping[str, Any], ...],
        measure: Measure = Measure(),  # noqa: B008 - frozen
    ) -> None:
        if not isinstance(stages, Sequence) or not stages or not all(isinstance(s, Mapping) for s in stages):
            raise InputError(
                f"teacher 'syllabus' needs stages: a list, each with what it sets and until when, not {stages!r}"
            )
        inner: dict[str, Teacher] = {}
        self._until: list[tuple[Until, ...]] = []
        for k, stage in enumerate(stages, 1):
            inner[str(k)] = made("syllabus", f"stage {k}", _part(k, stage), space, seed)
            self._until.append(_untils(k, stage.get("until")))
            if k < len(stages) and not self._until[-1]:
                raise InputError(f"teacher 'syllabus', stage {k}: it needs until: when the next stage begins")
        if self._until[-1]:
            raise InputError(f"teacher 'syllabus', stage {len(stages)}: the last stage stays, so it takes no until")
        super().__init__(space, seed, inner, measure=measure)
        self._stage = 0  # how many are over
        self._begin()

    def _begin(self) -> None:
        """Count from nothing."""
        self._proposals = self._results = self._steps = 0
        longest = max((until.newest for until in self._until[self._stage]), default=100)
        self._newest: deque[float] = deque(maxlen=longest)

    def _advance(self) -> None:
        """Begin the next stage when this one has reached its end."""
        if any(self._holds(until) for until in self._until[self._stage]):
            self._stage += 1
            self._begin()

    def _holds(self, until: Until) -> bool:
        return (
            self._proposals >= (until.proposals or 0)
            and self._results >= (until.results or 0)
            and self._steps >= (until.steps or 0)
            and (until.above is None or self._mean(until.newest) > until.above)
        )

    def _mean(self, newest: int) -> float:
        if len(self._newest) < newest:
            return float("-inf")
        return float(np.mean(list(self._newest)[-newest:]))

    def turn(self, learner: str) -> Turn:
        """Return the stage that goes on now."""
        self._advance()
        self._proposals += 1
        return Turn(str(self._stage + 1))

    def heard(self, heard: Heard) -> None:
        """Count a result of this stage."""
        if heard.name == str(self._stage + 1):
            self._results += 1
            self._steps += heard.result.length
            self._newest.append(heard.value)
            self._advance()

    def shares(self) -> dict[str, float]:
        """Return the stage that goes on now."""
        return {str(self._stage + 1): 1.0}

    def own_metrics(self) -> dict[str, float]:
        """Return the number of the stage, from 1, and its results and steps so far."""
        return {"stage": self._stage + 1.0, "results": float(self._results), "steps": float(self._steps)}

    def own_state(self) -> dict[str, Any]:
        """Return where it stands in the plan."""
        return {
            "stage": self._stage,
            "counts": [self._proposals, self._results, self._steps],
            "newest": list(self._newest),
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a place in the plan."""
        self._stage = state["stage"]
        self._begin()
        self._proposals, self._results, self._steps = state["counts"]
        self._newest.extend(state["newest"])


def _part(k: int, stage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the teacher of a stage: its kind, with its options beside it."""
    part = {name: value for name, value in stage.items() if name != "until"}
    if "kind" in part:
        return part
    if "tasks" in part:
        return {"kind": "fixed", **part}
    if "low" in part or "high" in part:
        return {"kind": "box", **part}
    raise InputError(
        f"teacher 'syllabus', stage {k}: it needs the kind of a teacher, tasks, or the low and high of a box"
    )


def _untils(k: int, given: Any) -> tuple[Until, ...]:
    """Return the ends of a stage, of which one is enough; none when none is given."""
    if given is None:
        return ()
    listed = [given] if isinstance(given, Mapping) else given
    if not isinstance(listed, list | tuple) or not listed or not all(isinstance(u, Mapping) for u in listed):
        raise InputError(
            f"teacher 'syllabus', stage {k}: until must be keys and values, or a list of those, not {given!r}"
        )
    known = [field.name for field in fields(Until)]
    for until in listed:
        for name in until:
            if name not in known:
                hint = suggestion(str(name), known) or f" (it has: {', '.join(known)})"
                raise InputError(f"teacher 'syllabus', stage {k}: until has no {name!r}{hint}")
    try:
        return tuple(Until(**until) for until in listed)
    except InputError as error:
        raise InputError(f"teacher 'syllabus', stage {k}: {error}") from None
