"""The teacher that looks for the tasks that go worst: IWOCS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import InputError, TaskSpace
from league.teachers.checks import require_least, require_share
from league.teachers.cma import Cma
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure
from league.teachers.pack import pack, unpack
from league.teachers.scoring import Scoring, of_learner

__all__ = ["Iwocs"]

Array = NDArray[np.float64]

STEP = 0.3
"""Standard deviation of the first points of a search."""
FINALISTS = 3
"""Candidates of a search that are scored anew, beside the search's mean."""
MOST = 1e150
"""Values are cut to this size, so that sums of them do not overflow."""


class _Pupil:
    """What is known of one learner: its worst tasks, and the search for another, if one goes on."""

    def __init__(self, nominal: Array) -> None:
        self.worst: Array = nominal[None]  # [k, D]
        self.cma: Cma | None = None
        self.scoring: Scoring | None = None
        self.number = -1  # of the scoring
        self.generation = 0
        self.found: Array = np.zeros((0, len(nominal)))  # the worst candidates of the search
        self.values: list[float] = []  # of these
        self.since = 0
        self.gap = 0.0  # by how much the last search's find was worse than the worst that was known


class Iwocs(CubeTeacher):
    """Searches for the tasks that a learner does worst, and trains it on all of these.

    Incremental worst-case search of Zouitine, Geist and Rachelson, "Solving robust MDPs as a sequence of static RL
    problems" (2024, arXiv 2410.06212). Tasks are the models of a robust Markov decision process that stay the same during a
    match. Each learner has a set of worst tasks, which begins with the default task. It trains on the set, each of it with
    the same probability. After `every` results covariance matrix adaptation (`Cma`) searches the unit cube for the task
    with the lowest mean value, in `generations` of `population` candidates that are played `rollouts` times, scored and not
    learned from. The worst three and the mean of the search are then scored anew, twice as often, together with the set.
    For the lowest of so many noisy means is lower than it should be, and the set's values are of an older policy. When the
    find is worse than the worst of the set by more than `eps`, it joins it; otherwise the learner copes with all that could
    be found, until the next search. A full set drops what goes best.

    What is not a teacher's business, and left out: that each model's problem is solved to its end by a value function of its
    own, that the policy takes the action with the greatest minimum over these, and that a value function counts only where
    its model's data lie. Here one learner learns on all of the set by whatever algorithm it has. So the guarantee of the
    paper, that the policy is the robust one once no worse model is found, does not carry over.

    The worst task may be one that nobody can do. Narrow the task space to what can be solved (`task_ranges`), or mix this
    teacher with others.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read.
        eps: how much worse a find must be than the set, in the units of what is measured.
        every: results of a learner on tasks it learns from, between two searches.
        generations: of a search.
        population: candidates of a generation.
        rollouts: matches on each.
        keep: most tasks in the set.
        random: share of the tasks it learns from that are drawn from the whole space.
        patience: proposals to a learner after the last one of a generation, beyond which missing results are given up.

    Raises:
        InputError: for a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        eps: float = 0.0,
        every: int = 2000,
        generations: int = 10,
        population: int = 16,
        rollouts: int = 4,
        keep: int = 16,
        random: float = 0.1,
        patience: int = 1000,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        require_least(
            "iwocs",
            every=(every, 1),
            generations=(generations, 1),
            population=(population, 4),
            rollouts=(rollouts, 1),
            keep=(keep, 1),
            patience=(patience, 0),
        )
        require_share("iwocs", random=random)
        if not eps >= 0.0:
            raise InputError(f"teacher 'iwocs': eps must be at least 0, not {eps}")
        self._eps, self._every, self._generations, self._population = eps, every, generations, population
        self._rollouts, self._keep, self._random, self._patience = rollouts, keep, random, patience
        self._pupils: dict[str, _Pupil] = {}  # who asked last comes last
        self._scorings = 0

    def draw(self, learner: str) -> Draw:
        """Return a candidate of a search, a task of the set, or any task."""
        pupil = of_learner(self._pupils, learner, lambda: _Pupil(self.space.to_unit(self.space.task())))
        if pupil.scoring is None and pupil.since >= self._every:
            pupil.cma, pupil.generation = Cma(self.rng.random(self.size), STEP), 0
            pupil.found, pupil.values = np.zeros((0, self.size)), []
            self._score(pupil, pupil.cma.ask(self.rng, self._population), self._rollouts)
        if pupil.scoring is not None:
            index = pupil.scoring.next()
            if index is not None:
                return Draw(pupil.scoring.points[index], "candidate", False, [learner, pupil.number, index])
            self._advance(pupil)
        note = [learner, -1, -1]
        if self.rng.random() < self._random:
            return Draw(self.rng.random(self.size), "uniform", note=note)
        return Draw(pupil.worst[self.rng.integers(len(pupil.worst))], "worst", note=note)

    def learn(self, told: Told) -> None:
        """Count the value of a candidate, or a result until the next search."""
        learner, number, index = told.note
        pupil = self._pupils.get(learner)
        if pupil is None or (learner and told.result.learner != learner):
            return
        if number < 0:
            pupil.since += pupil.scoring is None
        elif pupil.scoring is not None and number == pupil.number:
            pupil.scoring.add(index, min(max(told.value, -MOST), MOST))
            self._advance(pupil)

    def _score(self, pupil: _Pupil, points: Array, times: int) -> None:
        pupil.scoring = Scoring(points, times, self._patience)
        pupil.number = self._scorings
        self._scorings += 1

    def _advance(self, pupil: _Pupil) -> None:
        """Go on with a search whose last points were scored."""
        scoring, cma = pupil.scoring, pupil.cma
        if scoring is None or cma is None or not scoring.over:
            return
        came = scoring.count > 0
        points, values = scoring.points[came], scoring.mean[came]
        if pupil.generation > self._generations:
            self._conclude(pupil, scoring)
            return
        cma.tell(points, values)
        found, known = np.concatenate([pupil.found, points]), np.array([*pupil.values, *values])
        best = np.argsort(known, kind="stable")[:FINALISTS]
        pupil.found, pupil.values = found[best], known[best].tolist()
        pupil.generation += 1
        if pupil.generation < self._generations:
            self._score(pupil, cma.ask(self.rng, self._population), self._rollouts)
        else:
            pupil.generation += 1  # so that its end is told from that of a generation
            self._score(pupil, np.concatenate([pupil.worst, pupil.found, cma.mean[None]]), 2 * self._rollouts)

    def _conclude(self, pupil: _Pupil, scoring: Scoring) -> None:
        """Let the find of a search join the set if it is worse than what is there."""
        known = len(pupil.worst)
        means = np.where(scoring.count > 0, scoring.mean, np.inf)
        find = known + int(np.argmin(means[known:]))
        pupil.gap = 0.0
        if np.isfinite(means[find]) and np.isfinite(means[:known]).any():
            pupil.gap = float(means[:known].min() - means[find])
            if pupil.gap > self._eps:
                if known >= self._keep:
                    pupil.worst = np.delete(pupil.worst, int(np.argmax(means[:known])), axis=0)
                pupil.worst = np.concatenate([pupil.worst, scoring.points[find : find + 1]])
        pupil.scoring, pupil.cma, pupil.since = None, None, 0

    def forget(self, learner: str) -> None:
        """Drop the set and the search of a learner whose weights were replaced."""
        self._pupils.pop(learner, None)

    def own_metrics(self) -> dict[str, float]:
        """Return the mean size of the learners' sets, and by how much the last finds were worse than these, on average."""
        if not self._pupils:
            return {}
        pupils = self._pupils.values()
        return {
            "levels": float(np.mean([len(pupil.worst) for pupil in pupils])),
            "gap": float(np.mean([pupil.gap for pupil in pupils])),
        }

    def sketch(self) -> list[dict[str, Any]]:
        """Return the set of the learner that asked last."""
        if not self._pupils:
            return []
        worst = next(reversed(self._pupils.values())).worst
        return [{"point": point.tolist(), "weight": (1.0 - self._random) / len(worst)} for point in worst]

    def own_state(self) -> dict[str, Any]:
        """Return all sets and searches."""
        pupils = [
            {
                "learner": name,
                "arrays": [pack(p.worst), pack(p.found)],
                "cma": p.cma and p.cma.state_dict(),
                "scoring": p.scoring and p.scoring.state_dict(),
                "rest": [p.number, p.generation, p.values, p.since, p.gap],
            }
            for name, p in self._pupils.items()
        ]
        return {"pupils": pupils, "scorings": self._scorings}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to sets and searches."""
        self._scorings = state["scorings"]
        self._pupils = {}
        for saved in state["pupils"]:
            worst, found = (unpack(array) for array in saved["arrays"])
            pupil = self._pupils[saved["learner"]] = _Pupil(worst[0])
            pupil.worst, pupil.found = worst, found
            pupil.cma = saved["cma"] and Cma.from_state(saved["cma"])
            pupil.scoring = saved["scoring"] and Scoring.from_state(saved["scoring"])
            pupil.number, pupil.generation, pupil.values, pupil.since, pupil.gap = saved["rest"]
