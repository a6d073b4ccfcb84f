"""The teacher of our own: tasks at the edge of what is learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from games import TaskSpace
from games.compiled import kernel
from league.teachers.checks import require_choice, require_least, require_positive, require_share
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure
from league.teachers.pack import pack, unpack
from league.teachers.teacher import SHOWN

__all__ = ["Edge", "relevance"]

Array = NDArray[np.float64]

KEYS = 8
"""Learners and opponent classes that are told apart: the most frequent ones of the window."""
PARTS = 8
"""Equal parts of a parameter's range between which results are compared."""
LEAST = 1e-3
"""Relevance of a parameter that nothing depends on, so that it is never quite forgotten."""


class Edge(CubeTeacher):
    """Draws tasks at the edge of what is learned: near results neither all bad nor all good.

    Every few results it weighs a pool of candidate tasks and draws from it until the next time. The weight of a candidate
    comes from the k results nearest to it in a window of the newest ones, with mean reward p:

        learnability   p (1 - p): as in sampling for learnability (Rutherford et al. 2024, arXiv 2408.15099), but estimated
                       from neighbours instead of from further matches on the very task
        progress       |cov(t, r)| / std(t): how far the reward moved with time, as in Covar-GMM (Moulin-Frier, Nguyen and
                       Oudeyer 2014), with neighbours in the place of mixture components
        both           the sum of the two, each as a share of its total over the pool

    Three things make it more than a nearest-neighbour estimate. Old results are forgotten, for what was locked a while ago
    may not be now. Distances count each parameter by its *relevance*, the share of the rewards' variance that lies between
    equal parts of its range (the correlation ratio, less what chance would give), so parameters without effect do not
    blur the neighbourhood; an effect that shows only in the interplay of parameters is missed. And half the pool are
    small changes of candidates that weighed much, which follows an edge through many dimensions.

    Results of different learners, and against different classes of opponents, are never compared: each gives a weight of
    its own, and the mean of these counts, by the share of each in the window.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read.
        window: newest results that count.
        neighbours: k.
        random: share of tasks drawn uniformly, the only way to discover what is far from everything known.
        signal: what makes a task worth drawing.
        sharpness: exponent of the weights; higher ones prefer the best candidates more.
        pool: candidates.
        refresh: results between two weighings.
        changed: share of the pool that are changes of earlier candidates.
        step: standard deviation of a change in a parameter of full relevance; larger in others.

    Raises:
        InputError: for a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        window: int = 500,
        neighbours: int = 8,
        random: float = 0.1,
        signal: Literal["learnability", "progress", "both"] = "learnability",
        sharpness: float = 2.0,
        pool: int = 128,
        refresh: int = 25,
        changed: float = 0.5,
        step: float = 0.1,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        require_least("edge", window=(window, 2), neighbours=(neighbours, 1), pool=(pool, 1), refresh=(refresh, 1))
        require_share("edge", random=random, changed=changed)
        require_positive("edge", sharpness=sharpness, step=step)
        require_choice("edge", "signal", signal, ("learnability", "progress", "both"))
        self.neighbours, self.random, self.signal, self.sharpness = neighbours, random, signal, sharpness
        self.pool, self.refresh, self.changed, self.step = pool, refresh, changed, step
        self._points = np.zeros((window, self.size))
        self._rewards = np.zeros(window)
        self._times = np.zeros(window)
        self._keys = np.full(window, -1, np.int64)
        self._names: dict[tuple[str, str], int] = {}  # learner and opponent class -> number
        self._count = 0  # results so far
        self._fresh = 0  # of them since the last weighing
        self._relevance = np.ones(self.size)
        self._candidates = np.zeros((0, self.size))
        self._weights = np.zeros(0)  # cumulative

    def draw(self, learner: str) -> Draw:
        """Return a candidate by its weight, or any task."""
        if not len(self._candidates) or self.rng.random() < self.random:
            return Draw(self.rng.random(self.size), "uniform")
        chosen = np.searchsorted(self._weights, self.rng.random() * self._weights[-1], side="right")
        return Draw(self._candidates[min(chosen, len(self._candidates) - 1)], "edge")

    def learn(self, told: Told) -> None:
        """Enter a result into the window, and weigh candidates when it is time."""
        place = self._count % len(self._rewards)
        self._points[place], self._rewards[place], self._times[place] = told.point, told.reward, self._count
        self._keys[place] = self._number((told.result.learner, told.result.opponents))
        self._count += 1
        self._fresh += 1
        if self._fresh >= self.refresh:
            self._fresh = 0
            self._weigh()

    def forget(self, learner: str) -> None:
        """Drop the results of a learner whose weights were replaced."""
        for (name, _), number in self._names.items():
            if name == learner:
                self._keys[self._keys == number] = -1

    def _number(self, key: tuple[str, str]) -> int:
        if key not in self._names:
            here = set(self._keys.tolist())
            self._names = {name: number for name, number in self._names.items() if number in here}
            self._names[key] = next(n for n in range(len(self._names) + 1) if n not in self._names.values())
        return self._names[key]

    def _weigh(self) -> None:
        """Make a pool of candidates and weigh them."""
        keys, counts = np.unique(self._keys[self._keys >= 0], return_counts=True)
        if not len(keys):
            return
        chosen = keys[np.argsort(-counts, kind="stable")][:KEYS]
        known = np.isin(self._keys, chosen)
        self._relevance = relevance(self._points[known], self._rewards[known])
        candidates = self._pool()
        learnability, progress = np.zeros(self.pool), np.zeros(self.pool)
        for key in chosen:
            rows = self._keys == key
            mean, moved = _nearby(
                candidates, self._points[rows], self._rewards[rows], self._times[rows], self._relevance, self.neighbours
            )
            share = rows.sum() / known.sum()
            learnability += share * mean * (1.0 - mean)
            progress += share * moved
        weight = {
            "learnability": learnability,
            "progress": progress,
            "both": _share(learnability) + _share(progress),
        }[self.signal]
        weight = _share(weight) ** self.sharpness
        if weight.sum() > 0.0:
            self._candidates, self._weights = candidates, np.cumsum(weight)
        else:  # all is known, or nothing: any task may be the one
            self._candidates, self._weights = candidates[:0], weight[:0]

    def _pool(self) -> Array:
        """Return candidates [pool, D]: changes of the last ones, and anything."""
        candidates = self.rng.random((self.pool, self.size))
        changed = int(self.changed * self.pool)
        if changed and len(self._candidates):
            parents = np.searchsorted(self._weights, self.rng.random(changed) * self._weights[-1], side="right")
            width = np.minimum(self.step / np.sqrt(self._relevance), 0.5)
            noise = width * self.rng.standard_normal((changed, self.size))
            last = len(self._candidates) - 1
            candidates[:changed] = np.clip(self._candidates[np.minimum(parents, last)] + noise, 0.0, 1.0)
        return candidates

    def own_metrics(self) -> dict[str, float]:
        """Return the relevance of each parameter, the highest being 1."""
        return {f"relevance/{name}": float(r) for name, r in zip(self.space, self._relevance, strict=True)}

    def sketch(self) -> list[dict[str, Any]]:
        """Return the heaviest candidates."""
        if not len(self._candidates):
            return []
        share = np.diff(self._weights, prepend=0.0) / self._weights[-1]
        best = np.argsort(-share, kind="stable")[:SHOWN]
        return [{"point": self._candidates[k].tolist(), "weight": float(share[k])} for k in best]

    def own_state(self) -> dict[str, Any]:
        """Return the window and the pool."""
        return {
            "count": self._count,
            "fresh": self._fresh,
            "names": [[*key, number] for key, number in self._names.items()],
            "arrays": {name: pack(getattr(self, name)) for name in _ARRAYS},
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a window and a pool."""
        self._count, self._fresh = state["count"], state["fresh"]
        self._names = {(learner, opponents): number for learner, opponents, number in state["names"]}
        for name in _ARRAYS:
            setattr(self, name, unpack(state["arrays"][name]))


