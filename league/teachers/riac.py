"""The teacher that splits the space where progress differs, and draws from regions of much progress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit

from games import InputError, TaskSpace
from games.compiled import kernel
from league.teachers.checks import require_least, require_positive, require_share
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.gaussian_teacher import KEYS, Key, key_of, widths
from league.teachers.measure import Measure
from league.teachers.pack import pack, unpack
from league.teachers.teacher import SHOWN

__all__ = ["Riac"]

TRIES = 20
"""Cuts that are looked at, at most, to find one that leaves enough results on both sides."""
BORDER = 1e-5
"""How far inside of its region a changed task stays."""


class Riac(CubeTeacher):
    """Splits the space where progress differs, and draws from regions of much progress (RIAC).

    Baranes and Oudeyer, "Active learning of inverse models with intrinsically motivated goal exploration in robots" (2013,
    arXiv 1301.4862), in the form that Portelas et al. (CoRL 2019, arXiv 1910.07224) compare with. The space is a binary tree
    of boxes, each with the newest results in it, oldest first, of which n count:

        ALP = |mean reward of the first half - mean reward of the second half|

    A leaf with more than `region` results is cut in two: of `attempts` random cuts the one with the highest
    n_A n_B |ALP_A - ALP_B|, if it leaves a twentieth of `region` and `side` of each range in both. When there is none, the
    oldest quarter of the leaf's results is dropped. With probability `mutated`, a task is the one with the lowest reward in
    a box that is chosen in proportion to its ALP, inner ones included, changed by a Gaussian step of `step`; with
    probability `random` it is any task; else it is uniform in a box so chosen.

    Where it differs from the code of Portelas et al. (teachDeepRL):

    - Theirs multiplies by the number 2 where n is meant, and gives children the ALP of the last attempt, not of the best. Here
      both are right, with `faithful` too.
    - A cut's search is bounded, where theirs never ends when all results are of one task; and a task on a cut belongs to one
      side, not to both.
    - Steps and least sides are in the unit cube; `faithful` makes steps 0.1 of the parameters' units.
    - The tree stops growing at `regions` boxes, so that memory is bounded; `faithful` lets it grow.
    - Within a box, results of different learners, and against different classes of opponents, are never compared: each has an
      ALP of its own, and the mean of these counts, by their numbers; `apart: false` brings the published way back, and so
      does `faithful`.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read.
        region: results of a box, at most; a leaf with more is cut.
        attempts: cuts that are compared.
        side: least part of a range that a box has.
        mutated: share of tasks that are changes of the worst.
        random: share of tasks drawn uniformly.
        step: standard deviation of a change.
        regions: boxes, at most.
        apart: whether learners and classes of opponents are told apart.
        faithful: whether to do as published.

    Raises:
        InputError: for a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        region: int = 200,
        attempts: int = 50,
        side: float = 1 / 15,
        mutated: float = 0.1,
        random: float = 0.2,
        step: float = 0.1,
        regions: int = 500,
        apart: bool = True,
        faithful: bool = False,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        require_least("riac", region=(region, 4), attempts=(attempts, 1), regions=(regions, 1))
        require_share("riac", mutated=mutated, random=random, side=side)
        if mutated + random > 1.0:
            raise InputError(
                f"teacher 'riac': mutated and random must not exceed 1 together, but are {mutated + random}"
            )
        require_positive("riac", step=step)
        self.region, self.attempts, self.side = region, attempts, side
        self.mutated, self.random = mutated, random
        self.apart = apart and not faithful
        self._steps = step / widths(space) if faithful else np.full(self.size, step)
        self._most = None if faithful else regions
        self._keys: dict[Key, int] = {}  # number, the least recently heard of first
        self._boxes = 1
        self._low, self._high = np.zeros((1, self.size)), np.ones((1, self.size))
        self._children = np.full((1, 2), -1)  # below the cut, above it
        self._cut = np.zeros((1, 2))  # dimension, threshold
        self._points = np.zeros((1, region + 1, self.size))
        self._rewards = np.zeros((1, region + 1))
        self._owners = np.full((1, region + 1), -1)  # number of the key of each result
        self._held = np.zeros(1, np.int64)
        self._progress = np.zeros(1)

    @property
    def boxes(self) -> int:
        """How many boxes the tree has."""
        return self._boxes

    def draw(self, learner: str) -> Draw:
        """Return a change of the worst task of a box, any task, or one of a box."""
        u = self.rng.random()
        if self.mutated <= u < self.mutated + self.random:
            return Draw(self.rng.random(self.size), "uniform")
        box = self._choose()
        low, high = self._low[box], self._high[box]
        held = self._held[box]
        if u < self.mutated and held:
            worst = self._points[box, np.argmin(self._rewards[box, :held])]
            changed = worst + self._steps * self.rng.standard_normal(self.size)
            return Draw(np.clip(changed, low + BORDER, np.maximum(high - BORDER, low + BORDER)), "mutation")
        return Draw(low + (high - low) * self.rng.random(self.size), "region")

    def _choose(self) -> int:
        total = np.cumsum(self._progress[: self._boxes])
        if total[-1] > 0.0:
            return min(int(np.searchsorted(total, self.rng.random() * total[-1], side="right")), self._boxes - 1)
        return int(self.rng.integers(self._boxes))

    def learn(self, told: Told) -> None:
        """Add a result to all boxes that hold it, and cut the smallest when it is full."""
        key = key_of(told.result, self.apart)
        leaf = _add(
            told.point,
            told.reward,
            self._number(key),
            self._children,
            self._cut,
            self._points,
            self._rewards,
            self._owners,
            self._held,
            self._progress,
        )
        if self._held[leaf] > self.region:
            self._split(leaf)

    def _number(self, key: Key) -> int:
        number = self._keys.pop(key, -1)
        if number < 0:
            if len(self._keys) >= KEYS:
                number = self._keys.pop(next(iter(self._keys)))
                self._drop(number)
            else:
                number = len(self._keys)
        self._keys[key] = number
        return number

    def _split(self, leaf: int) -> None:
        draws = self.rng.random((self.attempts * TRIES, 2))
        dimension, threshold = -1, 0.0
        if self._most is None or self._boxes + 2 <= self._most:
            least = max(self.region // 20, 1)
            dimension, threshold = _best_cut(
                self._points[leaf],
                self._rewards[leaf],
                self._owners[leaf],
                self._low[leaf],
                self._high[leaf],
                self.side,
                least,
                self.attempts,
                draws,
            )
        if dimension < 0:
            self._drop_oldest(leaf, max(self.region // 4, 1))
            return
        self._grow()
        below = self._points[leaf][:, dimension] < threshold
        for k, members in enumerate((below, ~below)):
            box = self._boxes + k
            self._low[box], self._high[box] = self._low[leaf], self._high[leaf]
            (self._low if k else self._high)[box, dimension] = threshold
            held = int(members.sum())
            self._points[box, :held] = self._points[leaf][members]
            self._rewards[box, :held] = self._rewards[leaf][members]
            self._owners[box, :held] = self._owners[leaf][members]
            self._held[box] = held
            self._progress[box] = _alp(self._rewards[box], self._owners[box], held)
        self._children[leaf] = self._boxes, self._boxes + 1
        self._cut[leaf] = dimension, threshold
        self._boxes += 2

    def _grow(self) -> None:
        """Make room for two more boxes."""
        room = len(self._held)
        if self._boxes + 2 <= room:
            return
        for name in ("low", "high", "children", "cut", "points", "rewards", "owners", "held", "progress"):
            array = getattr(self, f"_{name}")
            larger = np.full((2 * room + 2, *array.shape[1:]), -1 if name in ("children", "owners") else 0, array.dtype)
            larger[:room] = array
            setattr(self, f"_{name}", larger)

    def _drop_oldest(self, box: int, count: int) -> None:
        held = self._held[box] - count
        for array in (self._points, self._rewards, self._owners):
            array[box, :held] = array[box, count : count + held].copy()
        self._held[box] = held
        self._progress[box] = _alp(self._rewards[box], self._owners[box], held)

    def _drop(self, number: int) -> None:
        """Drop the results of a key from all boxes."""
        for box in range(self._boxes):
            kept = np.flatnonzero(self._owners[box, : self._held[box]] != number)
            for array in (self._points, self._rewards, self._owners):
                array[box, : len(kept)] = array[box, kept]
            self._held[box] = len(kept)
            self._progress[box] = _alp(self._rewards[box], self._owners[box], len(kept))

    def forget(self, learner: str) -> None:
        """Drop the results of a learner, since its weights were replaced; the cuts stay."""
        for (name, _), number in self._keys.items():
            if name == learner or not self.apart:
                self._drop(number)

    def own_metrics(self) -> dict[str, float]:
        """Return how many boxes there are, and the greatest share of one."""
        progress = self._progress[: self._boxes]
        total = progress.sum()
        return {"boxes": float(self._boxes), "greatest_share": float(progress.max() / total) if total > 0.0 else 0.0}

    def sketch(self) -> list[dict[str, Any]]:
        """Return the boxes that most tasks are drawn from."""
        progress = self._progress[: self._boxes]
        total = progress.sum()
        share = progress / total if total > 0.0 else np.full(self._boxes, 1.0 / self._boxes)
        first = np.argsort(-share, kind="stable")[:SHOWN]
        return [
            {
                "low": self._low[box].tolist(),
                "high": self._high[box].tolist(),
                "weight": float((1.0 - self.random) * share[box]),
            }
            for box in first
        ]

    def own_state(self) -> dict[str, Any]:
        """Return the tree and its results."""
        boxes = range(self._boxes)
        held = self._held[: self._boxes]
        return {
            "keys": [[*key, number] for key, number in self._keys.items()],
            "low": pack(self._low[: self._boxes]),
            "high": pack(self._high[: self._boxes]),
            "children": pack(self._children[: self._boxes]),
            "cut": pack(self._cut[: self._boxes]),
            "held": pack(held),
            "points": pack(np.concatenate([self._points[box, : held[box]] for box in boxes])),
            "rewards": pack(np.concatenate([self._rewards[box, : held[box]] for box in boxes])),
            "owners": pack(np.concatenate([self._owners[box, : held[box]] for box in boxes])),
            "progress": pack(self._progress[: self._boxes]),
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a tree."""
        self._keys = {(learner, opponents): number for learner, opponents, number in state["keys"]}
        for name in ("low", "high", "children", "cut", "held", "progress"):
            setattr(self, f"_{name}", unpack(state[name]))
        self._boxes = len(self._held)
        self._points = np.zeros((self._boxes, self.region + 1, self.size))
        self._rewards = np.zeros((self._boxes, self.region + 1))
        self._owners = np.full((self._boxes, self.region + 1), -1)
        points, rewards, owners = unpack(state["points"]), unpack(state["rewards"]), unpack(state["owners"])
        start = 0
        for box, held in enumerate(self._held.tolist()):
            self._points[box, :held] = points[start : start + held]
            self._rewards[box, :held] = rewards[start : start + held]
            self._owners[box, :held] = owners[start : start + held]
            start += held


@kernel
def _add(point, reward, owner, children, cut, points, rewards, owners, held, progress):  # type: ignore[no-untyped-def]
    """Add a result to the root and to all boxes below it that hold it; return the leaf."""
    most = rewards.shape[1]
    box = 0
    while True:
        n = held[box]
        if n == most:  # the oldest goes
            for i in range(most - 1):
                rewards[box, i] = rewards[box, i + 1]
                owners[box, i] = owners[box, i + 1]
                points[box, i] = points[box, i + 1]
            n -= 1
        rewards[box, n] = reward
        owners[box, n] = owner
        points[box, n] = point
        held[box] = n + 1
        progress[box] = _alp(rewards[box], owners[box], n + 1)
        if children[box, 0] < 0:
            return box
        box = children[box, 0] if point[int(cut[box, 0])] < cut[box, 1] else children[box, 1]


@njit
def _alp(rewards, owners, held):  # type: ignore[no-untyped-def]
    """Return the absolute learning progress of the first `held` results, the mean over owners by their numbers."""
    total = 0.0
    count = np.zeros(KEYS, np.int64)
    for i in range(held):
        count[owners[i]] += 1
    first = np.zeros(KEYS)
    last = np.zeros(KEYS)
    seen = np.zeros(KEYS, np.int64)
    for i in range(held):
        o = owners[i]
        if seen[o] < count[o] - count[o] // 2:
            first[o] += rewards[i]
        else:
            last[o] += rewards[i]
        seen[o] += 1
    for o in range(KEYS):
        n = count[o]
        if n > 2:
            total += n * abs(first[o] / (n - n // 2) - last[o] / (n // 2))
    return total / held if held else 0.0


@kernel
def _best_cut(points, rewards, owners, low, high, side, least, attempts, draws):  # type: ignore[no-untyped-def]
    """Return the dimension and threshold of the best of some cuts of a full leaf; -1 when none is allowed."""
    n, size = points.shape
    best, dimension, threshold = -1.0, -1, 0.0
    parts = np.zeros((2, n))
    whose = np.zeros((2, n), np.int64)
    held = np.zeros(2, np.int64)
    row = 0
    for _ in range(attempts):
        found = False
        for _ in range(TRIES):
            d = min(int(draws[row, 0] * size), size - 1)
            t = low[d] + (high[d] - low[d]) * draws[row, 1]
            row += 1
            below = 0
            for i in range(n):
                below += points[i, d] < t
            if below >= least and n - below >= least:
                found = True
                break
        if not found or t - low[d] < side or high[d] - t < side:
            continue
        held[:] = 0
        for i in range(n):
            k = 0 if points[i, d] < t else 1
            parts[k, held[k]] = rewards[i]
            whose[k, held[k]] = owners[i]
            held[k] += 1
        gap = abs(_alp(parts[0], whose[0], held[0]) - _alp(parts[1], whose[1], held[1]))
        score = held[0] * held[1] * gap
        if score >= best:
            best, dimension, threshold = score, d, t
    return dimension, threshold
