"""The levels that PLR keeps, and how it chooses among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["Level", "LevelBuffer", "Opinion", "Priority", "priorities"]

Array = NDArray[np.float64]
Key = tuple[str, str]

Priority = Literal["rank", "power", "softmax", "proportional", "eps_greedy", "max", "match", "topk"]

OPINIONS = 8
"""Learners and opponent classes whose results with one level are kept apart; beyond, the oldest are dropped."""
GREEDY = 0.05
"""Share that `eps_greedy` leaves to all levels."""


@dataclass(slots=True)
class Opinion:
    """What one learner's results against one class of opponents say about a level.

    Attributes:
        version: of the learner's weights in the newest results.
        count: results with that version.
        mean: mean score of these.
        before: what the score was when they began; None for nothing.
        returns: the newest returns, at most as many as somebody looks at.
    """

    version: int
    count: int = 0
    mean: float = 0.0
    before: float | None = None
    returns: list[float] = field(default_factory=list)

    def add(self, score: float, version: int, rate: float, *, average: bool) -> None:
        """Enter the score of one result.

        Results of the same weights are averaged, for their order means nothing. Version 0 is that of learners whose weights
        nobody counts: each of their results is one of new weights.
        """
        if self.count and not (average and 0 < version == self.version):
            self.before, self.count, self.mean = self.score(rate), 0, 0.0
        self.version = version
        self.count += 1
        self.mean += (score - self.mean) / self.count

    def score(self, rate: float) -> float:
        """Return (1 - rate) times the score before plus rate times that of the newest weights."""
        return self.mean if self.before is None else (1.0 - rate) * self.before + rate * self.mean


@dataclass(slots=True)
class Level:
    """A task that is worth coming back to.

    Attributes:
        key: hash of the task.
        point: [D], where it lies in the unit cube.
        parent: key of the level that it is an edit of; empty for none.
        edits: how many edits lie between it and a level that was drawn.
        opinions: by learner and class of opponents.
        best: highest return ever seen, by class of opponents.
    """

    key: str
    point: list[float]
    parent: str = ""
    edits: int = 0
    opinions: dict[Key, Opinion] = field(default_factory=dict)
    best: dict[str, float] = field(default_factory=dict)

    def opinion(self, key: Key, version: int) -> Opinion:
        """Return the opinion of a learner about it; a new one when there is none."""
        if key not in self.opinions:
            self.opinions[key] = Opinion(version)
            if len(self.opinions) > OPINIONS:
                del self.opinions[next(iter(self.opinions))]
        return self.opinions[key]

    def score(self, rate: float) -> float:
        """Return the mean score over all opinions, each counting the same; 0 without any."""
        scores = [opinion.score(rate) for opinion in self.opinions.values()]
        return sum(scores) / len(scores) if scores else 0.0

    def state_dict(self) -> list[Any]:
        """Return plain JSON values."""
        opinions = [[*key, o.version, o.count, o.mean, o.before, o.returns] for key, o in self.opinions.items()]
        return [self.key, self.point, self.parent, self.edits, opinions, self.best]

    @classmethod
    def from_state(cls, state: list[Any]) -> Level:
        """Return the level of a state."""
        key, point, parent, edits, opinions, best = state
        known = {
            (learner, against): Opinion(version, count, mean, before, list(returns))
            for learner, against, version, count, mean, before, returns in opinions
        }
        return cls(key, list(point), parent, edits, known, dict(best))


def priorities(
    scores: Array, priority: Priority, *, temperature: float, k: int, offset: float = 0.0, ties_by_order: bool = False
) -> Array:
    """Return the probability [n] of each level by its score alone.

        rank           (1 / rank)^(1 / temperature), the highest score having rank 1
        power          (max(S, 0) + offset)^(1 / temperature)
        softmax        exp(S / temperature)
        proportional   max(S, 0)
        eps_greedy     the highest score with 0.95, any with 0.05
        max            the highest score
        match          S (1 - S), S clipped to [0, 1]
        topk           the k highest scores, each with the same probability

    all divided by their sum; equal where that is 0.

    Args:
        scores: [n], finite.
        priority: one of these.
        temperature: of rank, power and softmax; above 0.
        k: of topk.
        offset: of power.
        ties_by_order: whether of equal scores the first has the higher rank, as in the released code. Otherwise levels of
            equal scores share the probabilities of their ranks.
    """
    n = len(scores)
    match priority:
        case "rank" | "eps_greedy" | "max" | "topk":
            weights = _of_ranks(scores, _by_rank(priority, n, temperature, k), ties_by_order)
        case "power":
            weights = np.maximum(scores, 0.0) + offset
            most = weights.max(initial=0.0)
            weights = (weights / most) ** (1.0 / temperature) if most > 0.0 else weights
        case "softmax":
            weights = np.exp((scores - scores.max(initial=-np.inf)) / temperature)
        case "proportional":
            weights = np.maximum(scores, 0.0)
        case "match":
            weights = _spread(scores)
    total = weights.sum()
    return weights / total if total > 0.0 else np.full(n, 1.0 / max(n, 1))


def _spread(scores: Array) -> Array:
    clipped = np.clip(scores, 0.0, 1.0)
    return clipped * (1.0 - clipped)


def _by_rank(priority: str, n: int, temperature: float, k: int) -> Array:
    """Return the weight [n] of each rank, the highest first."""
    ranks = np.arange(1.0, n + 1.0)
    if priority == "rank":
        weights: Array = ranks ** (-1.0 / temperature)
        return weights
    if priority == "topk":
        return (ranks <= k).astype(np.float64)
    weights = np.full(n, GREEDY / n if priority == "eps_greedy" else 0.0)
    weights[:1] += 1.0 - GREEDY
    return weights


def _of_ranks(scores: Array, by_rank: Array, ties_by_order: bool) -> Array:
    """Return the weight [n] of each level from that of its rank."""
    weights = np.zeros(len(scores))
    if ties_by_order:
        weights[np.argsort(-scores, kind="stable")] = by_rank
        return weights
    order = np.argsort(-scores)
    falling = scores[order]
    first = np.flatnonzero(np.diff(falling, prepend=np.inf))  # where a new score begins
    if len(first) < len(scores):
        count = np.diff(first, append=len(scores))
        by_rank = np.repeat(np.add.reduceat(by_rank, first) / count, count)
    weights[order] = by_rank
    return weights


class LevelBuffer:
    """At most `capacity` levels with their scores, from which one is drawn by score and staleness.

    The probability of a level is (1 - c) P_S + c P_C, with P_S by its score (`priorities`) and P_C in proportion to how many
    proposals ago it was drawn last, or made (arXiv 2010.03934, section 3.2); P_C is even where all these are 0.

    Args:
        capacity: most levels.
        priority: how scores count.
        temperature: of rank, power and softmax.
        k: of topk.
        staleness: c.
        evict: what makes room when it is full: the level with the least probability (`weight`), or with the least score.
        ties_by_order: as in `priorities`, and the first of several that could make room is the one.

    Attributes:
        levels: those that there are.
        clock: proposals so far.
    """

    def __init__(
        self,
        capacity: int,
        *,
        priority: Priority,
        temperature: float,
        k: int,
        staleness: float,
        evict: Literal["weight", "score"],
        ties_by_order: bool = False,
    ) -> None:
        self.capacity, self.staleness, self._evict, self._ties_by_order = capacity, staleness, evict, ties_by_order
        self._priority: Priority = priority
        self._options: dict[str, Any] = {"temperature": temperature, "k": k, "ties_by_order": ties_by_order}
        self._options["offset"] = 0.0 if staleness > 0.0 else 1e-3
        self.levels: list[Level] = []
        self.clock = 0
        self._scores = np.zeros(capacity)
        self._stamps = np.zeros(capacity)
        self._slots: dict[str, int] = {}
        self._by_score: Array | None = None

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def filled(self) -> float:
        """Share of the capacity that is used."""
        return len(self.levels) / self.capacity

    @property
    def scores(self) -> Array:
        """Score [n] of each level."""
        return self._scores[: len(self.levels)]

    def find(self, key: str) -> Level | None:
        """Return the level with a key; None where there is none."""
        return self.levels[self._slots[key]] if key in self._slots else None

    def tick(self) -> int:
        """Note that something else than a level of these was proposed; return the time of that."""
        self.clock += 1
        return self.clock

    def weights(self) -> Array:
        """Return the probability [n] of each level now."""
        if self._by_score is None:
            self._by_score = priorities(self.scores, self._priority, **self._options)
        if not self.staleness:
            return self._by_score
        stale = self.clock - self._stamps[: len(self.levels)]
        total = stale.sum()
        by_age = stale / total if total > 0.0 else 1.0 / max(len(stale), 1)
        weights: Array = (1.0 - self.staleness) * self._by_score + self.staleness * by_age
        return weights

    def draw(self, rng: np.random.Generator) -> Level:
        """Return a level, drawn by its probability; it is not stale any more, and the others are by one proposal more."""
        bounds = np.cumsum(self.weights())
        slot = min(int(np.searchsorted(bounds, rng.random() * bounds[-1], side="right")), len(bounds) - 1)
        self._stamps[slot] = self.tick()
        return self.levels[slot]

    def rescore(self, key: str, score: float) -> None:
        """Change the score of a level that there is."""
        self._scores[self._slots[key]] = score
        self._by_score = None

    def offer(self, level: Level, score: float, stamp: int, rng: np.random.Generator) -> bool:
        """Enter a level that there is not; return whether it was.

        Where there is no room, it takes the place of the one to evict if its score S is not lower than that one's; with
        `match` this goes by S (1 - S), save where ties go by order: by S itself what is mastered would fill the buffer.

        Args:
            level: which.
            score: of it.
            stamp: what `tick` returned when it was proposed.
            rng: decides between several that could make room.
        """
        if len(self.levels) < self.capacity:
            slot = len(self.levels)
            self.levels.append(level)
        else:
            worth, own = self.scores, score
            if self._priority == "match" and not self._ties_by_order:
                worth, own = _spread(self.scores), float(_spread(np.array(score)))
            measure = self.weights() if self._evict == "weight" else worth
            slot = int(measure.argmin())
            if not self._ties_by_order:
                equal = np.flatnonzero(measure == measure[slot])
                slot = int(equal[rng.integers(len(equal))]) if len(equal) > 1 else slot
            if own < worth[slot]:
                return False
            del self._slots[self.levels[slot].key]
            self.levels[slot] = level
        self._slots[level.key] = slot
        self._scores[slot], self._stamps[slot], self._by_score = score, stamp, None
        return True

    def state_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "clock": self.clock,
            "levels": [level.state_dict() for level in self.levels],
            "scores": self.scores.tolist(),
            "stamps": self._stamps[: len(self.levels)].tolist(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self.clock = state["clock"]
        self.levels = [Level.from_state(level) for level in state["levels"]]
        self._slots = {level.key: slot for slot, level in enumerate(self.levels)}
        self._scores[: len(self.levels)] = state["scores"]
        self._stamps[: len(self.levels)] = state["stamps"]
        self._by_score = None


PRIORITIES: tuple[Priority, ...] = get_args(Priority)
