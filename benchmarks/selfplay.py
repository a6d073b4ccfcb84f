"""Self-play of one learner on every seat, for the benchmarks that time training."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.harness import Moving
from games import Game, Limits, Scalar, Step, VectorGame, at_most
from league.driver import Driver
from league.match import Matchup, match_seed
from league.rollout import Rollout
from populations.agent import Agent
from populations.learners.learner import Learner

__all__ = ["SelfPlay"]


class SelfPlay:
    """Plays fragments and updates; says where the time went.

    Args:
        game: what is played.
        values: the one task.
        slots: matches in flight.
        fragment: steps of every slot between two updates.
        learner: makes the learner for the game, cut to the task's population.
    """

    def __init__(
        self,
        game: Game,
        values: Mapping[str, Scalar],
        *,
        slots: int,
        fragment: int,
        learner: Callable[[Game], Learner],
    ) -> None:
        task = game.task_space.task(values)
        game = at_most(game, len(game.seats(task)))
        self.seats = len(game.seats(task))
        self.learner = learner(game)
        self.fragment = fragment
        self.seconds = dict.fromkeys(("engine", "inference", "update", "bookkeeping"), 0.0)
        self.moving = Moving(game.name)
        self.matches, self._ordinal = 0, 0

        def source() -> Matchup:
            self._ordinal += 1
            who = ("me",) * self.seats
            return Matchup("bench", self._ordinal, task, who, who, match_seed("bench", self._ordinal))

        agent = Agent("me", "me", _Timed(self.learner.policy, "act", self.seconds, "inference"))
        driver = Driver(game, {"me": agent}, source, slots=slots, seats=self.seats)
        driver.vector = _Watched(driver.vector, self.seconds, self.moving)  # type: ignore[assignment]
        self.rollout = Rollout(driver, {"me": _Timed(self.learner, "value", self.seconds, "inference")})

    def work(self) -> int:
        """Play a fragment, learn from it, and return how many decisions that was."""
        start, before = time.perf_counter(), sum(self.seconds.values())
        decisions = self.rollout.decisions
        records, batches = self.rollout.collect(self.fragment)
        middle = time.perf_counter()
        self.learner.update(batches["me"], 0.0)
        end = time.perf_counter()
        self.seconds["update"] += end - middle
        self.seconds["bookkeeping"] += end - start - (sum(self.seconds.values()) - before)
        self.matches += len(records)
        return self.rollout.decisions - decisions

    def shares(self) -> dict[str, float]:
        """Return the share of time of each kind of work."""
        total = sum(self.seconds.values())
        return {f"share_{name}": seconds / total for name, seconds in self.seconds.items()}


class _Timed:
    """Passes everything on, and books the time of one method."""

    def __init__(self, inner: Any, method: str, seconds: dict[str, float], key: str) -> None:
        self._inner, self._seconds, self._key = inner, seconds, key
        setattr(self, method, self._timed(getattr(inner, method)))

    def _timed(self, call: Any) -> Any:
        def timed(*arguments: Any) -> Any:
            start = time.perf_counter()
            try:
                return call(*arguments)
            finally:
                self._seconds[self._key] += time.perf_counter() - start

        return timed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Watched:
    """Passes everything on, books the time of the engine, and sees that the world moves."""

    def __init__(self, inner: VectorGame, seconds: dict[str, float], moving: Moving) -> None:
        self._inner, self._seconds, self._moving = inner, seconds, moving

    def step(self, actions: Any) -> Step:
        start = time.perf_counter()
        step = self._inner.step(actions)
        self._seconds["engine"] += time.perf_counter() - start
        self._moving.look(next(iter(step.observation.values())), int((step.terminated | step.truncated).sum()))
        return step

    def assign(self, *arguments: Any) -> Step:
        start = time.perf_counter()
        step = self._inner.assign(*arguments)
        self._seconds["engine"] += time.perf_counter() - start
        return step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @property
    def limits(self) -> Limits:
        return self._inner.limits
