"""What teachers that think in the unit cube of a task space have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from games import Game, TaskSpace
from league.teachers.ledger import Ledger
from league.teachers.measure import Measure, Meter
from league.teachers.teacher import Proposal, Result

__all__ = ["CubeTeacher", "Draw", "Told"]

Point = NDArray[np.float64]


class Draw(NamedTuple):
    """A task as its teacher thinks of it.

    Attributes:
        point: [D] float64, clipped to the unit cube when the task is made.
        origin: why it was chosen, in a word.
        train_allowed: whether learners may learn from it.
        note: plain JSON values to be given back with the result.
        player: agent that plays in the learner's place.
    """

    point: Point
    origin: str
    train_allowed: bool = True
    note: Any = None
    player: str = ""


_ONLY = Draw(np.zeros(0), "only")


class Told(NamedTuple):
    """What came of a draw.

    Attributes:
        point: [D] float64, in the unit cube.
        note: as in the draw.
        reward: what the result is measured by, 0 to 1 (`Meter.reward`).
        value: the same in its own units (`Meter.value`).
        result: the whole of it.
    """

    point: Point
    note: Any
    reward: float
    value: float
    result: Result


class CubeTeacher(ABC):
    """A teacher that draws points of the unit cube and learns from a reward in [0, 1] at each of them.

    A subclass says how to draw (`draw`), what to do with a result (`learn`), and what it remembers (`own_state`,
    `load_own_state`). All its chance comes from `rng`. It is never asked to draw from a space without parameters, nor told of
    its only task.

    Args:
        space: the game's task space.
        seed: of the generator.
        measure: how results are read.

    Attributes:
        space: the game's task space.
        rng: the only source of chance.
        meter: reads results.
        size: D, the number of parameters.
    """

    needs_values = False
    players: tuple[str, ...] = ()

    def __init__(self, space: TaskSpace, seed: int, *, measure: Measure = Measure()) -> None:  # noqa: B008 - frozen
        self.space, self.size = space, len(space)
        self.rng = np.random.default_rng(seed)
        self.meter = Meter(measure)
        self._ledger = Ledger(space)

    def max_seats(self, game: Game) -> int:
        """Return the largest population of the game."""
        return game.max_seats

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return n proposals; see `Teacher`."""
        proposals = []
        for _ in range(n):
            point, origin, train_allowed, note, player = self.draw(learner) if self.size else _ONLY
            point = np.clip(point, 0.0, 1.0)
            task = self.space.from_unit(point)
            noted = [point.tolist(), note]
            proposals.append(self._ledger.open(task, origin, noted, train_allowed=train_allowed, player=player))
        return proposals

    def tell(self, result: Result) -> None:
        """Learn from a result; see `Teacher`."""
        value = self.meter.value(result)
        found = self._ledger.close(result, value)
        if found is not None:
            reward = self.meter.reward(value)
            point, note = found[0]
            if self.size:
                self.learn(Told(np.array(point), note, reward, value, result))

    @abstractmethod
    def draw(self, learner: str) -> Draw:
        """Return the next task for a learner."""

    @abstractmethod
    def learn(self, told: Told) -> None:
        """Learn from a result of a draw."""

    def own_metrics(self) -> dict[str, float]:
        """Return figures for curves beside those that all teachers have."""
        return {}

    def own_state(self) -> dict[str, Any]:
        """Return what later draws depend on beside the generator and what is known of the proposals: plain JSON values."""
        return {}

    def load_own_state(self, state: Mapping[str, Any]) -> None:  # noqa: B027 - some remember nothing
        """Go back to a state."""

    def metrics(self) -> dict[str, float]:
        """Return the figures of `Ledger.metrics` and its own; see `Teacher`."""
        return self._ledger.metrics() | self.own_metrics()

    def state_dict(self) -> dict[str, Any]:
        """Return all that later proposals depend on; see `Teacher`."""
        return {
            "generator": self.rng.bit_generator.state,
            "meter": self.meter.state_dict(),
            "ledger": self._ledger.state_dict(),
            **self.own_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state; see `Teacher`."""
        self.rng.bit_generator.state = state["generator"]
        self.meter.load_state_dict(state["meter"])
        self._ledger.load_state_dict(state["ledger"])
        self.load_own_state(state)
