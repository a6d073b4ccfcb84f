"""Evolutionary population curriculum: populations that double from stage to stage, and are crossed on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations_with_replacement, count, product
from typing import Any

import numpy as np

from eval import Interval, cluster_mean
from games import Game, InputError, Task
from league.driver import Driver
from league.match import Matchup, Record, match_seed
from league.play import play
from league.rollout import Rollout
from league.store import Store
from populations import snapshots
from populations.agent import Agent, Lineage
from populations.learners.learner import Adopts, Learner
from populations.team import Team

__all__ = ["EPC", "EPCSettings", "Individual", "Outcome", "roles_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EPCSettings:
    """How the population evolves.

    Attributes:
        sets: trained from scratch in the first stage.
        keep: the best of each role that are crossed.
        children: crossings of each further stage, drawn from all that there are; None for all of them.
        steps: decisions of the learners of one set in each stage; the last number also holds for all further stages.
        matches: of each pair of teams that is compared.
        slots: matches in flight in training.
        fragment: steps of every slot between two updates.
    """

    sets: int = 4
    keep: int = 2
    children: int | None = None
    steps: tuple[int, ...] = (500_000,)
    matches: int = 100
    slots: int = 128
    fragment: int = 32

    def __post_init__(self) -> None:
        for name in ("sets", "keep", "children", "matches", "slots", "fragment"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"epc {name} must be at least 1, not {value}")
        if not self.steps or min(self.steps) < 1:
            raise InputError(f"epc steps must be one or more positive numbers, not {list(self.steps)}")
        if self.keep > self.sets:
            raise InputError(f"epc cannot keep {self.keep} of {self.sets} sets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Individual:
    """One set of the population: a team for each role.

    Attributes:
        id: its stage and number, such as `1.3`.
        teams: role to the snapshots of the policies that share its seats.
        parents: role to the two sets that its team comes from; none in the first stage.
    """

    id: str
    teams: Mapping[str, tuple[str, ...]]
    parents: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a stage.

    Attributes:
        stage: its number, from 0.
        sets: all sets of the stage.
        fitness: role to each set's mean return of a role's seats together, over matches against every set's team of the
            other role; 95 % intervals over matches.
        steps: decisions of learners in this stage, those of all sets together.
    """

    stage: int
    sets: tuple[Individual, ...]
    fitness: Mapping[str, tuple[Interval, ...]]
    steps: int

    def ranked(self, role: str) -> list[int]:
        """Return the numbers of the sets, the best in a role first."""
        return sorted(range(len(self.sets)), key=lambda k: -self.fitness[role][k].mean)


