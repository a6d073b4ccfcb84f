"""The contract of everything that chooses tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from games import Game, Task

__all__ = ["SHOWN", "Forgets", "Proposal", "Result", "Sketches", "Teacher", "ValueStatistics"]

SHOWN = 40
"""Shapes in a sketch, at most."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A task that a teacher wants played.

    Attributes:
        id: number of the proposal within its teacher's life; never used twice.
        task: what to play.
        origin: why the teacher chose it, in a word; records and pictures group by it.
        train_allowed: whether learners may learn from it; False for one that is only to be scored.
        opponents: class of opponents that it is meant for; empty leaves the choice to the matchmaker.
        player: agent of `Teacher.players` that plays it in the learner's place; empty for the learner itself.
    """

    id: int
    task: Task
    origin: str
    train_allowed: bool = True
    opponents: str = ""
    player: str = ""


@dataclass(frozen=True, slots=True)
class ValueStatistics:
    """What a learner's own value estimates say about one match, over its decisions there.

    With V the value of a decision as estimated when it was made, R its lambda-return and delta its one-step temporal
    difference; all in the learner's own units of reward.

    Attributes:
        decisions: how many.
        value: mean of V.
        advantage: mean of R - V, the signed value loss.
        absolute: mean of |R - V|, the L1 value loss.
        positive: mean of max(R - V, 0), the positive value loss.
        td: mean of |delta|.
    """

    decisions: int
    value: float
    advantage: float
    absolute: float
    positive: float
    td: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a proposal for one learner in one match.

    Attributes:
        id: number of the proposal.
        learner: id of the learner, or of the agent that played in its place.
        score: share of the opposing sides that it beat, a draw counting half: 0 to 1.
        total_return: sum of its rewards.
        length: steps of the match.
        success: how far it reached what the task asks for, 0 to 1; None where the game does not say.
        values: what its value estimates say; None where nobody asked for them (`Teacher.needs_values`).
        opponents: class of the opponents that it met; empty for none.
        version: how often its weights had changed when the match ended.
    """

    id: int
    learner: str
    score: float
    total_return: float
    length: int
    success: float | None = None
    values: ValueStatistics | None = None
    opponents: str = ""
    version: int = 0


class Teacher(Protocol):
    """Proposes tasks and is told what came of them.

    Results name their proposal. They may come in any order, late, several for one proposal (one per learner), or never: a
    match whose agents jump to other weights is given up. A teacher is made from the game's task space, a seed, and keyword
    options; its generator is its own and part of its state, so that its proposals depend on what it was asked and told
    alone.

    Attributes:
        needs_values: whether results should carry value statistics.
        players: agents (URIs) that its proposals may ask for in the learner's place.
    """

    needs_values: bool
    players: tuple[str, ...]

    def max_seats(self, game: Game) -> int:
        """Return the largest population of any task that this teacher may set: arrays are padded to it."""
        ...

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return n proposals for a learner; teachers that treat all alike do not look at its id."""
        ...

    def tell(self, result: Result) -> None:
        """Learn from a result.

        One for an unknown or forgotten proposal, one that the same learner told before, and one whose return is not a
        finite number change nothing but the counts in `metrics`.
        """
        ...

    def metrics(self) -> dict[str, float]:
        """Return what a curve of it is worth drawing of, such as the entropy of its latest tasks."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return all that later proposals depend on, as plain JSON values."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        ...


@runtime_checkable
class Sketches(Protocol):
    """What a teacher has besides, when what it believes can be drawn over the unit cube."""

    def sketch(self) -> list[dict[str, Any]]:
        """Return shapes, as plain JSON values, at most some dozens of them.

        Each has a `weight`, the probability with which tasks are drawn from it, and is one of: an ellipse, with `mean` [D]
        and `covariance` [D, D]; a box, with `low` [D] and `high` [D]; a point, with `point` [D]. Coordinates are those of
        the unit cube of the task space.
        """
        ...


@runtime_checkable
class Forgets(Protocol):
    """What a teacher has besides, when it compares results of one learner over time."""

    def forget(self, learner: str) -> None:
        """Drop what results of a learner would be compared with: its weights were replaced, and it is somebody else now."""
        ...
