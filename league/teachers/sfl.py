"""The teacher that looks for tasks that are sometimes solved: sampling for learnability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import TaskSpace
from league.teachers.checks import require_least, require_share
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure
from league.teachers.pack import pack, unpack
from league.teachers.scoring import Scoring, of_learner
from league.teachers.teacher import SHOWN, Result

__all__ = ["Sfl", "learnability"]

Array = NDArray[np.float64]


class _Pupil:
    """What is known of one learner: the tasks it trains on, and the search that goes on, if one does."""

    def __init__(self, size: int) -> None:
        self.buffer: Array = np.zeros((0, size))
        self.scoring: Scoring | None = None
        self.number = -1  # of the search
        self.since: int | None = None  # results since the last one; None before the first


class Sfl(CubeTeacher):
    """Searches for tasks that are solved now and then, and trains on those.

    Sampling for learnability of Rutherford et al., "No regrets: investigating and improving regret approximations for
    curriculum discovery" (NeurIPS 2024, arXiv 2408.15099). From time to time random candidates are played, `rollouts` times
    each, to be scored and not learned from. With p the share of successes, those of the highest learnability p (1 - p)
    become the buffer, and the old one is forgotten. Until the next search a share of the tasks is drawn evenly from the
    buffer and the others from the whole space. Each learner has searches and a buffer of its own. While the last results
    of a search are waited for, tasks are drawn as before it.

    Only matches that ended count. The released code takes the mean over no episode where none of a candidate's finished, and
    the resulting NaN sorts among the best; here a candidate needs two results. Estimates from n results are multiplied by
    n / (n - 1), which makes p (1 - p) unbiased, so candidates with different counts can be compared. Candidates that were
    always or never solved do not enter the buffer, unless `faithful`.

    The paper scores 5000 to 25000 candidates and keeps 100 to 1000, on hardware that plays thousands of matches at once. The
    defaults spend about as large a share of the matches on the search, and are smaller. A success is what the game calls one,
    or a return above `measure.success_above`. Without either it is the place of the return in its range, and p its mean.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read.
        candidates: tasks of a search.
        rollouts: matches on each.
        keep: best candidates that become the buffer.
        every: results of a learner on tasks it learns from, between two searches.
        share: how much is drawn from the buffer, rho.
        patience: proposals to a learner after the last one of a search, beyond which missing results are given up.
        faithful: fills the buffer also with candidates that were always or never solved.

    Raises:
        InputError: for a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        candidates: int = 200,
        rollouts: int = 4,
        keep: int = 40,
        every: int = 1600,
        share: float = 0.5,
        patience: int = 1000,
        faithful: bool = False,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        require_least(
            "sfl",
            candidates=(candidates, 1),
            rollouts=(rollouts, 2),  # after one result p (1 - p) is 0 for any task
            keep=(keep, 1),
            every=(every, 1),
            patience=(patience, 0),
        )
        require_share("sfl", share=share)
        self._candidates, self._rollouts, self._keep, self._every = candidates, rollouts, keep, every
        self._share, self._patience, self._faithful = share, patience, faithful
        self._pupils: dict[str, _Pupil] = {}  # who asked last comes last
        self._searches = 0

    def draw(self, learner: str) -> Draw:
        """Return a candidate that is to be scored, a task of the buffer, or any task."""
        pupil = of_learner(self._pupils, learner, lambda: _Pupil(self.size))
        if pupil.scoring is None and (pupil.since is None or pupil.since >= self._every):
            pupil.scoring = Scoring(self.rng.random((self._candidates, self.size)), self._rollouts, self._patience)
            pupil.number = self._searches
            self._searches += 1
        if pupil.scoring is not None:
            index = pupil.scoring.next()
            if index is not None:
                return Draw(pupil.scoring.points[index], "candidate", False, [learner, pupil.number, index])
            self._finish(pupil)
        note = [learner, -1, -1]
        if len(pupil.buffer) and self.rng.random() < self._share:
            return Draw(pupil.buffer[self.rng.integers(len(pupil.buffer))], "learnable", note=note)
        return Draw(self.rng.random(self.size), "uniform", note=note)

    def learn(self, told: Told) -> None:
        """Count a success on a candidate, or a result until the next search."""
        learner, number, index = told.note
        pupil = self._pupils.get(learner)
        if pupil is None or not _own(told.result, learner):
            return
        if number < 0:
            pupil.since = (pupil.since or 0) + 1 if pupil.scoring is None else pupil.since
        elif pupil.scoring is not None and number == pupil.number:
            pupil.scoring.add(index, self.meter.success(told.result))
            self._finish(pupil)

    def _finish(self, pupil: _Pupil) -> None:
        """Make the buffer of a search that is over."""
        scoring = pupil.scoring
        if scoring is None or not scoring.over:
            return
        scores = learnability(scoring.mean, scoring.count)
        best = np.argsort(-scores, kind="stable")[: self._keep]
        least = 0.0 if self._faithful else 1e-9
        pupil.buffer = scoring.points[[k for k in best if scores[k] >= least]]
        pupil.scoring, pupil.since = None, 0

    def forget(self, learner: str) -> None:
        """Drop the search and the buffer of a learner whose weights were replaced."""
        self._pupils.pop(learner, None)

    def own_metrics(self) -> dict[str, float]:
        """Return how many searches began, and the mean size of the learners' buffers."""
        sizes = [len(pupil.buffer) for pupil in self._pupils.values()]
        return {"searches": float(self._searches), "levels": float(np.mean(sizes)) if sizes else 0.0}

    def sketch(self) -> list[dict[str, Any]]:
        """Return tasks of the buffers, those of the learner that asked last first."""
        buffers = [pupil.buffer for pupil in reversed(self._pupils.values()) if len(pupil.buffer)]
        shapes = [
            {"point": point.tolist(), "weight": self._share / len(buffer) / len(buffers)}
            for buffer in buffers
            for point in buffer
        ]
        return shapes[:SHOWN]

    def own_state(self) -> dict[str, Any]:
        """Return all searches and buffers."""
        pupils = [
            [name, pack(p.buffer), p.scoring and p.scoring.state_dict(), p.number, p.since]
            for name, p in self._pupils.items()
        ]
        return {"pupils": pupils, "searches": self._searches}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to searches and buffers."""
        self._searches = state["searches"]
        self._pupils = {}
        for name, buffer, scoring, number, since in state["pupils"]:
            pupil = self._pupils[name] = _Pupil(self.size)
            pupil.buffer, pupil.number, pupil.since = unpack(buffer), number, since
            pupil.scoring = scoring and Scoring.from_state(scoring)


def learnability(mean: Array, count: NDArray[np.int64]) -> Array:
    """Return the unbiased estimate [m] of p (1 - p) from n successes and failures; -1 for fewer than two.

    Args:
        mean: [m] share of successes.
        count: [m], n.
    """
    n = np.maximum(count, 2)
    found: Array = np.where(count >= 2, mean * (1.0 - mean) * n / (n - 1), -1.0)
    return found


def _own(result: Result, learner: str) -> bool:
    """Whether a result is of the learner that asked; who does not say who asks means anybody."""
    return not learner or result.learner == learner
