"""The contract between the rules of a game and everything that plays it.

`Game` is the rules and holds no state. `VectorGame` is the state of B matches ("slots") that advance together; one match
is a batch of one. Arrays are indexed `[slot, seat, ...]` and padded to `Limits.seats`, so populations vary inside a
batch. Five decisions hold everywhere:

- An engine never resets itself. A match that ended waits, untouched by `step`, until `assign` seats the next one.
- The last observation is simply the last observation. `terminated` and `truncated` are told apart.
- All seats share one observation layout and one action layout. What a seat does not use is zero, or masked.
- `acting` says who decides now: one seat where turns are taken, the living where moves are simultaneous. Reward comes at
  every step to every seat.
- Randomness is a pure function of (match seed, stream, step): see `games.randomness`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.task import Task, TaskSpace

if TYPE_CHECKING:
    from games.relabelled import Symmetry

__all__ = ["ActionLayout", "Comparison", "Game", "Limits", "Seat", "Step", "VectorGame"]


class Comparison(StrEnum):
    """How the scores of one match compare its seats."""

    ZERO_SUM = "zero-sum"
    """Two teams or seats; what one wins the other loses: scores of a terminated match always add up to the same."""
    RANKED = "ranked"
    """Any number of seats; only the order of scores counts."""
    COOPERATIVE = "cooperative"
    """All seats share one score."""
    GENERAL_SUM = "general-sum"
    """Each seat has a score of its own; a higher one is better for it, whatever the others get."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One player's place in a task. Seats of one team share an outcome."""

    kind: str = "player"
    team: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a vector of matches is built for.

    Attributes:
        seats: the largest population that any assigned task may have; the S of every array.
        steps: a match longer than this is truncated; None leaves it to the game.
        observe: False when no policy looks at observations: `Step.observation` may then hold anything.
    """

    seats: int
    steps: int | None = None
    observe: bool = True


@dataclass(slots=True)
class Step:
    """What B matches show after `assign` or `step`. All arrays belong to the engine and are overwritten by its next call.

    Attributes:
        observation: named arrays [B, S, ...], as `VectorGame.observation_space` says; zero on empty seats. A seat that does
            not act may show what it saw last, except where a match was truncated: there every seat is up to date.
        action_mask: [B, S, A] bool, legal actions of all heads side by side (`ActionLayout`); None when everything is
            always legal, which is so in all matches of a game or in none. Rows of seats that do not act may hold anything.
        acting: [B, S] bool, the seats that must decide now: at least one in a match that goes on, none in one that has
            ended.
        reward: [B, S] float32, what each seat got in this step; zero after `assign` and in slots that had ended before.
        terminated: [B] bool, the match ended by its rules in this very step.
        truncated: [B] bool, the match was cut by a limit in this very step: its value goes on, so learners bootstrap it.
        score: [B, S] float64, valid where the match ended in this step: what ranks the seats; equal is a draw.
        metrics: named arrays [B] float64, valid where the match ended in this step.
    """

    observation: dict[str, NDArray[Any]]
    action_mask: NDArray[np.bool_] | None
    acting: NDArray[np.bool_]
    reward: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    score: NDArray[np.float64]
    metrics: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def blank(
        cls, space: spaces.Dict, slots: int, seats: int, *, width: int | None, metrics: Sequence[str] = ()
    ) -> Step:
        """Return zeros everywhere: what a vector shows before its first match.

        Args:
            space: the observation space of one seat.
            slots: B.
            seats: S.
            width: length of a mask (`ActionLayout.width`); None for a game without masks.
            metrics: names.
        """
        return cls(
            observation={n: np.zeros((slots, seats, *(box.shape or ())), box.dtype) for n, box in space.items()},
            action_mask=None if width is None else np.zeros((slots, seats, width), np.bool_),
            acting=np.zeros((slots, seats), np.bool_),
            reward=np.zeros((slots, seats), np.float32),
            terminated=np.zeros(slots, np.bool_),
            truncated=np.zeros(slots, np.bool_),
            score=np.zeros((slots, seats), np.float64),
            metrics={name: np.zeros(slots, np.float64) for name in metrics},
        )


@dataclass(frozen=True)
class ActionLayout:
    """How actions and masks are laid out in arrays, whatever the space.

    `Discrete(n)` is one head of n actions; `MultiDiscrete` has one head per entry; both are int32 `[B, S, heads]` with
    masks of `width = sum(sizes)` entries, head after head. `Box` actions are float32 `[B, S, dimensions]`, unmasked.

    Attributes:
        sizes: number of actions per head; empty for continuous actions.
        dimensions: length of a continuous action; 0 for discrete ones.
        low, high: [dimensions] float32 bounds of a continuous action.
        uses: [sizes[0], heads] bool or None. For structured actions, head 0 is a function and the other heads are its
            arguments: `uses[f, h]` says whether function f reads head h. Unused heads carry no probability.
    """

    sizes: tuple[int, ...]
    dimensions: int = 0
    low: NDArray[np.float32] | None = None
    high: NDArray[np.float32] | None = None
    uses: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, space: spaces.Space, uses: NDArray[np.bool_] | None = None) -> ActionLayout:
        """Return the layout of an action space.

        Raises:
            ValueError: for anything but Discrete from 0, one-dimensional MultiDiscrete from 0, or one-dimensional Box.
        """
        if isinstance(space, spaces.Discrete) and int(space.start) == 0:
            return cls((int(space.n),), uses=uses)
        if isinstance(space, spaces.MultiDiscrete) and space.nvec.ndim == 1 and not np.any(space.start):
            return cls(tuple(int(n) for n in space.nvec), uses=uses)
        if isinstance(space, spaces.Box) and len(space.shape) == 1:
            return cls((), space.shape[0], space.low.astype(np.float32), space.high.astype(np.float32))
        raise ValueError(f"actions must be Discrete, MultiDiscrete or a one-dimensional Box, not {space}")

    @property
    def continuous(self) -> bool:
        """True for Box actions."""
        return self.dimensions > 0

    @property
    def heads(self) -> int:
        """Length of one action's array."""
        return self.dimensions or len(self.sizes)

    @property
    def width(self) -> int:
        """Length of one mask: the sum of all heads' sizes."""
        return sum(self.sizes)

    @property
    def offsets(self) -> NDArray[np.int64]:
        """[heads + 1] where each head's entries start in a mask or in logits."""
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)

    @property
    def dtype(self) -> type[np.int32] | type[np.float32]:
        """Of an action array."""
        return np.float32 if self.continuous else np.int32

    def empty(self, slots: int, seats: int) -> NDArray[Any]:
        """Return zero actions [slots, seats, heads]."""
        return np.zeros((slots, seats, self.heads), dtype=self.dtype)


