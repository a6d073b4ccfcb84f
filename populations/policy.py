"""How agents act: a policy is a pure, batched function from what seats see to what they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from games import Game, VectorGame

__all__ = ["Decision", "Failure", "Policy", "Rows", "State", "Tabular"]

State = dict[str, NDArray[Any]]
"""Recurrent state: named arrays [R, ...]; empty for policies without memory."""


@dataclass(slots=True)
class Rows:
    """What R deciding seats see, one row each. Rows may come from different matches, in any order.

    Attributes:
        observation: named arrays [R, ...].
        mask: [R, A] bool of legal actions, or None when everything is legal.
        seed: [R] uint64 match seeds; seat: [R] int64; step: [R] int64 steps since the match began. Together they key the
            random stream of each seat (`games.randomness`): a policy draws nothing from anywhere else.
        slot: [R] int64, and vector: where the rows come from. Only for policies that search the true state of the game
            (`privileged`); all others must not look.
    """

    observation: Mapping[str, NDArray[Any]]
    mask: NDArray[np.bool_] | None
    seed: NDArray[np.uint64]
    seat: NDArray[np.int64]
    step: NDArray[np.int64]
    slot: NDArray[np.int64]
    vector: VectorGame | None = None

    def __len__(self) -> int:
        return len(self.seed)

    def part(self, rows: slice | NDArray[np.int64]) -> Rows:
        """Return some of the rows."""
        return Rows(
            {name: values[rows] for name, values in self.observation.items()},
            None if self.mask is None else self.mask[rows],
            self.seed[rows],
            self.seat[rows],
            self.step[rows],
            self.slot[rows],
            self.vector,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an agent that is not under our control gave no action.

    Attributes:
        reason: `crash` (it ended, or never started), `timeout` (no answer in time), `illegal` (its answer is no action).
        detail: one line for the record.
        log: the last lines of what it wrote to stderr, if it has one.
    """

    reason: Literal["crash", "timeout", "illegal"]
    detail: str
    log: str = ""


@dataclass(slots=True)
class Decision:
    """What a policy answers.

    Attributes:
        action: [R, heads], int32 or float32 as the game's `ActionLayout` says.
        state: the next recurrent state, named arrays [R, ...].
        log_prob: [R] float32 of the action, and value: [R] float32, expected return in the learner's own
            units; from policies that learn, else None.
        failures: row number to why there is no action in this row, from agents outside our process; whatever `action` holds
            there is not played, and the seat forfeits.
        before: the state in which it decided, where that is not the one it was given but was completed first (what is drawn
            once a match, at its first decision); it is what learners keep. Empty otherwise.
    """

    action: NDArray[Any]
    state: State = field(default_factory=dict)
    log_prob: NDArray[np.float32] | None = None
    value: NDArray[np.float32] | None = None
    failures: Mapping[int, Failure] = field(default_factory=dict)
    before: State = field(default_factory=dict)


@runtime_checkable
class Policy(Protocol):
    """The contract. `act` has no side effects and keeps nothing between calls: memory goes through `state`.

    Attributes:
        observes: False when `act` never reads observations (they may then be missing).
        privileged: True when `act` reads `rows.vector`: it knows more than its seat may see.
    """

    observes: bool
    privileged: bool

    def initial_state(self, rows: int) -> State:
        """Return the state of `rows` seats at the start of a match."""
        ...

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row."""
        ...

    def refuses(self, game: Game) -> str | None:
        """Return why this policy cannot play the game, in a clause for an error message, or None when it can."""
        ...


@runtime_checkable
class Tabular(Protocol):
    """What a policy has besides, when it can say how likely every action is."""

    def probabilities(self, rows: Rows) -> NDArray[np.float64]:
        """Return [R, A] float64, the probability of every discrete action, head beside head; 0 for illegal ones."""
        ...
