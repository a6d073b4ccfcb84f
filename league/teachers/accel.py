"""The teacher that edits levels worth coming back to: ACCEL."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from games import InputError, Scalar, TaskSpace
from league.teachers.box import edges as box_edges
from league.teachers.checks import require_choice, require_least, require_positive, require_share
from league.teachers.cube import Draw, Told
from league.teachers.levels import Priority
from league.teachers.measure import Measure
from league.teachers.plr import Plr, Score

__all__ = ["Accel"]

EASY = 4
"""Levels of a batch that `parents: easy` edits."""


class _Parent(NamedTuple):
    """A replayed level that may be edited."""

    point: list[float]
    key: str
    edits: int
    ease: float


class Accel(Plr):
    """Replays the tasks from which most is to be learned, and small edits of these (ACCEL).

    Parker-Holder et al., "Evolving curricula with regret-based environment design" (ICML 2022, arXiv 2203.01302): robust
    PLR (`Plr`), and after every batch of replayed levels, with probability `edit`, as many levels are made by small changes of
    some of them (`TaskSpace.mutate`). Edits, like new levels, are played to be scored and not learned from, and enter the
    buffer if their score is good enough. So what is learned from moves away from easy tasks as fast as there are levels that
    the learner does not master yet. New levels come from a box of easy tasks, not from the whole space.

    The parents are the whole batch (`batch`), or the four levels of it that are easiest now, each as often as makes up a
    batch (`easy`). Easy is where the return, less the level's score, is high. The released code (facebookresearch/dcd) takes
    the four where it is lowest, or with fewer than four processes highest, and before issue 11 it always took the first of
    the batch. Ours takes the highest.

    The paper's walkers change three of eight parameters by up to 4 to 6 per cent of their range, two times in three. Ours
    change as many, by Gaussian steps.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read; see `Plr`.
        score, priority, temperature, k, staleness, replay, decision, fill, buffer, evict, alpha, window: as in `Plr`; a
            replay is more likely here.
        edits: parameters that an edit changes.
        scale: standard deviation of a change, as a share of the parameter's range.
        edit: probability that a batch of replayed levels is followed by one of edits.
        batch: levels of a batch.
        parents: which of them are edited.
        start: side of the box of easy tasks as a share of each parameter's range; it lies around the default task. 1 for new
            levels from the whole space.
        low: parameter to its lowest value in new levels, for those that do not follow `start`.
        high: parameter to its highest value in new levels, likewise.
        faithful: as in `Plr`; and the easiest levels of a batch are those that the released code takes.

    Raises:
        InputError: for unknown parameters, an unknown choice, or a number out of its range.
    """

    _name = "accel"

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        score: Score = "positive_value_loss",
        priority: Priority = "rank",
        temperature: float = 0.1,
        k: int = 4,
        staleness: float = 0.5,
        replay: float = 0.9,
        decision: Literal["fixed", "proportionate"] = "fixed",
        fill: float = 0.5,
        buffer: int = 1000,
        evict: Literal["weight", "score"] = "weight",
        alpha: float = 1.0,
        window: int = 10,
        edits: int = 3,
        scale: float = 0.05,
        edit: float = 1.0,
        batch: int = 16,
        parents: Literal["batch", "easy"] = "batch",
        start: float = 0.2,
        low: Mapping[str, Scalar] = {},
        high: Mapping[str, Scalar] = {},
        faithful: bool = False,
    ) -> None:
        super().__init__(
            space,
            seed,
            measure=measure,
            score=score,
            robust=True,
            priority=priority,
            temperature=temperature,
            k=k,
            staleness=staleness,
            replay=replay,
            decision=decision,
            fill=fill,
            buffer=buffer,
            evict=evict,
            alpha=alpha,
            window=window,
            faithful=faithful,
        )
        require_choice("accel", "parents", parents, ("batch", "easy"))
        require_share("accel", edit=edit, start=start)
        require_least("accel", edits=(edits, 1), batch=(batch, 1))
        require_positive("accel", scale=scale)
        self._edits, self._scale, self._edit = edits, scale, edit
        self._size, self._easy, self._hardest = batch, parents == "easy", faithful
        self._low, self._high = _easy_box(space, start, low, high)
        self._batch: list[_Parent] = []
        self._queue: deque[_Parent] = deque(maxlen=4 * batch)  # to be edited

    def draw(self, learner: str) -> Draw:
        """Return an edit that is due, a level of the buffer, or a new one."""
        if not self._queue:
            return super().draw(learner)
        parent = self._queue.popleft()
        task = self.space.from_unit(np.array(parent.point))
        child = self.space.mutate(task, self.rng, edits=self._edits, scale=self._scale)
        note = [self.buffer.tick(), parent.key, parent.edits + 1, False]
        return Draw(self.space.to_unit(child), "edit", False, note)

    def unseen(self) -> np.ndarray:
        """Return a new level [D] float64 of the box of easy tasks."""
        return self._low + (self._high - self._low) * self.rng.random(self.size)

    def learn(self, told: Told) -> None:
        """Score a level, keep it if its score is good enough, and after a batch of replays see to edits."""
        level = self.enter(told)
        if not told.note[-1]:
            return
        ease = told.result.total_return - level.score(self._alpha)
        self._batch.append(_Parent(level.point, level.key, level.edits, ease))
        if len(self._batch) < self._size:
            return
        batch, self._batch = self._batch, []
        if self.rng.random() < self._edit:
            if self._easy:
                batch.sort(key=lambda parent: parent.ease, reverse=not self._hardest)
                batch = [batch[i % min(EASY, len(batch))] for i in range(len(batch))]
            self._queue.extend(batch)

    def own_metrics(self) -> dict[str, float]:
        """Return the figures of PLR, and how often the levels of the buffer were edited, on average."""
        edits = [level.edits for level in self.buffer.levels]
        return super().own_metrics() | ({"edits": float(np.mean(edits))} if edits else {})

    def own_state(self) -> dict[str, Any]:
        """Return the buffer, and who is to be edited."""
        waiting = {"batch": [list(p) for p in self._batch], "queue": [list(p) for p in self._queue]}
        return super().own_state() | waiting

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a buffer."""
        super().load_own_state(state)
        self._batch = [_Parent(*parent) for parent in state["batch"]]
        self._queue.clear()
        self._queue.extend(_Parent(*parent) for parent in state["queue"])


def _easy_box(
    space: TaskSpace, start: float, low: Mapping[str, Scalar], high: Mapping[str, Scalar]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper edges [D] of the box of easy tasks in the unit cube."""
    bounds = np.array([box_edges("accel", space, "low", low, 0), box_edges("accel", space, "high", high, 1)])
    bounds = bounds.reshape(2, len(space))
    default = space.to_unit(space.task())
    for d, name in enumerate(space):
        if name not in low and name not in high:
            bounds[0, d] = min(max(default[d] - start / 2, 0.0), 1.0 - start)
            bounds[1, d] = bounds[0, d] + start
        if bounds[0, d] > bounds[1, d]:
            raise InputError(f"teacher 'accel': low of {name!r} is above its high")
    return bounds[0], bounds[1]
