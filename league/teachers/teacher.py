"""The contract of everything that chooses tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from games import Game, Task

__all__ = ["Proposal", "Result", "Teacher"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A task that a teacher wants played.

    Attributes:
        id: number of the proposal within its teacher's life; never used twice.
        task: what to play.
        origin: why the teacher chose it, in a word; records and pictures group by it.
    """

    id: int
    task: Task
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a proposal for one learner in one match.

    Attributes:
        id: number of the proposal.
        learner: id of the learner.
        score: share of the opposing sides that it beat, a draw counting half: 0 to 1.
        total_return: sum of its rewards.
        length: steps of the match.
    """

    id: int
    learner: str
    score: float
    total_return: float
    length: int


class Teacher(Protocol):
    """Proposes tasks and is told what came of them.

    Results name their proposal. They may come in any order, late, several for one proposal (one per learner), or never: a
    match whose agents jump to other weights is given up. A teacher is made from the game's task space, a seed, and keyword
    options; its generator is its own and part of its state, so that its proposals depend on what it was told alone.
    """

    def max_seats(self, game: Game) -> int:
        """Return the largest population of any task that this teacher may set: arrays are padded to it."""
        ...

    def ask(self, n: int) -> list[Proposal]:
        """Return n proposals."""
        ...

    def tell(self, result: Result) -> None:
        """Learn from a result."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return all that later proposals depend on, as plain JSON values."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        ...
