"""Training: teacher and matchmaker propose, the rollout plays, learners update, records are written, snapshots taken."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import Game, Scalar
from league import checkpoint
from league.checkpoint import nested, subset
from league.curves import Curves
from league.driver import Driver
from league.evaluation import Evaluation
from league.events import Member
from league.lessons import Lessons
from league.lineup import duels, outcome, seated, sides
from league.match import Matchup, Record, match_seed
from league.matchmakers import Choice, Matchmaker, Mixes, NeedsResults
from league.members import Members
from league.metagame import play_missing
from league.opponents import OpponentClasses
from league.payoff import PayoffTable
from league.portrait import Portrait
from league.rollout import Rollout
from league.rules import Every, Rules
from league.steward import Breeding, Make, Steward
from league.store import Store
from league.teachers import Teacher
from populations.agent import Agent
from populations.learners.learner import Learner
from populations.learners.trajectories import Trajectories

__all__ = ["Progress", "Schedule", "Training"]

BATCH = 64
"""Line-ups that a matchmaker is asked for at once."""

TRIES = 4
"""Batches in which opponents of the class that a teacher wants are looked for."""

SKETCHES = 60
"""Times that a teacher's sketch is kept in a run."""

PICTURES = 20
"""Times that it is drawn for TensorBoard."""

