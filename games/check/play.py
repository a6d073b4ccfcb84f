"""Random legal play for the checks: matches whose actions depend on seed, seat and step alone, and their records."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games.compiled import kernel
from games.game import ActionLayout, Game, Limits, Step
from games.randomness import integer, uniform
from games.task import Task

__all__ = ["Match", "Record", "Table", "difference", "random_actions"]


@dataclass(frozen=True, slots=True)
class Match:
    """A match to be played."""

    task: Task
    seed: int


@dataclass(slots=True)
class Record:
    """What is known of a match that goes on, or has ended."""

    length: int = 0
    ending: str = "unfinished"
    returns: list[float] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    views: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))
    """Digest of all that was shown on the way: observations, masks, acting seats, rewards."""

    def copy(self) -> Record:
        """Return a record that goes its own way."""
        return Record(self.length, self.ending, [*self.returns], [*self.score], {**self.metrics}, self.views.copy())


def difference(one: Record, other: Record, *, views: bool = True) -> str | None:
    """Return in which field two records of one match differ first, and how; None when they are the same."""
    for name in (f.name for f in fields(Record)):
        a, b = getattr(one, name), getattr(other, name)
        if name == "views":
            if views and a.digest() != b.digest():
                return "observations, masks, acting seats or rewards on the way"
        elif not np.array_equal(list(a.values()), list(b.values()), equal_nan=True) if name == "metrics" else a != b:
            return f"{name} ({a} and {b})"
    return None


class Table:
    """A vector of one game and the records of the matches in it; a context that closes the vector.

    Attributes:
        vector: the vector.
        view: its last step.
        seats: [B] the population in each slot; 0 before the first match.
        live: [B] bool, matches in progress.
        records: by slot.
    """

    def __init__(self, game: Game, slots: int, limits: Limits) -> None:
        self.vector = game.vector(slots, limits)
        self.seats = np.zeros(slots, np.int64)
        self.live = np.zeros(slots, np.bool_)
        self.records = [Record() for _ in range(slots)]
        self.view: Step
        self._game, self._layout = game, game.actions
        self._seeds = np.zeros(slots, np.uint64)

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.vector.close()

    def seat(self, slots: Sequence[int], matches: Sequence[Match]) -> Step:
        """Begin these matches in these slots."""
        seeds = np.array([match.seed for match in matches], np.uint64)
        self.view = self.vector.assign(np.array(slots, np.int64), [match.task for match in matches], seeds)
        for slot, match in zip(slots, matches, strict=True):
            self.seats[slot] = len(self._game.seats(match.task))
            self.live[slot], self.records[slot] = True, Record(returns=[0.0] * self.seats[slot])
        self._seeds[slots] = seeds
        self._note(slots)
        return self.view

    def step(self) -> Step:
        """Advance by random legal actions."""
        lengths = np.array([record.length for record in self.records])
        actions = random_actions(self._layout, self.view, self._seeds, lengths)
        self.view = view = self.vector.step(actions)
        played = np.flatnonzero(self.live).tolist()
        for slot in played:
            record, n = self.records[slot], int(self.seats[slot])
            record.length += 1
            record.returns = [old + float(new) for old, new in zip(record.returns, view.reward[slot, :n], strict=True)]
            if view.terminated[slot] or view.truncated[slot]:
                self.live[slot] = False
                record.ending = "terminated" if view.terminated[slot] else "truncated"
                record.score = view.score[slot, :n].tolist()
                record.metrics = {name: float(values[slot]) for name, values in sorted(view.metrics.items())}
        self._note(played)
        return view

    def finish(self, steps: int) -> list[Record]:
        """Advance until no match is in progress, at most this often, and return the records by slot."""
        for _ in range(steps):
            if not self.live.any():
                break
            self.step()
        return self.records

    def bookmark(self) -> tuple[Any, ...]:
        """Return all that belongs to the records but not to the vector, to go on from here with `resume`."""
        return self.seats.copy(), self.live.copy(), [record.copy() for record in self.records], self._seeds.copy()

    def resume(self, bookmark: tuple[Any, ...], view: Step) -> None:
        """Go on from a bookmark, with the view that the vector showed when it went back to that state."""
        seats, live, records, seeds = bookmark
        self.seats, self.live, self._seeds = seats.copy(), live.copy(), seeds.copy()
        self.records, self.view = [record.copy() for record in records], view

    def _note(self, slots: Sequence[int]) -> None:
        view = self.view
        for slot in slots:
            n, views = int(self.seats[slot]), self.records[slot].views
            for name in sorted(view.observation):
                views.update(np.ascontiguousarray(view.observation[name][slot, :n]).tobytes())
            views.update(view.acting[slot, :n].tobytes() + view.reward[slot, :n].tobytes())
            if view.action_mask is not None:
                views.update(view.action_mask[slot][view.acting[slot]].tobytes())


def random_actions(
    layout: ActionLayout, view: Step, seeds: NDArray[np.uint64], lengths: NDArray[np.int64]
) -> NDArray[Any]:
    """Return uniformly random legal actions [B, S, heads] for the acting seats, drawn from the seats' streams."""
    slots, seats = view.acting.shape
    actions = layout.empty(slots, seats)
    if layout.continuous:
        assert layout.low is not None
        assert layout.high is not None
        # Where a bound is infinite, an interval of length two at the other bound, or around zero.
        low = np.where(np.isfinite(layout.low), layout.low, np.where(np.isfinite(layout.high), layout.high - 2, -1))
        high = np.where(np.isfinite(layout.high), layout.high, low + 2)
        _draw_real(
            np.ascontiguousarray(view.acting), low.astype(np.float64), high.astype(np.float64), seeds, lengths, actions
        )
    else:
        mask = np.ones((slots, seats, layout.width), np.bool_) if view.action_mask is None else view.action_mask
        _draw_legal(
            np.ascontiguousarray(view.acting), np.ascontiguousarray(mask), layout.offsets, seeds, lengths, actions
        )
    return actions


@kernel
def _draw_legal(
    acting: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    seeds: NDArray[np.uint64],
    lengths: NDArray[np.int64],
    actions: NDArray[np.int32],
) -> None:
    for b in range(acting.shape[0]):
        for s in range(acting.shape[1]):
            if not acting[b, s]:
                continue
            for h in range(len(offsets) - 1):
                legal = 0
                for a in range(offsets[h], offsets[h + 1]):
                    legal += mask[b, s, a]
                if legal == 0:
                    continue
                chosen = integer(seeds[b], s + 1, lengths[b], h, legal)
                for a in range(offsets[h], offsets[h + 1]):
                    if mask[b, s, a]:
                        if chosen == 0:
                            actions[b, s, h] = a - offsets[h]
                            break
                        chosen -= 1


@kernel
def _draw_real(
    acting: NDArray[np.bool_],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    seeds: NDArray[np.uint64],
    lengths: NDArray[np.int64],
    actions: NDArray[np.float32],
) -> None:
    for b in range(acting.shape[0]):
        for s in range(acting.shape[1]):
            if acting[b, s]:
                for d in range(len(low)):
                    actions[b, s, d] = low[d] + (high[d] - low[d]) * uniform(seeds[b], s + 1, lengths[b], d)
