"""The driver: holds who sits where, asks each policy once a step for all its rows, steps the engine, refills the slots.

Tournaments, evaluation and training all play through this one class; training only keeps what it saw (`Recorder`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from games import Game, InputError, Limits, Step, Task
from games.legality import illegal
from league.checkpoint import nested, subset
from league.crews import Crews
from league.faults import Fault, any_legal, forfeited, guarded
from league.match import NOTHING, Matchup, Reason, Record
from league.replay import pack
from populations.agent import Agent
from populations.policy import Decision, Rows, State

__all__ = ["Driver", "Judge", "Recorder"]


class Recorder(Protocol):
    """Whoever wants to keep what some agents saw and did. Rows are named by `flat = slot * seats + seat`."""

    def storage(self, agent: str, rows: int) -> dict[str, NDArray[Any]] | None:
        """Return arrays [rows, ...] that the driver shall gather this agent's observations into, or None."""
        ...

    def decided(self, agent: str, flat: NDArray[np.int64], rows: Rows, state: State, decision: Decision) -> None:
        """One policy has decided for these rows."""
        ...

    def stepped(self, step: Step) -> None:
        """The engine has moved: rewards and ends are known."""
        ...

    def abandoned(self, slot: int) -> None:
        """The match in this slot was given up."""
        ...


class Judge(Protocol):
    """Whoever may end matches before the game does.

    Attributes:
        observes: whether it looks at observations.
    """

    observes: bool

    def seated(self, slots: NDArray[np.int64]) -> None:
        """New matches begin in these slots."""
        ...

    def decided(self, flat: NDArray[np.int64], value: NDArray[np.float32]) -> None:
        """These seats (`flat = slot * seats + seat`) have decided, and think that their matches are worth so much to them."""
        ...

    def verdicts(self, step: Step, time: NDArray[np.int64]) -> Iterator[tuple[int, tuple[float, ...], str]]:
        """Yield (slot, score per seat, the rule in a few words) for matches in which all is decided.

        Slots without a match, and scores beyond the match's seats, are ignored.

        Args:
            step: what the engine has just returned; matches that ended in it are past judging.
            time: [slots] steps of each match so far.
        """
        ...