UNRECORDED = 50_000
"""Matches that may wait for a commit; short ones come so fast that they would fill the memory before the time is up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How much is played, and when things happen. Steps count decisions of learners.

    Attributes:
        steps: length of the run.
        slots: matches in flight.
        fragment: steps of every slot between two updates.
        match_steps: matches longer than this are truncated; None leaves it to the game.
        snapshot_every: steps between two snapshots of learners without a rule of their own; each also takes one at the end.
        checkpoint_seconds: time between two commits. A kill loses nothing that was committed, and what was not is played
            again, with the same result.
    """

    steps: int
    slots: int = 256
    fragment: int = 32
    match_steps: int | None = None
    snapshot_every: int = 100_000
    checkpoint_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands.

    Attributes:
        steps: decisions of learners so far.
        total: when the run is done.
        matches: matches that ended so far.
        seconds: spent by this process on each kind of work: play, update, evaluation, payoff, fitness, records.
        figures: the latest learning curves.
    """

    steps: int
    total: int
    matches: int
    seconds: Mapping[str, float]
    figures: Mapping[str, float]


@dataclass(slots=True)
class _State:
    """What the loop itself remembers between two updates; all of it goes into the checkpoint."""

    ordinal: int = 0
    iteration: int = 0
    matches: int = 0
    payoff: int = 0


class Training:
    """One training run in one folder. `run()` starts it, or goes on where it stopped.

    Args:
        game: what is played.
        learners: agent id to learner.
        fixed: agent id to agent: opponents that never change.
        matchmaker: chooses opponents.
        teacher: chooses tasks.
        schedule: how much is played, and when things happen.
        store: where everything is recorded; open for writing.
        seed: of the run.
        payoff: how results are remembered; learners change, so by default with decay.
        evaluation: measures each new snapshot.
        rules: learner id to what holds for it: its role, when it freezes and begins anew. By default its role is main, and
            it freezes every `schedule.snapshot_every` steps.
        options: learner id to its hyper-parameters that may change, as they are at the beginning.
        make: makes learners anew, for rules and requests that need it.
        breeding: population-based training; None for none.
        players: agents that the teacher may ask for in a learner's place, by the names that it gives them.
        opponent_classes: by what opponents are put into the classes that the teacher is told.
        tensorboard: whether to write TensorBoard's event files.
    """

    def __init__(
        self,
        game: Game,
        *,
        learners: Mapping[str, Learner],
        fixed: Mapping[str, Agent],
        matchmaker: Matchmaker,
        teacher: Teacher,
        schedule: Schedule,
        store: Store,
        seed: int,
        payoff: PayoffTable | None = None,
        evaluation: Evaluation | None = None,
        rules: Mapping[str, Rules] | None = None,
        options: Mapping[str, Mapping[str, Scalar]] | None = None,
        make: Make | None = None,
        breeding: Breeding | None = None,
        players: Mapping[str, Agent] | None = None,
        opponent_classes: OpponentClasses = "kind",
        tensorboard: bool = True,
    ) -> None:
        self.game, self.schedule, self.store, self.seed = game, schedule, store, seed
        self.matchmaker, self.evaluation = matchmaker, evaluation
        default = Rules(freeze=Every(steps=schedule.snapshot_every))
        holding = {name: (rules or {}).get(name, default) for name in learners}
        roll = {
            name: Member(
                id=name,
                kind="learner",
                role=rule.role,
                population=rule.population or name,
                options=dict((options or {}).get(name, {})),
            )
            for name, rule in holding.items()
        }
        payoff = payoff or PayoffTable(decay=0.99)
        self.members = Members(game, learners, fixed, store.folder / "snapshots", payoff, roll)
        self.lessons = Lessons(teacher, self.members, players=players, opponent_classes=opponent_classes)
        self.driver = Driver(
            game,
            self.members.agents,
            self._next_matchup,
            slots=schedule.slots,
            seats=game.max_seats,
            steps=schedule.match_steps,
        )
        self.rollout = Rollout(self.driver, self.members.learners)
        self.steward = Steward(
            self.members,
            {roll[name].population: rule for name, rule in holding.items()},
            matchmaker=matchmaker,
            table=self,
            store=store,
            seed=seed,
            make=make,
            breeding=breeding,
            barred=evaluation.held_out_names if evaluation is not None else (),
        )
        self._state = _State()
        self._drawn: dict[tuple[str, int, str], list[Choice]] = defaultdict(list)
        self._records: list[Record] = []  # not committed yet
        self._seconds: dict[str, float] = defaultdict(float)
        self._figures: dict[str, float] = {}
        self._committed = time.monotonic()
        saved = store.checkpoint()
        self.curves = Curves(store.folder / "tensorboard" if tensorboard else None, saved[0] if saved else 0)
        self._portrait = Portrait(game.task_space) if tensorboard else None
        if saved:
            self._load(*saved)

    @property
    def steps(self) -> int:
        """Decisions of learners so far."""
        return self.rollout.decisions

    @property
    def folder(self) -> Path:
        """Where checkpoints are kept."""
        return self.store.folder / "checkpoints"

    def run(self, watch: Callable[[Progress], bool] = lambda _: True) -> None:
        """Train until the schedule's end.

        Args:
            watch: called after every update; returns False to stop there. Whatever ends the run, short of a kill, what was
                played is committed.
        """
        if not self.steward.begun:
            self.steward.begin()
            self._commit()
        if self.steward.answer(self.steps):
            self._commit()
        while self.steps < self.schedule.steps:
            self._iterate()
            acted = self.steward.act(self.steps, end=self.steps >= self.schedule.steps)
            late = time.monotonic() - self._committed > self.schedule.checkpoint_seconds
            if acted or late or len(self._records) > UNRECORDED:
                self._commit()
            if not watch(self._progress()):
                break
        self._commit()

    def close(self) -> None:
        """Release what the run holds outside this process; what was not committed will be played again."""
        self.curves.close()
        self.driver.vector.close()

    def _iterate(self) -> None:
        """Play one fragment, and let every learner learn from it."""
        self._rng = np.random.default_rng(match_seed(self.seed, "iteration", self._state.iteration))
        start, before = time.perf_counter(), self.steps
        self._drawn.clear()
        self._state.iteration += 1
        with self._timed("play"):
            records, batches = self.rollout.collect(self.schedule.fragment)
        with self._timed("update"):
            figures = self._learn(batches)
        with self._timed("records"):
            self._log(figures | self._book(records) | self._taught(records, before))
        spent = time.perf_counter() - start
        self.curves.show(
            self.steps, {"steps_per_s": (self.steps - before) / spent, "matches_per_s": len(records) / spent}
        )

    def _learn(self, batches: Mapping[str, Trajectories]) -> dict[str, float]:
        figures = {}
        progress = min(self.steps / self.schedule.steps, 1.0)
        for name, batch in self.lessons.material(batches).items():
            for key, value in self.members.learners[name].update(batch, progress).items():
                figures[f"{name}/{key}"] = value
            self.members.updated(name)
        return figures

    # the source of matchups

    def _next_matchup(self) -> Matchup:
        """Learners take turns; the teacher chooses the task, the matchmaker the opponents; sides take turns too."""
        ordinal = self._state.ordinal
        self._state.ordinal += 1
        names = self.members.live
        learner, turn = names[ordinal % len(names)], ordinal // len(names)
        proposal = self.lessons.propose(learner)
        count = len(sides(self.game, proposal.task))
        opponents, why, shared = self._choice(learner, count - 1, proposal.opponents)
        self.lessons.begin(ordinal, proposal, self.lessons.opponents_class(learner, opponents))
        lineup = [*opponents]
        lineup.insert(turn % count, self.lessons.seated(proposal, learner))
        agents = seated(self.game, proposal.task, lineup)
        hashes = tuple(self.members.agents[a].hash for a in agents)
        learns = None if shared else tuple(a == learner for a in agents)
        seed = match_seed(self.seed, "train", ordinal)
        return Matchup(
            "train",
            ordinal,
            proposal.task,
            agents,
            hashes,
            seed,
            (0, ordinal, 0),
            why=f"{learner}: {why}",
            learns=learns,
            origin=proposal.origin,
        )

    def _choice(self, learner: str, seats: int, wanted: str) -> Choice:
        """Draw from a batch that the matchmaker made in this iteration.

        Where a class of opponents is wanted, the matchmaker's choices of another class are passed over, so that it still
        decides who of the class is met. When it never chooses that class, its own choice stands. Where there is nobody to
        meet, it is not asked.
        """
        if seats == 0:
            return Choice((), "alone")
        drawn = self._drawn[learner, seats, wanted]
        for _ in range(TRIES if wanted else 1):
            if drawn:
                break
            made = self.matchmaker.opponents(learner, seats, self.members.pool, self._rng, matches=BATCH)
            drawn += [c for c in made if not wanted or self.lessons.opponents_class(learner, c.opponents) == wanted]
        return drawn.pop() if drawn else made[-1]

    # what came of it

    def _book(self, records: list[Record]) -> dict[str, float]:
        """Tell payoff table and teacher; return each learner's rate against each kind of opponent."""
        points = defaultdict(list)
        for record in records:
            match = outcome(self.game, record)
            if record.reason.counts:
                self.lessons.end(record, match, self._pupils(record.matchup))
            members = self.lessons.drop(record.matchup.ordinal)
            if not (record.reason.counts and members):
                continue
            self.members.payoff.book(
                [side.agent for side in match], [side.score for side in match], [side.total_return for side in match]
            )
            for agent, opponent, point in duels(match):
                if agent in self.members.learners:
                    points[f"{agent}/rate_against_{self.members.agents[opponent].lineage.role}"].append(point)
        self._state.matches += sum(record.reason.counts for record in records)
        self._records += records
        return {key: _mean(values) for key, values in points.items()}

    def _taught(self, records: Sequence[Record], before: int) -> dict[str, float]:
        """Return the teacher's figures; keep its sketch, and draw it with the newest tasks, now and then."""
        if self._portrait is not None:
            self._portrait.add((record.matchup.task, record.matchup.origin) for record in records)
        if self._passed(before, SKETCHES) and (shapes := self.lessons.sketch()):
            self.curves.sketch(self.steps, shapes)
        if self._portrait is not None and self._passed(before, PICTURES):
            pixels = self._portrait.draw(self.lessons.sketch())
            if pixels is not None:
                self.curves.picture(self.steps, "teacher/tasks", pixels)
        return self.lessons.metrics()

    def _passed(self, before: int, times: int) -> bool:
        """Return whether one of so many equal parts of the run ended since it had so many steps."""
        every = max(self.schedule.steps // times, 1)
        return self.steps // every > before // every

    def _log(self, figures: dict[str, float]) -> None:
        self._figures |= figures
        self.curves.add(self.steps, figures)

    def _pupils(self, matchup: Matchup) -> list[str]:
        """Return the learners that learn from a match."""
        learns = matchup.learns or (True,) * len(matchup.agents)
        seated = {name for name, flag in zip(matchup.agents, learns, strict=True) if flag}
        return [name for name in self.members.learners if name in seated]

    # what the steward needs

    def interrupt(self, agents: Collection[str]) -> None:
        """Give up the matches in flight of agents whose weights jump: they are recorded, and count for nothing."""
        self._book(self.driver.interrupt(agents))
        self.lessons.forget(agents)

    def enter(self, learner: str) -> None:
        """Make room for one more learner."""
        self.rollout.enter(learner)

    def measure(self, agent: Agent) -> None:
        """Measure a new snapshot."""
        if self.evaluation is not None:
            with self._timed("evaluation"):
                records, figures = self.evaluation(agent, self.members)
            self._records += records
            self._log(figures)

    def settle(self) -> None:
        """Let those meet of whom the matchmaker knows too little, and measure its mixture of them."""
        if isinstance(self.matchmaker, NeedsResults):
            with self._timed("payoff"):
                records = play_missing(
                    self.game,
                    self.matchmaker,
                    self.members,
                    tasks=self.evaluation.tasks if self.evaluation else (self.game.task_space.task(),),
                    seed=self.seed,
                    first=self._state.payoff,
                    steps=self.schedule.match_steps,
                )
            self._state.payoff += len(records)
            self._records += records
        if self.evaluation is not None and isinstance(self.matchmaker, Mixes):
            with self._timed("evaluation"):
                self._log(self.evaluation.mixture(self.matchmaker.mixture(self.members.pool), self.members))

    def compare(self, records: list[Record], fitness: Mapping[str, float]) -> None:
        """Record what a comparison of populations found."""
        self._records += records
        self._log({f"{name}/fitness": value for name, value in fitness.items()})

    # checkpoints

    def _commit(self) -> None:
        """Make durable what was played and learned since the last commit."""
        with self._timed("records"):
            arrays = self._arrays()
            name = f"{self.steps:012d}-{self._state.iteration}.safetensors"
            checkpoint.write(self.folder, name, arrays[0])
            with self.store.transaction():
                for agent, step in self.steward.agents:
                    self.store.add_agent(agent, step)
                self.store.add_events(self.steward.events)
                self.store.add_matches(self._records)
                self.curves.commit(self.store)
                self.store.set_checkpoint(self.steps, name, arrays[1])
            self._records = []
            self.steward.recorded()
            checkpoint.sweep(self.folder, keep=name)
        self._committed = time.monotonic()

    def _arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        flight, matchups = self.driver.state_dict()
        arrays = nested("driver", flight) | nested("rollout", self.rollout.state_dict())
        for name, learner in self.members.learners.items():
            arrays |= nested(f"learner/{name}", learner.state_dict())
        state = asdict(self._state) | {
            "driver": matchups,
            "members": self.members.state_dict(),
            "steward": self.steward.state_dict(),
            "lessons": self.lessons.state_dict(),
            "evaluation": self.evaluation.state_dict() if self.evaluation is not None else None,
        }
        return arrays, state

    def _load(self, step: int, file: str, state: dict[str, Any]) -> None:
        arrays = checkpoint.read(self.folder, file)
        self.steward.load_state_dict(state["steward"], state["members"])
        for name, learner in self.members.learners.items():
            learner.load_state_dict(subset(f"learner/{name}", arrays))
        self._state = _State(
            ordinal=state["ordinal"],
            iteration=state["iteration"],
            matches=state["matches"],
            payoff=state["payoff"],
        )
        self.lessons.load_state_dict(state["lessons"])
        if self.evaluation is not None:
            self.evaluation.load_state_dict(state["evaluation"])
        self.driver.load_state_dict(subset("driver", arrays), state["driver"])
        self.rollout.load_state_dict(subset("rollout", arrays), matches=self.driver.vector.resumable)

    @contextmanager
    def _timed(self, kind: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._seconds[kind] += time.perf_counter() - start

    def _progress(self) -> Progress:
        return Progress(self.steps, self.schedule.steps, self._state.matches, dict(self._seconds), self._figures)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