_ARRAYS = ("_points", "_rewards", "_times", "_keys", "_relevance", "_candidates", "_weights")


def relevance(points: Array, rewards: Array) -> Array:
    """Return how much of the rewards each parameter explains by itself, the most of them being 1; all 1 when none does.

    The correlation ratio of the rewards over `PARTS` equal parts of the parameter's range, adjusted for the parts: that of
    a parameter without effect is 0 on average (epsilon squared, Kelley 1935).

    Args:
        points: [n, D] in the unit cube.
        rewards: [n].
    """
    n, size = points.shape
    variance = rewards.var()
    if n <= PARTS or not variance > 1e-12:
        return np.ones(size)
    parts = np.minimum((points * PARTS).astype(np.int64), PARTS - 1)
    found = np.zeros(size)
    for d in range(size):
        count = np.bincount(parts[:, d], minlength=PARTS)
        total = np.bincount(parts[:, d], rewards, minlength=PARTS)
        used = count > 0
        between = (count[used] * (total[used] / count[used] - rewards.mean()) ** 2).sum() / n / variance
        chance = (used.sum() - 1) / (n - 1)
        found[d] = max((between - chance) / (1.0 - chance), 0.0)
    most = found.max()
    return np.maximum(found / most, LEAST) if most > 0.0 else np.ones(size)


def _share(weight: Array) -> Array:
    total = weight.sum()
    return weight / total if total > 0.0 else weight


def _nearby(
    candidates: Array, points: Array, rewards: Array, times: Array, scale: Array, k: int
) -> tuple[Array, Array]:
    """Return of the k results nearest to each candidate the mean reward [m], and how far it moved with time [m]."""
    mean, moved = np.zeros(len(candidates)), np.zeros(len(candidates))
    k = min(k, len(points))
    _scan(candidates, points, rewards, times, scale, np.zeros(k), np.zeros(k, np.int64), mean, moved)
    return mean, moved


@kernel
def _scan(candidates, points, rewards, times, scale, best, place, mean, moved):  # type: ignore[no-untyped-def]
    k, size = len(best), points.shape[1]
    for m in range(len(candidates)):
        count = 0
        for i in range(len(points)):
            distance = 0.0
            for d in range(size):
                gap = candidates[m, d] - points[i, d]
                distance += scale[d] * gap * gap
            if count < k:
                q = count
                count += 1
            elif distance < best[k - 1]:
                q = k - 1
            else:
                continue
            while q > 0 and best[q - 1] > distance:
                best[q] = best[q - 1]
                place[q] = place[q - 1]
                q -= 1
            best[q] = distance
            place[q] = i
        reward, time = 0.0, 0.0
        for q in range(k):
            reward += rewards[place[q]] / k
            time += times[place[q]] / k
        spread, together = 0.0, 0.0
        for q in range(k):
            spread += (times[place[q]] - time) ** 2 / k
            together += (times[place[q]] - time) * (rewards[place[q]] - reward) / k
        mean[m] = reward
        moved[m] = abs(together) / np.sqrt(spread) if spread > 0.0 else 0.0
