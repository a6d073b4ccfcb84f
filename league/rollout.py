"""The rollout: what learners saw and did while the driver played, as trajectories to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import Step
from games.compiled import kernel
from league.checkpoint import nested, subset
from league.driver import Driver
from league.match import Record
from populations.learners.learner import Learner, LooksAhead
from populations.learners.trajectories import CUT, ENDED, PENDING, Ahead, Trajectories
from populations.policy import Decision, Rows, State

__all__ = ["Rollout"]


class Rollout:
    """Keeps the decisions of some agents of a driver, one row each; hands them out as `Trajectories`.

    A decision whose reward is not complete at the end of a fragment (it is another seat's turn, or the unit is dead and
    its team fights on) is carried over to the next fragment, so none is lost.

    Args:
        driver: plays the matches; this rollout becomes its recorder.
        learners: agent id to learner, for the agents that learn.
    """

    def __init__(self, driver: Driver, learners: Mapping[str, Learner]) -> None:
        self.driver = driver
        self.learners = learners
        self.decisions = 0  # made by learners since the start
        self._tables: dict[str, _Table] = {}
        for name in learners:
            self.enter(name)
        driver.recorder = self

    def enter(self, name: str) -> None:
        """Keep the decisions of one more learner, which is among `learners` by now."""
        limits = self.driver.vector.limits
        learner = self.learners[name]
        ahead = isinstance(learner, LooksAhead) and learner.looks_ahead
        self._tables[name] = _Table(self.driver.vector.slots * limits.seats, ahead=ahead)

    def collect(self, steps: int) -> tuple[list[Record], dict[str, Trajectories]]:
        """Play a fragment of so many steps.

        Returns:
            The records of the matches that ended in it and, for each learner that decided anything, its trajectories
            (views into the rollout's storage: valid until the next call).
        """
        records: list[Record] = []
        for table in self._tables.values():
            table.carry()
        self.driver.refill()
        for _ in range(steps):
            records += self.driver.advance()
            self.driver.refill()
        for name, table in self._tables.items():
            self._cut(name, table, np.flatnonzero(self._acting() & (table.last >= 0)))
        return records, {name: table.trajectories() for name, table in self._tables.items() if table.size}

    # the driver's Recorder

    def storage(self, agent: str, rows: int) -> dict[str, NDArray[Any]] | None:
        """Return room for the observations of a learner's next decisions; None for agents that do not learn."""
        table = self._tables.get(agent)
        return None if table is None else table.reserve(rows, self.driver.vector.observation_space)

    def decided(self, agent: str, flat: NDArray[np.int64], rows: Rows, state: State, decision: Decision) -> None:
        """Keep a learner's decisions."""
        match = self.driver.ordinal[flat // self.driver.vector.limits.seats]
        self._tables[agent].append(flat, rows, state, decision, match)
        self.decisions += len(flat)

    def stepped(self, step: Step) -> None:
        """Book rewards and ends on the decisions that led to them."""
        seats = step.reward.shape[1]
        cut = np.repeat(step.truncated, seats)
        ended = np.repeat(step.terminated, seats)
        if self.driver.game.elimination:
            ended |= np.repeat(~step.truncated, seats) & ~step.acting.ravel()
        for name, table in self._tables.items():
            table.settle(step.reward.ravel(), ended)
            if step.truncated.any():
                self._cut(name, table, np.flatnonzero(cut & (table.last >= 0)))

    def abandoned(self, slot: int) -> None:
        """Forget the open decisions of a match that will not be played to its end."""
        seats = self.driver.vector.limits.seats
        for table in self._tables.values():
            table.last[slot * seats : (slot + 1) * seats] = -1

    def _acting(self) -> NDArray[np.bool_]:
        assert self.driver.view is not None
        return self.driver.view.acting.ravel()

    def _cut(self, name: str, table: _Table, flat: NDArray[np.int64]) -> None:
        """Close the open decisions of these seats with the value of what the seats see now."""
        if len(flat):
            rows = self.driver.rows(flat)
            table.close(flat, rows, self.learners[name].value(rows, self.driver.memory(name, flat)))

    # checkpoints

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return the open decisions of every learner."""
        state: dict[str, NDArray[Any]] = {"decisions": np.array([self.decisions])}
        for name, table in self._tables.items():
            state |= nested(name, table.state_dict())
        return state

    def load_state_dict(self, state: Mapping[str, NDArray[Any]], *, matches: bool) -> None:
        """Go back to a state; without open decisions where the matches in flight were started again."""
        self.decisions = int(state["decisions"][0])
        for name, table in self._tables.items() if matches else ():
            table.load_state_dict(subset(name, state))


class _Table:
    """The decisions of one learner: growing columns, of which the first `size` rows are in use.

    `last[flat]` is the row of a seat's open decision, whose reward is still being added up; -1 where there is none. `ahead`
    says whether to keep what was seen after cuts.
    """

    def __init__(self, places: int, *, ahead: bool = False) -> None:
        self.last = np.full(places, -1, np.int64)
        self.size = 0
        self._ahead: list[Ahead] | None = [] if ahead else None
        self._columns: dict[str, NDArray[Any]] = {}

    def reserve(self, rows: int, space: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        end = self.size + rows
        for name, box in space.items():
            self._column(f"observation/{name}", end, box.shape, box.dtype)
        return {name: self._columns[f"observation/{name}"][self.size : end] for name in space}

    def _column(self, name: str, end: int, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Return the column, with room for `end` rows."""
        column = self._columns.get(name)
        if column is None or len(column) < end:
            grown = np.zeros((max(end, 2 * self.size), *shape), dtype)
            if column is not None:
                grown[: self.size] = column[: self.size]
            column = self._columns[name] = grown
        return column

    def append(
        self, flat: NDArray[np.int64], rows: Rows, state: State, decision: Decision, match: NDArray[np.int64]
    ) -> None:
        start, end = self.size, self.size + len(flat)
        assert decision.log_prob is not None, "a learner's policy reports log-probabilities"
        assert decision.value is not None, "a learner's policy reports values"
        new: dict[str, NDArray[Any]] = {
            "action": decision.action.reshape(len(flat), -1),
            "log_prob": decision.log_prob,
            "value": decision.value,
            "match": match,
            "seat": rows.seat,
            "step": rows.step,
            **{f"state/{name}": values for name, values in state.items()},
        }
        if rows.mask is not None:
            new["mask"] = rows.mask
        for name, values in new.items():
            self._column(name, end, values.shape[1:], values.dtype)[start:end] = values
        self._column("reward", end, (), np.float32)[start:end] = 0
        self._column("bootstrap", end, (), np.float32)[start:end] = 0
        successor = self._column("next", end, (), np.int64)
        successor[start:end] = PENDING
        _link(self.last, flat, successor, start)
        self.size = end

    def settle(self, reward: NDArray[np.float32], ended: NDArray[np.bool_]) -> None:
        if self.size:
            _settle(self.last, reward, ended, self._columns["reward"], self._columns["next"])

    def close(self, flat: NDArray[np.int64], seen: Rows, value: NDArray[np.float32]) -> None:
        rows = self.last[flat]
        self._columns["next"][rows] = CUT
        self._columns["bootstrap"][rows] = value
        self.last[flat] = -1
        if self._ahead is not None:  # copies: what the engine shows is overwritten by its next step
            seen_then = {name: values.copy() for name, values in seen.observation.items()}
            self._ahead.append(Ahead(rows, seen_then, None if seen.mask is None else seen.mask.copy()))

    def carry(self) -> None:
        """Move the open decisions to the front and forget the rest."""
        flat = np.flatnonzero(self.last >= 0)
        rows = self.last[flat]
        order = np.argsort(rows)
        flat, rows = flat[order], rows[order]
        for column in self._columns.values():
            column[: len(rows)] = column[rows]
        self.last[flat] = np.arange(len(rows))
        self.size = len(rows)
        if self._ahead:
            self._ahead = []

    def trajectories(self) -> Trajectories:
        used = {name: column[: self.size] for name, column in self._columns.items()}
        return Trajectories(
            observation=subset("observation", used),
            mask=used.get("mask"),
            action=used["action"],
            log_prob=used["log_prob"],
            value=used["value"],
            reward=used["reward"],
            next=used["next"],
            bootstrap=used["bootstrap"],
            state=subset("state", used),
            match=used["match"],
            seat=used["seat"],
            step=used["step"],
            ahead=None if self._ahead is None else _together(self._ahead),
        )

    def state_dict(self) -> dict[str, NDArray[Any]]:
        rows = np.sort(self.last[self.last >= 0])
        state = nested("column", {name: column[rows] for name, column in self._columns.items()})
        # rows are renumbered as `carry` will do
        last = np.where(self.last >= 0, np.searchsorted(rows, self.last), -1)
        return state | {"last": last}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        self._columns = {name: column.copy() for name, column in subset("column", state).items()}
        self.last = state["last"].copy()
        self.size = int((self.last >= 0).sum())


def _together(parts: list[Ahead]) -> Ahead | None:
    if not parts:
        return None
    row = np.concatenate([part.row for part in parts])
    order = np.argsort(row)
    masks = [part.mask for part in parts if part.mask is not None]
    return Ahead(
        row[order],
        {name: np.concatenate([part.observation[name] for part in parts])[order] for name in parts[0].observation},
        np.concatenate(masks)[order] if masks else None,
    )


@kernel
def _link(last, flat, successor, start):  # type: ignore[no-untyped-def]
    """Each new row follows the seat's open one, if there is one, and becomes the open one."""
    for k in range(len(flat)):
        before = last[flat[k]]
        if before >= 0:
            successor[before] = start + k
        last[flat[k]] = start + k


@kernel
def _settle(last, reward, ended, rewards, successor):  # type: ignore[no-untyped-def]
    """Add each seat's reward to its open decision; close the decisions of matches that ended by their rules."""
    for f in range(len(last)):
        row = last[f]
        if row >= 0:
            rewards[row] += reward[f]
            if ended[f]:
                successor[row] = ENDED
                last[f] = -1
