"""The replay buffer: joint transitions of any number of agents, to be drawn again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import InputError
from populations.layout import ENTITY_FIELDS
from populations.learners.trajectories import CUT, ENDED, PENDING, Trajectories

__all__ = ["Joint", "ReplayBuffer", "Transitions"]


@dataclass(slots=True)
class Joint:
    """What up to S agents saw at once, in B matches.

    Attributes:
        observation: named arrays [B, S, ...]; where nobody is, the numbers mean nothing.
        state: what they remembered, named arrays [B, S, ...]; after a cut, what they remembered before it.
        mask: [B, S, A] bool of legal actions, or None.
        here: [B, S] bool, whether there is somebody.
    """

    observation: dict[str, NDArray[Any]]
    state: dict[str, NDArray[Any]]
    mask: NDArray[np.bool_] | None
    here: NDArray[np.bool_]


@dataclass(slots=True)
class Transitions:
    """B joint decisions and what came of them, padded to the largest population S among them.

    Attributes:
        now: what the agents saw when they decided.
        action: [B, S, heads].
        reward: [B, S] float32, what each got until its own next decision, or until the end.
        after: what each saw at its next decision, in the same column; nobody is there where the match was over.
        complete: [B, S] bool, whether reward and `after` are known; the others' decisions are only there to be seen.
        match: [B, S] int64 and seat: [B, S] int64, whose decisions they are.
    """

    now: Joint
    action: NDArray[Any]
    reward: NDArray[np.float32]
    after: Joint
    complete: NDArray[np.bool_]
    match: NDArray[np.int64]
    seat: NDArray[np.int64]


class ReplayBuffer:
    """The last decisions of one learner, those of one match and step side by side.

    Decisions lie in a ring, one row each; those that were taken at once are neighbours there and make up a *moment*. A row
    knows the row that follows it, so an observation is kept once, not twice, and populations of all sizes share the ring
    without padding. What was seen after a cut (`Trajectories.ahead`) is a row of no moment.

    Decisions whose reward is not complete yet are kept with their moment, and are completed by the next batch.
    Agents whose decisions the learner is not told of (opponents, guests) belong to the world.

    Args:
        capacity: rows that are kept.

    Raises:
        InputError: for a capacity below 1.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise InputError(f"a replay buffer must hold at least 1 decision, not {capacity}")
        self.capacity = capacity
        self.rows = 0  # ever added; row r lies at r % capacity
        self.moments = 0
        self._columns: dict[str, NDArray[Any]] = {}
        self._first = np.zeros(capacity, np.int64)  # by moment: its first row
        self._count = np.zeros(capacity, np.int32)  # and how many it has
        self._open = np.zeros((0, 4), np.int64)  # match, seat, step, row of decisions whose reward is not complete
        self._found: dict[int | None, NDArray[np.int64]] = {}  # what can be drawn, until more is added
        self._populations: dict[int, int] = {}

    def __len__(self) -> int:
        return min(self.rows, self.capacity)

    def add(self, batch: Trajectories) -> int:
        """Keep what a learner was given to learn from; return the number of new joint decisions.

        Raises:
            ValueError: for a batch without matches, seats, steps, or without what was seen after cuts.
        """
        if batch.match is None or batch.seat is None or batch.step is None:
            raise ValueError("joint decisions are made of rows that know their match, seat and step")
        cut = np.flatnonzero(batch.next == CUT)
        if len(cut) and (batch.ahead is None or not np.array_equal(batch.ahead.row, cut)):
            raise ValueError("what was seen after a cut is missing")
        self._found, self._populations = {}, {}
        rows = self._stored(batch.match, batch.seat, batch.step)
        new = np.flatnonzero(rows < 0)
        order, starts = _moments(batch.match[new], batch.step[new])
        order = new[order]
        rows[order] = self.rows + np.arange(len(order))
        self._write(_columns(batch, batch.observation, batch.mask, order, order))
        moments = (self.moments + np.arange(len(starts) - 1)) % self.capacity
        self._first[moments] = self.rows + starts[:-1]
        self._count[moments] = np.diff(starts)
        self.rows += len(order)
        self.moments += len(moments)
        follower = batch.next.copy()
        follower[follower >= 0] = rows[follower[follower >= 0]]
        if len(cut):
            assert batch.ahead is not None
            self._write(_columns(batch, batch.ahead.observation, batch.ahead.mask, cut, slice(None)))
            follower[cut] = self.rows + np.arange(len(cut))
            self.rows += len(cut)
        kept = rows >= self.rows - self.capacity
        self._columns["next"][rows[kept] % self.capacity] = follower[kept]
        self._columns["reward"][rows[kept] % self.capacity] = batch.reward[kept]
        pending = np.flatnonzero(follower == PENDING)
        keys = (batch.match[pending], batch.seat[pending], batch.step[pending], rows[pending])
        self._open = np.stack(keys, axis=1)
        return len(moments)

    def populations(self) -> dict[int, int]:
        """Return how many decide at once in the moments that are kept, ascending, and the number of such moments."""
        if not self._populations:
            found = np.unique(self._count[self._alive(None) % self.capacity], return_counts=True)
            self._populations = dict(zip(*(x.tolist() for x in found), strict=True))
        return self._populations

    def count(self, population: int | None = None) -> int:
        """Return the number of joint decisions that can be drawn, of one population or of all."""
        return len(self._alive(population))

    def sample(self, count: int, rng: np.random.Generator, population: int | None = None) -> Transitions:
        """Draw joint decisions, each as likely as any other, with replacement.

        Args:
            count: how many, B.
            rng: made anew from a key for each use, so that nothing of it must be stored.
            population: only moments in which so many decide; None for all.
        """
        alive = self._alive(population)
        return self.transitions(alive[rng.integers(0, len(alive), count)])

    def reward_scale(self, population: int | None = None) -> tuple[float, float]:
        """Return mean and standard deviation of all complete rewards, of one population or of all."""
        if not self.count(population):
            return 0.0, 0.0
        rows = self._rows(self._alive(population))
        place = rows[rows >= 0] % self.capacity
        reward = self._columns["reward"][place[self._columns["next"][place] != PENDING]]
        return (float(reward.mean()), float(reward.std())) if len(reward) else (0.0, 0.0)

    def transitions(self, moments: NDArray[np.int64]) -> Transitions:
        """Return these moments [B] side by side."""
        rows = self._rows(moments)
        here = rows >= 0
        place = np.where(here, rows, rows[:, :1]) % self.capacity
        follower = np.where(here, self._columns["next"][place], ENDED)
        on = follower >= 0
        return Transitions(
            self._joint(place, here),
            self._columns["action"][place],
            np.where(here, self._columns["reward"][place], np.float32(0)),
            self._joint(np.where(on, follower, rows[:, :1]) % self.capacity, on),
            here & (follower != PENDING),
            self._columns["match"][place],
            self._columns["seat"][place],
        )

    def _joint(self, place: NDArray[np.int64], here: NDArray[np.bool_]) -> Joint:
        found: dict[str, dict[str, NDArray[Any]]] = {"observation": {}, "state": {}}
        for name, column in self._columns.items():
            group, _, rest = name.partition("/")
            if rest:
                found[group][rest] = column[place]
        mask = self._columns["mask"][place] if "mask" in self._columns else None
        return Joint(found["observation"], found["state"], mask, here)

    def _rows(self, moments: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows [B, S] of moments, -1 where there is nobody."""
        place = moments % self.capacity
        count = self._count[place]
        column = np.arange(count.max(initial=0))
        return np.where(column < count[:, None], self._first[place, None] + column, -1)

    def _alive(self, population: int | None) -> NDArray[np.int64]:
        found = self._found.get(population)
        if found is None:
            moments = np.arange(max(self.moments - self.capacity, 0), self.moments)
            place = moments % self.capacity
            count = self._count[place]
            found = moments[
                (population is None or count == population) & (self._first[place] >= self.rows - self.capacity)
            ]
            self._found[population] = found
        return found

    # writing

    def _stored(self, match: NDArray[np.int64], seat: NDArray[np.int64], step: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which row each of these decisions is already, or -1."""
        if not len(self._open):
            return np.full(len(match), -1)
        known = {(m, s, t): row for m, s, t, row in self._open.tolist()}
        keys = zip(match.tolist(), seat.tolist(), step.tolist(), strict=True)
        return np.array([known.get(key, -1) for key in keys], np.int64)

    def _write(self, new: Mapping[str, NDArray[Any]]) -> None:
        count = len(new["match"])
        place = (self.rows + np.arange(count)) % self.capacity
        blank = {"reward": np.zeros(count, np.float32), "next": np.full(count, PENDING)}
        for name, values in (_trimmed(new) | blank).items():
            column = self._column(name, values)
            if column.ndim > 1 and values.shape[1] < column.shape[1]:
                column[place, values.shape[1] :] = 0
            column[(place, slice(values.shape[1])) if values.ndim > 1 else place] = values

    def _column(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        """Return a column with room for such values: entities may become more."""
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = np.zeros((self.capacity, *values.shape[1:]), values.dtype)
        elif column.ndim > 1 and column.shape[1] < values.shape[1]:
            grown = np.zeros((self.capacity, *values.shape[1:]), values.dtype)
            grown[:, : column.shape[1]] = column
            column = self._columns[name] = grown
        return column

    # checkpoints

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of all that is kept."""
        rows = np.arange(self.rows - len(self), self.rows) % self.capacity
        moments = np.arange(max(self.moments - self.capacity, 0), self.moments) % self.capacity
        return {f"column/{name}": column[rows] for name, column in self._columns.items()} | {
            "first": self._first[moments],
            "count": self._count[moments],
            "open": self._open.copy(),
            "added": np.array([self.rows, self.moments]),
        }

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state of a buffer of the same capacity."""
        self.rows, self.moments = state["added"].tolist()
        rows = np.arange(self.rows - len(self), self.rows) % self.capacity
        moments = np.arange(max(self.moments - self.capacity, 0), self.moments) % self.capacity
        self._columns = {}
        for name, values in state.items():
            if name.startswith("column/"):
                column = np.zeros((self.capacity, *values.shape[1:]), values.dtype)
                column[rows] = values
                self._columns[name.removeprefix("column/")] = column
        self._first[moments], self._count[moments] = state["first"], state["count"]
        self._open = state["open"].copy()
        self._found, self._populations = {}, {}


def _moments(match: NDArray[np.int64], step: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Put rows of one match and step side by side, in the order in which they first appear.

    Returns:
        the order of the R rows, and where the moments begin in it, with R at the end.
    """
    if not len(match):
        return np.zeros(0, np.int64), np.zeros(1, np.int64)
    by_key = np.lexsort((step, match))
    fresh = np.append(True, (np.diff(match[by_key]) != 0) | (np.diff(step[by_key]) != 0))
    label = np.empty(len(match), np.int64)
    label[by_key] = np.cumsum(fresh) - 1
    first = by_key[fresh]  # lexsort is stable: the moment's first row
    order = np.argsort(first[label], kind="stable")
    begins = np.flatnonzero(np.append(True, np.diff(label[order]) != 0))
    return order, np.append(begins, len(match))


def _columns(
    batch: Trajectories,
    observation: Mapping[str, NDArray[Any]],
    mask: NDArray[np.bool_] | None,
    of: NDArray[np.int64],
    seen: NDArray[np.int64] | slice,
) -> dict[str, NDArray[Any]]:
    """Return the columns of some rows of a batch, and of what they saw: then, or after a cut."""
    assert batch.match is not None
    assert batch.seat is not None
    columns = {f"observation/{name}": values[seen] for name, values in observation.items()}
    columns |= {f"state/{name}": values[of] for name, values in batch.state.items()}
    if mask is not None:
        columns["mask"] = mask[seen]
    return columns | {"action": batch.action[of], "match": batch.match[of], "seat": batch.seat[of]}


def _trimmed(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Leave out the entities at the end that no row has."""
    mask = columns.get("observation/entity_mask")
    if mask is None:
        return dict(columns)
    used = np.flatnonzero(mask.any(axis=0))
    end = int(used[-1]) + 1 if len(used) else 1
    entities = {f"observation/{name}" for name in ENTITY_FIELDS}
    return {name: values[:, :end] if name in entities else values for name, values in columns.items()}