class Driver:
    """Plays matchups from a source in the slots of one vector game.

    A match depends on its task, its agents and its seed only: not on its slot, on the batch around it, or on when a slot
    became free.

    Args:
        game: the rules.
        agents: agent id to agent; may grow while matches are played.
        source: returns the next matchup, or None when there is none left. Called once per free slot, in slot order.
        slots: matches in flight.
        seats: the largest population that the source will ask for.
        steps: matches longer than this are truncated; None leaves it to the game.
        recorder: keeps what learners saw; None in evaluation.
        observe: whether observations are needed.
        judge: may end matches before the game does.
        replays: whether records keep what was played.

    Raises:
        InputError: during play, for an opening that the game does not allow.
    """

    def __init__(
        self,
        game: Game,
        agents: Mapping[str, Agent],
        source: Callable[[], Matchup | None],
        *,
        slots: int,
        seats: int,
        steps: int | None = None,
        recorder: Recorder | None = None,
        observe: bool = True,
        judge: Judge | None = None,
        replays: bool = False,
    ) -> None:
        self.game, self.agents, self.recorder, self.judge = game, agents, recorder, judge
        self.vector = game.vector(slots, Limits(seats=seats, steps=steps, observe=observe))
        self._source = source
        self._actions = game.actions.empty(slots, seats)
        self._heads = game.actions.heads
        self._names: list[str] = []  # agent index -> agent id
        self._learns: list[bool] = []  # agent index -> whether the recorder is offered its decisions
        # a learner that sits in a match from which it does not learn is a guest there, with an index of its own
        self._index: dict[str, int] = {}
        self._guests: dict[str, int] = {}
        self._crews = Crews()
        # what seats remember: arrays [slots * seats, ...] that all agents with memory of one form share
        self._memory: dict[str, State] = {}
        self._form: list[str] = []  # agent index -> form of its memory, "" for none
        self.matchups: list[Matchup | None] = [None] * slots
        self._free = list(range(slots))
        self._agent_of = np.full((slots, seats), -1, np.int32)
        self._seed = np.zeros(slots, np.uint64)
        self.ordinal = np.zeros(slots, np.int64)  # of the matchup in each slot
        self._time = np.zeros(slots, np.int64)
        self._returns = np.zeros((slots, seats), np.float64)
        self._flat_seat = np.tile(np.arange(seats), slots)
        self._flat_slot = np.repeat(np.arange(slots), seats)
        self._openings: dict[int, tuple[int, ...]] = {}  # slot -> opening that is not played out yet
        self._log = np.zeros(
            (int(replays), *self._actions.shape), self._actions.dtype
        )  # [step of the match, slot, ...]
        self.view: Step | None = None

    def refill(self) -> int:
        """Seat new matches in all free slots, as far as the source has any; return the number of matches in flight."""
        self._free.sort()
        matchups: list[Matchup] = []
        while len(matchups) < len(self._free) and (matchup := self._source()) is not None:
            matchups.append(matchup)
        if matchups:
            self._seat(np.array(self._free[: len(matchups)]), matchups)
            del self._free[: len(matchups)]
        return len(self.matchups) - len(self._free)

    def _seat(self, slots: NDArray[np.int64], matchups: list[Matchup]) -> None:
        seeds = np.array([m.seed for m in matchups], np.uint64)
        self.view = self.vector.assign(slots, [m.task for m in matchups], seeds)
        self._seed[slots], self._time[slots] = seeds, 0
        self.ordinal[slots] = [m.ordinal for m in matchups]
        self._returns[slots] = 0.0
        for slot, matchup in zip(slots.tolist(), matchups, strict=True):
            self.matchups[slot] = matchup
            if matchup.opening:
                self._openings[slot] = matchup.opening
        lineups = [self._lineup(matchup) for matchup in matchups]
        empty = [-1] * self._agent_of.shape[1]
        self._agent_of[slots] = [lineup + empty[len(lineup) :] for lineup in lineups]
        self._reset_memory(slots)
        if self.judge is not None:
            self.judge.seated(slots)

    def _lineup(self, matchup: Matchup) -> list[int]:
        """Return the agent index of every seat."""
        index = self._index
        if matchup.learns is None:
            return [index[name] if name in index else self._add_agent(name, True) for name in matchup.agents]
        tables = [index if learns else self._guests for learns in matchup.learns]
        return [
            table[name] if name in table else self._add_agent(name, table is index)
            for name, table in zip(matchup.agents, tables, strict=True)
        ]

    def _add_agent(self, agent: str, learns: bool) -> int:
        index = (self._index if learns else self._guests)[agent] = len(self._names)
        self._names.append(agent)
        self._learns.append(learns)
        policy = self.agents[agent].policy
        initial = policy.initial_state(1)
        form = ",".join(f"{k}:{v.dtype}:{v.shape[1:]}" for k, v in sorted(initial.items()))
        if form and form not in self._memory:
            self._memory[form] = {k: np.repeat(v, self._agent_of.size, axis=0) for k, v in initial.items()}
        self._form.append(form)
        self._crews.add(index, policy)
        return index

    def _reset_memory(self, slots: NDArray[np.int64]) -> None:
        if not self._memory:
            return
        fresh = np.flatnonzero(np.isin(self._flat_slot, slots))
        for index, flat in _groups(self._agent_of.ravel()[fresh], fresh):
            if index >= 0 and self._form[index]:
                memory = self._memory[self._form[index]]
                for name, values in self.agents[self._names[index]].policy.initial_state(len(flat)).items():
                    memory[name][flat] = values

    def advance(self) -> list[Record]:
        """Let every acting seat decide, step all matches once, and return the records of those that ended."""
        assert self.view is not None, "refill() seats the first matches"
        records = self._decide()
        if len(self._log):
            self._note()
        step = self.view = self.vector.step(self._actions)
        self._time += 1
        self._returns += step.reward
        if self.recorder is not None:
            self.recorder.stepped(step)
        ended = np.flatnonzero(step.terminated | step.truncated)
        if len(ended):
            records += self._records(ended, step)
        if self.judge is not None:
            for slot, scores, detail in self.judge.verdicts(step, self._time):
                matchup = self.matchups[slot]
                if matchup is not None:
                    scores = scores[: len(matchup.agents)]
                    records.append(self._give_up(slot, scores, Reason.ADJUDICATED, detail=detail))
        return records

    def interrupt(self, agents: Collection[str]) -> list[Record]:
        """Give up all matches in flight in which one of these agents sits; return their records, which count for nothing."""
        return [
            self._give_up(slot, (0.0,) * len(matchup.agents), Reason.INTERRUPTED)
            for slot, matchup in enumerate(self.matchups)
            if matchup is not None and not set(agents).isdisjoint(matchup.agents)
        ]

    def _note(self) -> None:
        """Keep the actions of this step for the replays."""
        assert self.view is not None
        while len(self._log) <= self._time.max():
            self._log = np.concatenate([self._log, np.zeros_like(self._log)])
        actions = np.where(self.view.acting[:, :, None], self._actions, 0)
        self._log[self._time, np.arange(len(self._time))] = actions

    def _replay(self, slot: int, length: int, seats: int) -> bytes:
        return pack(self._log[:length, slot, :seats]) if len(self._log) else b""

    def _records(self, ended: NDArray[np.int64], step: Step) -> list[Record]:
        """Release the slots that ended. Tens of thousands of matches a second pass here: lists, no arrays, in the loop."""
        slots = ended.tolist()
        score, returned = step.score[ended].tolist(), self._returns[ended].tolist()
        length, truncated = self._time[ended].tolist(), step.truncated[ended].tolist()
        metrics = [(name, values[ended].tolist()) for name, values in step.metrics.items()]
        seats, matchups, records = self._agent_of.shape[1], self.matchups, []
        for k, slot in enumerate(slots):
            matchup = matchups[slot]
            if matchup is None:
                continue  # an abandoned match played itself out
            matchups[slot] = None
            self._free.append(slot)
            n = len(matchup.agents)
            records.append(
                Record(
                    matchup.id,
                    matchup,
                    tuple(score[k] if n == seats else score[k][:n]),
                    tuple(returned[k] if n == seats else returned[k][:n]),
                    length[k],
                    Reason.TRUNCATED if truncated[k] else Reason.NORMAL,
                    metrics={name: values[k] for name, values in metrics} if metrics else NOTHING,
                    replay=self._replay(slot, length[k], n),
                )
            )
        return records

    def rows(self, flat: NDArray[np.int64], out: dict[str, NDArray[Any]] | None = None) -> Rows:
        """Return what these seats see now, gathered into `out` where it is given."""
        assert self.view is not None
        slot = self._flat_slot[flat]
        view, size = self.view, self._agent_of.size
        observation = {}
        if self.vector.limits.observe:
            for name, values in view.observation.items():
                table = values.reshape(size, *values.shape[2:])
                if out is not None:
                    observation[name] = np.take(table, flat, axis=0, out=out[name], mode="clip")
                else:
                    observation[name] = table if len(flat) == size else table[flat]
        mask = None if view.action_mask is None else view.action_mask.reshape(size, -1)[flat]
        return Rows(
            observation,
            mask,
            self._seed[slot],
            self._flat_seat[flat],
            self._time[slot],
            slot,
            self.vector,
        )

    def memory(self, agent: str, flat: NDArray[np.int64]) -> State:
        """Return the recurrent state of these seats, which this agent holds."""
        return self._recall(self._index[agent], flat)

    def _recall(self, index: int, flat: NDArray[np.int64]) -> State:
        form = self._form[index]
        return {k: v[flat] for k, v in self._memory[form].items()} if form else {}

    def _decide(self) -> list[Record]:
        assert self.view is not None
        acting = np.flatnonzero(self.view.acting)
        if self._openings:
            acting = self._open(acting)
        agents = self._agent_of.ravel()[acting]
        actions = self._actions.reshape(-1, self._heads)
        faults: dict[int, Fault] = {}
        for leader, flat in _groups(self._crews.leader(agents), acting):
            if leader < 0:  # nobody sits there any more: the match was abandoned and its slot waits for the next one
                actions[flat] = any_legal(self.rows(flat).mask, len(flat), self.game.actions)
                continue
            decision = self._ask(leader, flat, faults)
            actions[flat] = decision.action.reshape(len(flat), self._heads)
            for k, v in decision.state.items():
                self._memory[self._form[leader]][k][flat] = v
        return [self._forfeit(slot, fault) for slot, fault in faults.items()]

    def _open(self, acting: NDArray[np.int64]) -> NDArray[np.int64]:
        """Play the openings; return the seats for which somebody must decide."""
        seats = self._agent_of.shape[1]
        forced = np.isin(acting // seats, [*self._openings])
        for flat in acting[forced].tolist():
            slot, row = flat // seats, np.array([flat])
            opening = self._openings[slot]
            action = self._actions.reshape(-1, self._heads)[row] = np.array([[opening[self._time[slot]]]])
            if illegal(action, self.rows(row).mask, self.game.actions).any():
                raise InputError(
                    f"the opening {list(opening)} is impossible in {self.game.name}: move {self._time[slot] + 1}"
                    f" ({opening[self._time[slot]]}) is not legal there"
                )
            if self._time[slot] + 1 == len(opening):
                del self._openings[slot]
        return acting[~forced]

    def _ask(self, leader: int, flat: NDArray[np.int64], faults: dict[int, Fault]) -> Decision:
        """Let a policy, or a crew of them, decide for these seats."""
        name = self._names[leader]
        policy = self.agents[name].policy
        kept = self.recorder.storage(name, len(flat)) if self.recorder and self._learns[leader] else None
        rows, state = self.rows(flat, kept), self._recall(leader, flat)
        crew = self._crews.of(leader)
        if crew is not None:
            return crew.act(rows, state, self._crews.member[self._agent_of.ravel()[flat]])
        if kept is not None:
            assert self.recorder is not None
            decision = policy.act(rows, state)
            self.recorder.decided(name, flat, rows, decision.before or state, decision)
        else:
            decision, found = guarded(policy, rows, state, self.game.actions)
            for row, fault in found.items():
                slot = int(rows.slot[row])
                if (
                    slot not in faults or fault.seat < faults[slot].seat
                ):  # the order in which agents are asked has no say
                    faults[slot] = fault
        if self.judge is not None and decision.value is not None:
            self.judge.decided(flat, decision.value)
        return decision

    def _forfeit(self, slot: int, fault: Fault) -> Record:
        """End a match because of a fault."""
        matchup = self.matchups[slot]
        assert matchup is not None
        return self._give_up(slot, forfeited(self.game, matchup, fault.seat), **asdict(fault))

    def _give_up(
        self,
        slot: int,
        scores: tuple[float, ...],
        reason: Reason,
        seat: int | None = None,
        detail: str = "",
        log: str = "",
    ) -> Record:
        """End a match before its time; the engine plays on with any legal moves until the slot is seated anew."""
        matchup = self.matchups[slot]
        assert matchup is not None
        self.matchups[slot] = None
        self._openings.pop(slot, None)
        self._free.append(slot)
        self._agent_of[slot] = -1
        if self.recorder is not None:
            self.recorder.abandoned(slot)
        n, length = len(matchup.agents), int(self._time[slot])
        returns = tuple(self._returns[slot, :n].tolist())
        replay = self._replay(slot, length, n)
        return Record(matchup.id, matchup, scores, returns, length, reason, seat, detail, log=log, replay=replay)

    # checkpoints

    def state_dict(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the matches in flight: arrays, and what is best kept as JSON."""
        arrays = {"seed": self._seed, "time": self._time, "returns": self._returns}
        for form, memory in self._memory.items():
            arrays |= nested(f"memory/{form}", memory)
        if self.vector.resumable:
            arrays |= nested("vector", self.vector.state_dict())
        matchups = [m and (*m[:2], dict(m.task), *m[3:]) for m in self.matchups]
        members = list(zip(self._names, self._learns, strict=True))
        return {k: v.copy() for k, v in arrays.items()}, {"agents": members, "matchups": matchups}

    def load_state_dict(self, arrays: Mapping[str, NDArray[Any]], matchups: Mapping[str, Any]) -> None:
        """Go back to a state. Matches of a game that is not resumable are started again from their seeds."""
        for name, learns in matchups["agents"]:
            self._add_agent(name, learns)
        asked = {k: _matchup(m) for k, m in enumerate(matchups["matchups"]) if m is not None}
        if asked:
            self._seat(np.array([*asked]), [*asked.values()])
        self._free = [k for k, m in enumerate(self.matchups) if m is None]
        if self.vector.resumable:
            self.view = self.vector.load_state_dict(subset("vector", arrays))
            self._time[:], self._returns[:] = arrays["time"], arrays["returns"]
            self._openings = {slot: moves for slot, moves in self._openings.items() if self._time[slot] < len(moves)}
            for form, memory in self._memory.items():
                for name, values in subset(f"memory/{form}", arrays).items():
                    memory[name][:] = values


def _matchup(values: Sequence[Any]) -> Matchup:
    """Return a matchup from its JSON values."""
    fields: Any = (Task(v) if isinstance(v, dict) else tuple(v) if isinstance(v, list) else v for v in values)
    return Matchup(*fields)


def _groups(agents: NDArray[np.int32], flat: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield (agent index, its rows), each agent's rows in ascending order."""
    if not len(agents):
        return
    if (agents == agents[0]).all():
        yield int(agents[0]), flat
        return
    order = np.argsort(agents, kind="stable")
    agents, flat = agents[order], flat[order]
    starts = np.flatnonzero(np.diff(agents, prepend=agents[0] - 1))
    for start, end in zip(starts, [*starts[1:], len(agents)], strict=True):
        yield int(agents[start]), flat[start:end]
