"""From a configuration to a training run: every part is made and checked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena.algorithms import learners
from arena.breeding import copies, first_options, rules_of, with_options
from arena.config import Config, Part, options
from arena.options import assemble
from arena.schema import fail
from arena.yaml_lines import Document, Place
from games import Game, InputError, Scalar, make
from games.relabelled import relabelled
from league.evaluation import Evaluation
from league.exact import Exact
from league.fitness import Fitness
from league.match import match_seed
from league.matchmakers import Matchmaker, matchmakers
from league.payoff import PayoffTable
from league.registry import Registry
from league.rules import INITIAL, Every, Freeze, Reset, Retire, Rules, freezes
from league.steward import Breeding, Make
from league.store import Store
from league.teachers import Teacher, teachers
from league.training import Schedule, Training
from populations.agent import Agent
from populations.agents.uri import load_agent
from populations.learners.learner import Adopts, Learner

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """All parts of a training run that are made from its configuration."""

    config: Config
    game: Game
    teacher: Teacher
    players: dict[str, Agent]
    matchmaker: Matchmaker
    payoff: PayoffTable
    learners: dict[str, Learner]
    rules: dict[str, Rules]
    options: dict[str, dict[str, Scalar]]
    make: Make
    opponents: dict[str, Agent]
    evaluation: Evaluation
    breeding: Breeding | None

    @property
    def arena(self) -> Game:
        """The game as training plays it."""
        return relabelled(self.game, self.config.tasks(self.game)) if self.config.other_play else self.game

    def training(self, store: Store, *, tensorboard: bool = True) -> Training:
        """Return the run in a folder: a new one, or the one that is there, at its last checkpoint."""
        config = self.config
        return Training(
            self.arena,
            learners=self.learners,
            fixed=self.opponents,
            matchmaker=self.matchmaker,
            teacher=self.teacher,
            schedule=Schedule(
                steps=config.steps,
                slots=config.slots,
                fragment=config.fragment,
                match_steps=config.match_steps,
                snapshot_every=config.snapshot_every,
                checkpoint_seconds=config.checkpoint_seconds,
            ),
            store=store,
            seed=config.seed,
            payoff=self.payoff,
            evaluation=self.evaluation,
            rules=self.rules,
            options=self.options,
            make=self.make,
            breeding=self.breeding,
            players=self.players,
            opponent_classes=config.opponent_classes,
            tensorboard=tensorboard,
        )


def plan(config: Config, document: Document) -> Plan:
    """Make the parts of a run.

    Raises:
        InputError: for a part that refuses its options or cannot play the game, with file, line and key.
    """
    _blamed(document, ("game",), make, config.game)
    game = _blamed(document, ("task_ranges",), config.rules)
    teacher = _part(
        config.teacher, teachers, document, ("teacher",), game.task_space, match_seed(config.seed, "teacher")
    )
    game = _blamed(document, ("evaluation", "tasks"), config.room, game, teacher)
    players = {uri: _blamed(document, ("teacher",), load_agent, uri, game) for uri in teacher.players}
    matchmaker = _part(config.matchmaker, matchmakers, document, ("matchmaker",))
    tasks = config.tasks(game)
    if config.other_play:
        _blamed(document, ("other_play",), relabelled, game, tasks)

    def learner(name: str, population: str, changes: Mapping[str, Scalar]) -> Learner:
        part = with_options(config.learners[population], changes)
        seed = match_seed(config.seed, "learner", name) >> 32
        made: Learner = _part(part, learners, document, ("learners", population), game, seed)
        return made

    names = copies(config, document)
    pbt = rules_of(config, document, lambda name, changes: learner(name, name, changes))
    first = first_options(config, names, pbt)
    learning = {name: learner(name, population, first.get(name, {})) for name, population in names.items()}
    by_name = {name: _rules(config, name, document, learner) for name in config.learners}
    opponents = _agents(config.opponents, game, document, ("opponents",))
    asked = config.evaluation
    held_out = _agents(asked.held_out, game, document, ("evaluation", "held_out"))
    _check_held_out(held_out, opponents, "opponents", document)
    evaluation = Evaluation(
        game,
        opponents=_agents(asked.opponents, game, document, ("evaluation", "opponents")),
        held_out=held_out,
        past=asked.past,
        matches=asked.matches,
        tasks=tasks,
        seed=config.seed,
        steps=config.match_steps,
        exact=_blamed(document, ("evaluation", "nash_conv"), Exact, game) if asked.nash_conv else None,
    )
    breeding = None
    if config.pbt is not None and pbt is not None:
        reference = _agents(config.pbt.fitness.agents, game, document, ("pbt", "fitness", "agents"))
        _check_held_out(held_out, reference, "pbt.fitness.agents", document)
        matches, steps = config.pbt.fitness.matches, config.match_steps
        breeding = Breeding(
            pbt, Fitness(game, agents=reference, matches=matches, tasks=tasks, seed=config.seed, steps=steps)
        )
    return Plan(
        config,
        game,
        teacher,
        players,
        matchmaker,
        _blamed(document, ("payoff_window",), _payoff, config),
        learning,
        {name: by_name[population] for name, population in names.items()},
        first,
        learner,
        opponents,
        evaluation,
        breeding,
    )


def _payoff(config: Config) -> PayoffTable:
    return PayoffTable(decay=config.payoff_decay, window=config.payoff_window, minimum=config.payoff_minimum)


def _rules(config: Config, name: str, document: Document, learner: Make) -> Rules:
    """Return what holds for a learner, or for all its copies."""
    part, place = config.learners[name], ("learners", name)
    freeze: Freeze = Every(steps=config.snapshot_every)
    if part.freeze is not None:
        freeze = _part(part.freeze, freezes, document, (*place, "freeze"))
    reset = None
    if part.reset is not None:
        reset = Reset(probability=part.reset.probability)
        if part.reset.to != INITIAL:
            made = learner(name, name, {})
            to = _blamed(document, (*place, "reset", "to"), _adoptable, part.reset.to, made, config.game)
            reset = Reset(probability=part.reset.probability, to=to)
    retire = None if part.retire is None else Retire(keep=part.retire.keep)
    return Rules(role=part.role, freeze=freeze, reset=reset, retire=retire, population=name)


def _adoptable(uri: str, learner: Learner, game: str) -> Agent:
    """Return the agent that a learner may take its weights from."""
    agent = load_agent(uri, make(game))
    if not isinstance(learner, Adopts) or not hasattr(agent.policy, "network"):
        raise InputError(f"reset.to must be {INITIAL} or a snapshot whose weights fit, not {uri!r}")
    learner.adopt(agent.policy)  # type: ignore[arg-type]  # it has a network
    return agent


def _check_held_out(held_out: Mapping[str, Agent], others: Mapping[str, Agent], key: str, document: Document) -> None:
    """Refuse agents that are held out and have a part in training all the same."""
    known = {text for agent in others.values() for text in (agent.id, agent.hash)}
    for number, agent in enumerate(held_out.values()):
        if not known.isdisjoint((agent.id, agent.hash)):
            place = ("evaluation", "held_out", number)
            fail(document, place, f"{agent.id} is held out and also in {key}: nothing may be learned from it")


def _part(part: Part, registry: Registry[Any], document: Document, place: Place, *arguments: Any) -> Any:
    return assemble(options(part, registry, document, place), document, place, *arguments)


def _agents(uris: tuple[str, ...], game: Game, document: Document, place: Place) -> dict[str, Agent]:
    agents: dict[str, Agent] = {}
    for number, uri in enumerate(uris):
        agent = _blamed(document, (*place, number), load_agent, uri, game)
        agents[agent.id] = agent
    return agents


def _blamed(document: Document, place: Place, make: Any, *arguments: Any) -> Any:
    """Call something, and blame what it refuses on a place of the configuration."""
    try:
        return make(*arguments)
    except InputError as error:
        fail(document, place, str(error))
