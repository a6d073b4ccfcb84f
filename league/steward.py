"""The steward: what happens to the members of a league between two updates. It decides, does it, and writes down why."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from games import InputError, Scalar
from league import requests
from league.events import Event, Kind, Member
from league.fitness import Fitness
from league.match import Record, match_seed
from league.matchmakers import Matchmaker
from league.members import Members
from league.requests import Request
from league.rules import Occasion, Rules, weights
from league.store import Store
from populations.agent import Agent
from populations.agents import load_agent
from populations.learners.learner import Adopts, Learner
from populations.pbt import PBT, Exploit

__all__ = ["Breeding", "Make", "Steward", "Table"]

Make = Callable[[str, str, Mapping[str, Scalar]], Learner]
"""Makes a learner as it is at its beginning, from its name, its population and those hyper-parameters that may change."""


Detail = Mapping[str, Any]
_NONE: Detail = {}


class Table(Protocol):
    """What a steward needs of those who play."""

    def interrupt(self, agents: Collection[str]) -> None:
        """Give up the matches in flight of agents whose weights jump."""
        ...

    def enter(self, learner: str) -> None:
        """Make room for one more learner."""
        ...

    def measure(self, agent: Agent) -> None:
        """Measure a new snapshot."""
        ...

    def settle(self) -> None:
        """The pool is another one: let those meet of whom the matchmaker knows too little."""
        ...

    def compare(self, records: list[Record], fitness: Mapping[str, float]) -> None:
        """A population was compared."""
        ...


@dataclass(frozen=True)
class Breeding:
    """Population-based training: its rules, and by what learners are compared."""

    rules: PBT
    fitness: Fitness


class Steward:
    """Carries out the rules of a league and what its user asks for.

    Args:
        members: who is in the league.
        rules: of the learners of each population.
        matchmaker: weighs snapshots when some must go.
        table: those who play.
        store: the run's records; this reads answers there, and writes nothing.
        seed: of the run.
        make: makes learners anew; None where no rule needs it.
        breeding: population-based training, or None.
        barred: ids and hashes of agents that must never join.

    Attributes:
        events: decisions that are not recorded yet.
        agents: snapshots that are not recorded yet, with the steps at which they were taken.
    """

    def __init__(
        self,
        members: Members,
        rules: Mapping[str, Rules],
        *,
        matchmaker: Matchmaker,
        table: Table,
        store: Store,
        seed: int,
        make: Make | None = None,
        breeding: Breeding | None = None,
        barred: Collection[str] = (),
    ) -> None:
        self.members, self.matchmaker, self.table, self.store, self.seed = members, matchmaker, table, store, seed
        self.make, self.breeding, self.barred = make, breeding, frozenset(barred)
        self._rules = dict(rules)
        self.events: list[Event] = []
        self.agents: list[tuple[Agent, int]] = []
        self._handled: list[str] = []  # requests whose answers wait for the commit
        self._count = 0  # of events
        self._last: dict[str, int] = {}  # learner -> step of its last snapshot
        self._compared, self._comparisons = 0, 0
        self._added: dict[str, str] = {}  # agents that were asked for -> URI

    @property
    def begun(self) -> bool:
        """Whether the members have entered."""
        return self._count > 0

    def begin(self) -> None:
        """Enter everyone, and freeze first weights: the history is never empty."""
        for name, member in self.members.roll.items():
            self._note(0, Kind.ENTER, name, reason="in the configuration", detail=_said(member))
        for name in self.members.live:
            self._last[name] = 0
            if self._rules_of(name).starts_frozen:
                self._freeze(name, 0, "first weights: the history is never empty")
        self.table.settle()

    def act(self, step: int, *, end: bool) -> bool:
        """Carry out what is due at this step; return whether anything was.

        Args:
            step: decisions of learners so far.
            end: whether the run ends here: then everybody is frozen and nothing else begins.
        """
        before = self._count
        by_rule = self._due(step)
        reasons = by_rule | {n: "the run ends here" for n in self.members.live if end and n not in by_rule}
        frozen = {name: self._freeze(name, step, reasons[name]) for name in self.members.live if name in reasons}
        if frozen:
            self.table.settle()
            if not end:
                self._reset([name for name in frozen if name in by_rule], step)
            self._retire(frozen, step)
        if self.breeding is not None and not end and self.breeding.rules.due(step, self._compared):
            self._breed(self.breeding, step)
        self.answer(step)
        return self._count > before

    def _rules_of(self, learner: str) -> Rules:
        return self._rules[self.members.roll[learner].population]

    def _note(
        self, step: int, kind: Kind, agent: str, source: str = "", reason: str = "", detail: Detail = _NONE
    ) -> None:
        text = json.dumps(dict(detail)) if detail else ""
        self.events.append(Event(self._count, step, str(kind), agent, source, reason, text))
        self._count += 1

    # snapshots, resets, retirement

    def _due(self, step: int) -> dict[str, str]:
        """Return whom its rule wants frozen, and why; all look at the same pool."""
        found = {}
        for name in self.members.live:
            occasion = Occasion(learner=name, steps=step - self._last[name], pool=self.members.pool)
            reason = self._rules_of(name).freeze.due(occasion)
            if reason is not None:
                found[name] = reason
        return found

    def _freeze(self, name: str, step: int, reason: str, detail: Detail = _NONE) -> Agent:
        agent = self.members.freeze(name, step)
        self._last[name] = step
        self.agents.append((agent, step))
        self._note(step, Kind.FREEZE, agent.id, name, reason, detail)
        self.table.measure(agent)
        return agent

    def _reset(self, names: Iterable[str], step: int) -> None:
        gone = []
        for name in names:
            rule = self._rules_of(name).reset
            snapshot = self.members.snapshots_of(name)[-1]
            reason = rule.due(np.random.default_rng(match_seed(self.seed, "reset", snapshot))) if rule else None
            if rule is None or reason is None:
                continue
            learner = self._made(name)
            if rule.to is not None:
                _adopt(learner, rule.to)
            parent = rule.to.id if rule.to else None
            self.members.replace(name, learner, parent=parent, options=self.members.roll[name].options)
            self._note(step, Kind.RESET, name, parent or name, reason)
            gone.append(name)
        self.table.interrupt(gone)

    def _retire(self, names: Iterable[str], step: int) -> None:
        known = None
        for name in names:
            rule = self._rules_of(name).retire
            if rule is None:
                continue
            known = weights(self.matchmaker, self.members.pool) if known is None else known
            here = [s for s in self.members.snapshots_of(name) if not self.members.roll[s].retired]
            for snapshot, reason in rule.due(here, known):
                self.members.retire(snapshot)
                self._note(step, Kind.RETIRE, snapshot, reason=reason)

    def _made(self, name: str, options: Mapping[str, Scalar] | None = None) -> Learner:
        assert self.make is not None, "rules that make learners anew come with a maker"
        member = self.members.roll[name]
        return self.make(name, member.population, member.options if options is None else options)

    # population-based training

    def _breed(self, breeding: Breeding, step: int) -> None:
        """Compare the learners of every population, and let the worse ones take over the better ones."""
        populations: dict[str, list[str]] = {}
        for name in self.members.live:
            populations.setdefault(self.members.roll[name].population, []).append(name)
        populations = {name: found for name, found in populations.items() if len(found) > 1}
        agents = [
            Agent(name, self.members.agents[name].hash, self.members.learners[name].freeze())
            for found in populations.values()
            for name in found
        ]
        records, fitness = breeding.fitness(agents, self._comparisons)
        self.table.compare(records, fitness)
        rng = np.random.default_rng(match_seed(self.seed, "pbt", self._comparisons))
        self._compared, self._comparisons = step, self._comparisons + 1
        pairs = [
            pair
            for found in populations.values()
            for pair in breeding.rules.exploits({name: fitness[name] for name in found}, rng)
        ]
        losers: dict[str, list[str]] = {}
        for pair in pairs:
            losers.setdefault(pair.donor, []).append(pair.loser)
        kept = {donor: self._kept(donor, taken_by, step) for donor, taken_by in losers.items()}
        for pair in pairs:
            self._exploit(breeding.rules, pair, kept[pair.donor], step, rng)
        if pairs:
            self.table.settle()
        self.table.interrupt([pair.loser for pair in pairs])

    def _kept(self, donor: str, losers: list[str], step: int) -> str:
        """Return a snapshot of a donor as it is now: what others grow out of is never lost."""
        if self._last[donor] == step and (taken := self.members.snapshots_of(donor)):
            return taken[-1]
        return self._freeze(donor, step, f"taken over by {', '.join(losers)}").id

    def _exploit(self, rules: PBT, pair: Exploit, snapshot: str, step: int, rng: np.random.Generator) -> None:
        theirs = self.members.roll[pair.donor].options
        options = rules.explore(theirs, rng)
        learner = self._made(pair.loser, options)
        learner.load_state_dict(self.members.learners[pair.donor].state_dict())
        self.members.replace(pair.loser, learner, parent=snapshot, options=options)
        self._last[pair.loser] = step  # what it is now, the donor's snapshot is
        fitness = f"fitness {pair.lost:.3f} against {pair.gained:.3f} of {pair.donor}"
        gap = f"a gap of {pair.gained - pair.lost:.3f}, above {rules.min_gap:g}"
        self._note(step, Kind.EXPLOIT, pair.loser, snapshot, f"{fitness}, {gap}", {"options": dict(theirs)})
        moved = [key for key in options if options[key] != theirs[key]]
        changes = ", ".join(f"{key} from {_short(theirs[key])} to {_short(options[key])}" for key in moved)
        self._note(
            step,
            Kind.EXPLORE,
            pair.loser,
            reason=changes or "nothing changed",
            detail={"before": dict(theirs), "after": options},
        )

    # what was asked for

    def answer(self, step: int) -> bool:
        """Carry out what was asked for since the last time; return whether anything was."""
        before, pool = self._count, self.members.pool
        for request in requests.pending(self.store.folder):
            if request.id in self._handled:
                continue
            self._handled.append(request.id)
            if requests.answer(self.store, request.id) is not None:
                continue  # recorded, but a kill kept the note from being removed
            try:
                self._fulfil(request, step)
            except InputError as error:
                self._note(
                    step, Kind.REFUSE, request.agent, reason=f"asked for, but {error}", detail={"request": request.id}
                )
        if self.members.pool is not pool:
            self.table.settle()
        return self._count > before

    def _fulfil(self, request: Request, step: int) -> None:
        """Do what was asked for; all that can be refused is refused before anything is done."""
        name, detail = request.agent, {"request": request.id}
        if request.wish == "add":
            agent = load_agent(name, self.members.game, snapshots=self.members.folder)
            if not self.barred.isdisjoint((agent.id, agent.hash)):
                raise InputError(f"{name} is held out: it must never join the pool")
            self.members.enter_fixed(agent, step)
            self._added[agent.id] = name
            self._note(
                step, Kind.ENTER, agent.id, reason="asked for", detail=_said(self.members.roll[agent.id]) | detail
            )
            return
        if request.wish not in requests.WISHES:
            raise InputError(f"the request {request.id} cannot be understood")
        member = self.members.roll.get(name)
        if member is None or member.retired:
            raise InputError(f"{name} is no member of the league" if member is None else f"{name} is retired already")
        if request.wish != "remove" and member.kind != "learner":
            raise InputError(f"{name} does not learn: only learners are frozen or branched")
        if request.wish == "freeze":
            self._freeze(name, step, "asked for", detail)
        elif request.wish == "branch":
            self._branch(name, step, detail)
        else:
            if self.members.live == (name,):
                raise InputError(f"{name} is the only learner left")
            self.members.retire(name)
            self._note(step, Kind.RETIRE, name, reason="asked for", detail=detail)
            if member.kind == "learner":
                self.table.interrupt([name])

    def _branch(self, source: str, step: int, detail: Mapping[str, Any]) -> None:
        """Enter a copy of a learner, which goes its own way from here."""
        if self.make is None:
            raise InputError("this run cannot make learners")
        name = next(new for k in range(1, 10**6) if (new := f"{source}.b{k}") not in self.members.roll)
        member = self.members.roll[source]
        learner = self.make(name, member.population, member.options)
        learner.load_state_dict(self.members.learners[source].state_dict())
        self.members.enter_learner(name, learner, replace(member, id=name, parent=source, entered=step))
        self._last[name] = step
        self.table.enter(name)
        self._note(step, Kind.BRANCH, name, source, "asked for", detail)

    # records and checkpoints

    def recorded(self) -> None:
        """All events are durable: notes that were answered can go."""
        self.events, self.agents = [], []
        for request in self._handled:
            requests.settle(self.store.folder, request)
        self._handled = []

    def state_dict(self) -> dict[str, Any]:
        """Return what later decisions depend on beside the members, as plain JSON values."""
        return {
            "count": self._count,
            "last": self._last,
            "compared": [self._compared, self._comparisons],
            "added": self._added,
        }

    def load_state_dict(self, state: Mapping[str, Any], members: Mapping[str, Any]) -> None:
        """Go back to a state, and the members with it.

        Args:
            state: of `state_dict`.
            members: of the members' `state_dict`.

        Raises:
            InputError: when an agent that was asked for cannot be loaded any more.
        """
        self._count, self._last, self._added = state["count"], dict(state["last"]), dict(state["added"])
        self._compared, self._comparisons = state["compared"]
        added = {
            name: load_agent(uri, self.members.game, snapshots=self.members.folder) for name, uri in self._added.items()
        }
        learners = {}
        for saved in (Member(**values) for values in members["roll"]):
            if saved.kind != "learner":
                continue
            known = self.members.roll.get(saved.id)
            if known is None or known.options != saved.options:
                assert self.make is not None
                learners[saved.id] = self.make(saved.id, saved.population, saved.options)
        self.members.load_state_dict(members, learners, added)
        for name in learners:
            self.table.enter(name)


def _said(member: Member) -> dict[str, Any]:
    """Return what an entry says of a member."""
    said: dict[str, Any] = {"kind": member.kind, "role": member.role}
    if member.kind == "learner":
        said["population"] = member.population
    return said | ({"options": dict(member.options)} if member.options else {})


def _adopt(learner: Learner, agent: Agent) -> None:
    assert isinstance(learner, Adopts), "checked when the configuration was read"
    learner.adopt(agent.policy)  # type: ignore[arg-type]


def _short(value: Scalar) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
