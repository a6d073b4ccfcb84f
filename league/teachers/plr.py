"""The teacher that replays levels worth coming back to: PLR and robust PLR."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Literal, get_args

import numpy as np

from games import TaskSpace
from league.teachers.checks import require_choice, require_least, require_positive, require_share
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.levels import PRIORITIES, Level, LevelBuffer, Priority
from league.teachers.measure import Measure
from league.teachers.teacher import SHOWN, Result, ValueStatistics

__all__ = ["Plr", "Score"]

Score = Literal[
    "positive_value_loss",
    "value_l1",
    "signed_value_loss",
    "max_mc",
    "one_step_td_error",
    "tscl_window",
    "success",
    "random",
]

BY_VALUES = ("positive_value_loss", "value_l1", "signed_value_loss", "max_mc", "one_step_td_error")
"""Scores that are made of value estimates."""
KEYS = 64
"""Learners and opponent classes whose typical return is known."""
MOST = 1e150
"""Returns are cut to this size, so that nothing made of them overflows."""


class Plr(CubeTeacher):
    """Replays tasks from which most is still to be learned, beside new ones drawn uniformly.

    Prioritized level replay of Jiang, Grefenstette and Rocktäschel (ICML 2021, arXiv 2010.03934), and with `robust` the one of
    Jiang et al., "Replay-guided adversarial environment design" (NeurIPS 2021, arXiv 2110.02439), whose new levels are
    played to be scored and not learned from. A level is a task. A bounded buffer keeps those of the highest scores; a
    proposal is drawn from it (`LevelBuffer`) or is a new level, which enters the buffer if its score is good enough. The
    scores S of a result, R being the lambda-return and V the learner's value estimate, means over its decisions:

        positive_value_loss   max(R - V, 0)
        value_l1              |R - V|
        signed_value_loss     R - V
        max_mc                the best return ever seen on the level, less V
        one_step_td_error     |delta|
        tscl_window           |slope| of the newest returns over their count; 0 for the first
        success               success itself; with `priority: match` this is p (1 - p)
        random                0: all levels of the buffer are equal

    Scores by policy entropy, least confidence and margin, and those that use the greatest value of a match instead of the
    mean, are left out: results do not carry them. Where a result has no value estimates, or ones that are not finite, a
    baseline stands for V and the return for R: the mean of the learner's newest returns on the level, and where it has none
    there, its typical return.

    The score of a level becomes (1 - alpha) S + alpha times the score of the newest weights. In a league several learners
    play a level, at times in several matches at once. The released code lets the last actor's score overwrite the others
    (facebookresearch/dcd, issue 7), which makes the order of matches matter. Here results of the same weights are averaged,
    and then the learners, each counting the same: the level's score is what it is worth to the league. Learners that meet
    different classes of opponents are told apart likewise, and the best return of `max_mc` is one against the same class.

    Mended besides: levels of equal scores share the probabilities of their ranks, and make room by chance, where the released
    code takes the first in the buffer. A buffer for a space of few tasks is no larger than these, for otherwise it would never
    be filled enough for a replay. A level that is drawn again as a new one is updated and never kept twice. With `match` a
    level enters the buffer by S (1 - S) and not by S, by which mastered levels would fill it.

    The defaults are those of dcd's walkers, for spaces with real parameters; its mazes take `max_mc` with a staleness of 0.3
    and 4000 levels. Until the buffer is filled enough, all levels are new: a robust teacher lets nobody learn before.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read; matters for `success` alone, as the other scores go by returns.
        score: S.
        robust: whether new levels are only scored.
        priority: how scores become probabilities.
        temperature: of rank, power and softmax.
        k: levels that `topk` draws from.
        staleness: how much of the probability goes by the time since a level was played last.
        replay: probability of a replay, once the buffer is filled enough.
        decision: whether that probability is `fixed`, or `proportionate`: no higher than the filled share of the buffer.
        fill: share of the buffer that must be filled before anything is replayed.
        buffer: most levels that are kept.
        evict: which level makes room: the one with the least probability (`weight`), or with the least score.
        alpha: how much of the new score counts.
        window: newest returns that `tscl_window` and the baseline go by.
        faithful: brings back what is called mended above: ties by order, the last result wins, the whole
            buffer, and entry by S.

    Raises:
        InputError: for an unknown choice or a number out of its range.
    """

    _name = "plr"

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        score: Score = "positive_value_loss",
        robust: bool = False,
        priority: Priority = "rank",
        temperature: float = 0.1,
        k: int = 4,
        staleness: float = 0.5,
        replay: float = 0.5,
        decision: Literal["fixed", "proportionate"] = "fixed",
        fill: float = 0.5,
        buffer: int = 1000,
        evict: Literal["weight", "score"] = "weight",
        alpha: float = 1.0,
        window: int = 10,
        faithful: bool = False,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        require_choice(self._name, "score", score, get_args(Score))
        require_choice(self._name, "priority", priority, PRIORITIES)
        require_choice(self._name, "decision", decision, ("fixed", "proportionate"))
        require_choice(self._name, "evict", evict, ("weight", "score"))
        require_share(self._name, staleness=staleness, replay=replay, fill=fill, alpha=alpha)
        require_least(self._name, k=(k, 1), buffer=(buffer, 1), window=(window, 2))
        require_positive(self._name, temperature=temperature)
        self.needs_values = score in BY_VALUES
        self.robust = robust
        self._score, self._alpha, self._window, self._faithful = score, alpha, window, faithful
        self._replay, self._proportionate, self._fill = replay, decision == "proportionate", fill
        few = space.count <= buffer and not faithful
        self.buffer = LevelBuffer(
            len(set(space.every())) if few else buffer,
            priority=priority,
            temperature=temperature,
            k=k,
            staleness=staleness,
            evict=evict,
            ties_by_order=faithful,
        )
        self._typical: dict[tuple[str, str], float] = {}

    def draw(self, learner: str) -> Draw:
        """Return a level of the buffer, or a new one."""
        filled = self.buffer.filled
        chance = min(filled, self._replay) if self._proportionate else self._replay
        if len(self.buffer) and filled >= self._fill and self.rng.random() < chance:
            level = self.buffer.draw(self.rng)
            return Draw(np.array(level.point), "replay", note=[self.buffer.clock, level.parent, level.edits, True])
        return Draw(self.unseen(), "new", not self.robust, [self.buffer.tick(), "", 0, False])

    def unseen(self) -> np.ndarray:
        """Return a new level [D] float64 in the unit cube."""
        return self.rng.random(self.size)

    def learn(self, told: Told) -> None:
        """Score a level; keep it if its score is good enough."""
        self.enter(told)

    def enter(self, told: Told) -> Level:
        """Score a level and keep it if its score is good enough; return it, kept or not."""
        stamp, parent, edits, _ = told.note
        key = self.space.from_unit(told.point).hash
        level = self.buffer.find(key)
        known = level is not None
        level = level or Level(key, told.point.tolist(), parent, edits)
        self._rate(level, told.result)
        score = level.score(self._alpha)
        if known:
            self.buffer.rescore(key, score)
        else:
            self.buffer.offer(level, score, stamp, self.rng)
        return level

    def _rate(self, level: Level, result: Result) -> None:
        """Enter the score of a result into what its learner thinks of a level."""
        key = result.learner, result.opponents
        opinion = level.opinion(key, result.version)
        gained = min(max(result.total_return, -MOST), MOST)
        typical = self._typical.pop(key, gained)
        baseline = sum(opinion.returns) / len(opinion.returns) if opinion.returns else typical
        self._typical[key] = typical + 0.01 * (gained - typical)
        if len(self._typical) > KEYS:
            del self._typical[next(iter(self._typical))]
        opinion.returns = [*opinion.returns, gained][-self._window :]
        best = level.best[result.opponents] = max(level.best.get(result.opponents, gained), gained)
        if len(level.best) > KEYS:
            del level.best[next(iter(level.best))]
        score = self._scored(result, gained, baseline, best, opinion.returns)
        opinion.add(score, result.version, self._alpha, average=not self._faithful)

    def _scored(self, result: Result, gained: float, baseline: float, best: float, returns: list[float]) -> float:
        """Return S of one result."""
        if self._score == "tscl_window":
            return abs(_slope(returns))
        if self._score == "success":
            return self.meter.success(result)
        if self._score == "random":
            return 0.0
        if result.values is not None:
            score = _of_values(self._score, result.values, best)
            if isfinite(score):
                return min(max(score, -MOST), MOST)
        beyond = gained - baseline
        return _of_values(
            self._score, ValueStatistics(1, baseline, beyond, abs(beyond), max(beyond, 0.0), abs(beyond)), best
        )

    def forget(self, learner: str) -> None:
        """Drop what a learner whose weights were replaced thinks of the levels; where nobody else does, the score stays."""
        for level in self.buffer.levels:
            own = [key for key in level.opinions if key[0] == learner]
            for key in own:
                del level.opinions[key]
            if own and level.opinions:
                self.buffer.rescore(level.key, level.score(self._alpha))
        self._typical = {key: typical for key, typical in self._typical.items() if key[0] != learner}

    def own_metrics(self) -> dict[str, float]:
        """Return how many levels are kept, and quantiles of their scores."""
        figures = {"levels": float(len(self.buffer))}
        if len(self.buffer):
            quantiles = np.quantile(self.buffer.scores, (0.1, 0.5, 0.9))
            figures |= dict(zip(("score/low", "score/median", "score/high"), map(float, quantiles), strict=True))
        return figures

    def sketch(self) -> list[dict[str, Any]]:
        """Return the levels that are replayed most."""
        if not len(self.buffer):
            return []
        weights = self.buffer.weights()
        best = np.argsort(-weights, kind="stable")[:SHOWN]
        return [{"point": list(self.buffer.levels[s].point), "weight": float(weights[s])} for s in best]

    def own_state(self) -> dict[str, Any]:
        """Return the buffer and what returns are typical."""
        return {
            "buffer": self.buffer.state_dict(),
            "typical": [[*key, typical] for key, typical in self._typical.items()],
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a buffer."""
        self.buffer.load_state_dict(state["buffer"])
        self._typical = {(learner, opponents): typical for learner, opponents, typical in state["typical"]}


def _of_values(score: Score, values: ValueStatistics, best: float) -> float:
    """Return a score that is made of value estimates."""
    if score == "max_mc":
        return best - values.value
    names = {"positive_value_loss": "positive", "value_l1": "absolute", "signed_value_loss": "advantage"}
    return float(getattr(values, names.get(score, "td")))


def _slope(y: list[float]) -> float:
    """Return the slope of the least-squares line through values at 0, 1, 2, ...; 0 for fewer than two."""
    n = len(y)
    if n < 2:
        return 0.0
    middle = (n - 1) / 2
    return sum((i - middle) * value for i, value in enumerate(y)) / sum((i - middle) ** 2 for i in range(n))