class VectorGame(ABC):
    """The state of B matches of one game.

    Attributes:
        game: the rules.
        slots: B.
        limits: what it was built for.
        observation_space: of one seat: a `spaces.Dict` of named boxes. Differs from the game's own only where an axis
            counts entities and `limits.seats` makes it shorter.
        resumable: whether `state_dict` works. A checkpoint restarts the matches in flight of a game that is not.
    """

    game: Game
    slots: int
    limits: Limits
    observation_space: spaces.Dict
    resumable: bool = True

    @abstractmethod
    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        """Seat new matches in these slots, whatever was there, and leave the other slots as they are.

        Args:
            slots: [K] distinct slot numbers.
            tasks: K tasks of the game's task space.
            seeds: [K] uint64 match seeds.

        Returns:
            The first view of the new matches. In all other slots observations, masks and acting seats are what they
            were; rewards are zero and nothing is reported as ended.
        """

    @abstractmethod
    def step(self, actions: NDArray[Any]) -> Step:
        """Advance every match that has not ended.

        Args:
            actions: [B, S, heads] as `game.actions` says. Entries of seats that do not act are ignored.

        Raises:
            ValueError: for an action that its mask forbids, naming slot and seat; no match has moved.
        """

    @abstractmethod
    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of everything that `step` depends on, as named arrays."""

    @abstractmethod
    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        """Go back to a state and return its view: zero rewards, and nothing reported as ended.

        The same tasks and seeds must have been assigned to the same slots of a vector of the same limits before.
        """

    def render(self, slot: int) -> str:
        """Return one match as text for a terminal."""
        return f"{self.game.name}, slot {slot} (no picture)"

    def close(self) -> None:  # noqa: B027 - most vectors hold nothing that must be released
        """Release what the matches hold outside this process."""


class Game(ABC):
    """The rules. Holds no state and may be shared by any number of vectors.

    Attributes:
        name: the full name with its version, as `games.make` understands it.
        task_space: the parameters of its worlds.
        comparison: how scores compare seats.
        observation_space: of one seat of the largest population.
        action_space: of one seat.
        uses: for structured actions, which arguments each function reads (`ActionLayout.uses`); else None.
        turn_based: whether exactly one seat acts at a time (its PettingZoo face is then an AECEnv).
        elimination: whether a seat that stops acting while its match goes on is out for good and earns nothing more: its
            future is then worth 0, where a learner would else have to guess it.
        metrics: names of what `Step.metrics` reports when a match ends.
    """

    name: str
    task_space: TaskSpace
    comparison: Comparison
    observation_space: spaces.Dict
    action_space: spaces.Space
    uses: NDArray[np.bool_] | None = None
    turn_based: bool = False
    elimination: bool = False
    metrics: tuple[str, ...] = ()

    @abstractmethod
    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return the seats of this task, in order; at least one."""

    @abstractmethod
    def vector(self, slots: int, limits: Limits) -> VectorGame:
        """Return room for `slots` matches; every slot is empty (ended) until `assign`."""

    def symmetries(self, task: Task) -> tuple[Symmetry, ...]:
        """Return what else actions and features of a task may be called, so that all seats together play the same game.

        The identity is left out. By default none is known.
        """
        return ()

    @property
    def actions(self) -> ActionLayout:
        """The layout of this game's actions and masks."""
        return ActionLayout.of(self.action_space, self.uses)

    @property
    def max_seats(self) -> int:
        """The largest population of any task; override it where the default task is not the largest."""
        return len(self.seats(self.task_space.task()))

    def parallel_env(self, task: Task | None = None, render_mode: str | None = None) -> Any:
        """Return this game as a PettingZoo ParallelEnv, on one task (default: the default task)."""
        from games.faces import parallel_env  # PettingZoo is imported only by those who ask for its face

        return parallel_env(self, task, render_mode)

    def aec_env(self, task: Task | None = None, render_mode: str | None = None) -> Any:
        """Return this game as a PettingZoo AECEnv, on one task (default: the default task)."""
        from games.faces import aec_env

        return aec_env(self, task, render_mode)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"