class EPC:
    """One curriculum in one folder; `run()` starts it, or goes on after the last set that was trained.

    Long et al., "Evolutionary population curriculum for scaling multi-agent reinforcement learning" (ICLR 2020, arXiv
    2003.10423), as their released scripts do it. Independent sets learn the first task. Then, stage by stage: every set's
    team of one role meets every set's team of the other (in games of one role, each team is by itself); the `keep` best
    teams of each role are paired, each with itself too; a child has one such pair for each role, so its teams have twice as
    many policies; children learn the next task, whose population is twice as large, and are compared there.

    Differences: a policy is shared by the seats of a team that it has, instead of being one agent's alone, and each learner
    is what the league trains otherwise, instead of MADDPG.

    Roles are the kinds of the seats; where all are of one kind, the teams of more than one seat.

    Args:
        game: the rules, with room for the largest task.
        tasks: one for each stage.
        learner: returns a new learner for the game, given its seed.
        settings: how the population evolves.
        store: where everything is recorded; open for writing.
        seed: of everything.

    Raises:
        InputError: for no tasks, games of more than two roles, learners that cannot begin with weights, and a folder of
            another curriculum.
    """

    def __init__(
        self,
        game: Game,
        *,
        tasks: Sequence[Task],
        learner: Callable[[int], Learner],
        settings: EPCSettings,
        store: Store,
        seed: int = 0,
    ) -> None:
        if not tasks:
            raise InputError("epc needs a task for each stage")
        self.game, self.tasks, self.settings, self.store, self.seed = game, tuple(tasks), settings, store, seed
        self.roles = tuple(dict.fromkeys(roles_of(game, tasks[0])))
        for task in tasks:
            if tuple(dict.fromkeys(roles_of(game, task))) != self.roles:
                raise InputError(f"epc needs the same roles in every task: {', '.join(self.roles)}")
        if len(self.roles) > 2:
            raise InputError(f"epc compares teams of one or two roles, and this game has {len(self.roles)}")
        if not isinstance(learner(0), Adopts):
            raise InputError("epc needs learners that can begin with the weights of others")
        self._learner = learner
        self._agents: dict[str, Agent] = {}
        self._claim()

    def run(self, watch: Callable[[str, int, int], bool] = lambda what, done, total: True) -> list[Outcome]:
        """Go through all stages that are left and return what came of each, as far as it went.

        Args:
            watch: called after every update and comparison with what is done now, decisions so far and decisions of the whole
                curriculum (0 where nobody knows); returns False to stop there. The set in training then begins anew.
        """
        outcomes: list[Outcome] = []
        for stage in range(len(self.tasks)):
            crossings = self._crossings(stage, outcomes[-1]) if stage else [{} for _ in range(self.settings.sets)]
            sets: list[Individual] = []
            for number, parents in enumerate(crossings):
                found = self._set(stage, number, parents, outcomes[-1] if stage else None, watch)
                if found is None:
                    return outcomes
                sets.append(found)
            fitness = self._fitness(stage, sets)
            outcomes.append(
                Outcome(stage=stage, sets=tuple(sets), fitness=fitness, steps=len(sets) * self._steps(stage))
            )
            if not watch(f"stage {stage} compared", 0, 0):
                return outcomes
        return outcomes

    def team(self, individual: Individual, role: str) -> Agent:
        """Return the team of a set in a role, as one agent."""
        members = [self._load(content).policy for content in individual.teams[role]]
        name = f"{individual.id}/{role}"
        return Agent(name, ",".join(individual.teams[role]), Team(members))

    # sets

    def _crossings(self, stage: int, before: Outcome) -> list[dict[str, tuple[str, str]]]:
        """Return the parents of each child: for each role two sets among the best in it."""
        pairs = []
        for role in self.roles:
            best = [before.sets[k].id for k in before.ranked(role)[: self.settings.keep]]
            pairs.append(list(combinations_with_replacement(best, 2)))
        found = [dict(zip(self.roles, choice, strict=True)) for choice in product(*pairs)]
        wanted = self.settings.children
        if wanted is not None and wanted < len(found):
            rng = np.random.default_rng(match_seed(self.seed, "cross", stage))
            found = [found[k] for k in sorted(rng.choice(len(found), wanted, replace=False))]
        return found

    def _set(
        self,
        stage: int,
        number: int,
        parents: Mapping[str, tuple[str, str]],
        before: Outcome | None,
        watch: Callable[[str, int, int], bool],
    ) -> Individual | None:
        """Return a set of a stage: as it was recorded, or trained now; None when it was stopped."""
        name, key = f"{stage}.{number}", f"epc/{stage}/{number}"
        recorded = self.store.meta(key)
        if recorded is not None:
            value = json.loads(recorded)
            return Individual(id=name, teams=_tuples(value["teams"]), parents=_tuples(value["parents"]))
        known = {one.id: one for one in before.sets} if before else {}
        origin = {
            role: [f"{p}/{role}/{k}" for p in parents[role] for k in range(len(known[p].teams[role]))]
            if parents
            else [None]
            for role in self.roles
        }
        start = {
            role: [c for p in parents[role] for c in known[p].teams[role]] if parents else [] for role in self.roles
        }
        learners = self._trained(stage, number, start, watch)
        if learners is None:
            return None
        entered: list[Agent] = []
        teams: dict[str, tuple[str, ...]] = {}
        for role, members in learners.items():
            hashes = []
            for k, learner in enumerate(members):
                lineage = Lineage(parent=origin[role][k], generation=stage, role=role)
                policy, ordinal = learner.freeze(), len(entered)
                folder = self.store.folder / "snapshots"
                saved = snapshots.save(
                    policy, folder, game=self.game, lineage=lineage, steps=self._steps(stage), ordinal=ordinal
                )
                entered.append(Agent(f"{name}/{role}/{k}", saved.hash, policy, lineage))
                hashes.append(saved.hash)
            teams[role] = tuple(hashes)
        individual = Individual(id=name, teams=teams, parents=dict(parents))
        with self.store.transaction():
            for agent in entered:
                self.store.add_agent(agent, stage)
            self.store.set_meta(key, json.dumps({"teams": teams, "parents": parents}))
        return individual

    def _trained(
        self, stage: int, number: int, start: Mapping[str, Sequence[str]], watch: Callable[[str, int, int], bool]
    ) -> dict[str, list[Learner]] | None:
        """Return a set's learners after a stage of learning together."""
        made: dict[str, list[Learner]] = {}
        for role in self.roles:
            made[role] = []
            for k in range(len(start[role]) or 1):
                learner = self._learner(match_seed(self.seed, "learner", stage, number, role, k) >> 32)
                if start[role]:
                    assert isinstance(learner, Adopts)
                    learner.adopt(self._load(start[role][k]).policy)  # type: ignore[arg-type]  # a snapshot's
                made[role].append(learner)
        learners = {f"{role}/{k}": one for role, members in made.items() for k, one in enumerate(members)}
        agents = {name: Agent(name, f"{stage}.{number}/{name}", one.policy) for name, one in learners.items()}
        seed = match_seed(self.seed, "train", stage, number)
        names = {role: [f"{role}/{k}" for k in range(len(members))] for role, members in made.items()}
        asked = (self._matchup(stage, names, agents, "train", k, match_seed(seed, k)) for k in count())
        driver = Driver(self.game, agents, lambda: next(asked), slots=self.settings.slots, seats=self._seats(stage))
        rollout, total = Rollout(driver, learners), self._steps(stage)
        try:
            while rollout.decisions < total:
                _, batches = rollout.collect(self.settings.fragment)
                for name, batch in batches.items():
                    learners[name].update(batch, min(rollout.decisions / total, 1.0))
                if not watch(f"set {stage}.{number}", min(rollout.decisions, total), total):
                    return None
        finally:
            driver.vector.close()
        return made

    # comparison

    def _fitness(self, stage: int, sets: Sequence[Individual]) -> dict[str, tuple[Interval, ...]]:
        """Return each set's fitness in each role: as it was recorded, or measured now."""
        key = f"epc/{stage}/fitness"
        if (recorded := self.store.meta(key)) is not None:
            return {role: tuple(Interval(**one) for one in found) for role, found in json.loads(recorded).items()}
        records = self._compared(stage, sets)
        gained: dict[tuple[str, str], list[tuple[float, int]]] = {}
        for record in records:
            roles = roles_of(self.game, record.matchup.task)
            for role in self.roles:
                seats = [seat for seat, name in enumerate(roles) if name == role]
                whose = record.matchup.agents[seats[0]].partition("/")[0]
                together = sum(record.returns[seat] for seat in seats)
                gained.setdefault((role, whose), []).append((together, record.matchup.place[0]))
        fitness = {
            role: tuple(cluster_mean(*zip(*gained[role, one.id], strict=True)) for one in sets) for role in self.roles
        }
        with self.store.transaction():
            self.store.add_matches(records)
            plain = {role: [asdict(one) for one in found] for role, found in fitness.items()}
            self.store.set_meta(key, json.dumps(plain))
        return fitness

    def _compared(self, stage: int, sets: Sequence[Individual]) -> list[Record]:
        """Play every set's team of a role with every set's team of the other; all pairs have the same seeds."""
        agents = {
            f"{one.id}/{role}/{k}": Agent(f"{one.id}/{role}/{k}", content, self._load(content).policy)
            for one in sets
            for role in self.roles
            for k, content in enumerate(one.teams[role])
        }

        def asked() -> Iterator[Matchup]:
            numbers = count()
            for lineup in product(sets, repeat=len(self.roles)):
                teams = zip(self.roles, lineup, strict=True)
                names = {role: [f"{one.id}/{role}/{k}" for k in range(len(one.teams[role]))] for role, one in teams}
                for k in range(self.settings.matches):
                    seed = match_seed(self.seed, "compare", stage, k)
                    match = self._matchup(stage, names, agents, f"cross-play {stage}", next(numbers), seed)
                    yield match._replace(place=(k, 0, 0))

        records = play(self.game, asked(), agents, slots=self.settings.slots, seats=self._seats(stage))
        return sorted(records, key=lambda record: record.matchup.ordinal)

    def _matchup(
        self,
        stage: int,
        names: Mapping[str, Sequence[str]],
        agents: Mapping[str, Agent],
        what: str,
        number: int,
        seed: int,
    ) -> Matchup:
        """Return a match in which each seat has a policy of its role's team, as `Team` deals them."""
        task = self.tasks[stage]
        dealt = [names[role][seat % len(names[role])] for seat, role in enumerate(roles_of(self.game, task))]
        hashes = tuple(agents[name].hash for name in dealt)
        return Matchup(what, number, task, tuple(dealt), hashes, seed, (number, 0, 0))

    # small things

    def _seats(self, stage: int) -> int:
        return len(self.game.seats(self.tasks[stage]))

    def _steps(self, stage: int) -> int:
        return self.settings.steps[min(stage, len(self.settings.steps) - 1)]

    def _load(self, content: str) -> Agent:
        if content not in self._agents:
            self._agents[content] = snapshots.load(self.store.folder / "snapshots", content, game=self.game)
        return self._agents[content]

    def _claim(self) -> None:
        """Make the folder this curriculum's own, or check that it is."""
        told: dict[str, Any] = {
            "game": self.game.name,
            "tasks": [dict(task) for task in self.tasks],
            "settings": asdict(self.settings),
            "seed": self.seed,
        }
        text, kind, known = json.dumps(told), self.store.meta("kind"), self.store.meta("epc")
        if kind not in (None, "epc"):
            raise InputError(f"{self.store.folder} holds a {kind}; choose another folder")
        if known not in (None, text):
            raise InputError(f"{self.store.folder} holds an epc of other settings; choose another folder")
        if known is None:
            with self.store.transaction():
                self.store.set_meta("kind", "epc")
                self.store.set_meta("game", self.game.name)
                self.store.set_meta("epc", text)


def roles_of(game: Game, task: Task) -> list[str]:
    """Return the role of each seat."""
    seats = game.seats(task)
    teams = [seat.team for seat in seats]
    if len({seat.kind for seat in seats}) > 1 or len(set(teams)) in (1, len(seats)):
        return [seat.kind for seat in seats]
    return [f"team {team}" for team in teams]


def _tuples(value: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {name: tuple(items) for name, items in value.items()}
