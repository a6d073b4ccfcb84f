"""From a configuration to a training run: every part is made and checked before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from arena.algorithms import learners
from arena.config import Config, Part, options
from arena.options import assemble
from arena.schema import fail
from arena.yaml_lines import Document, Place
from games import Game, InputError, at_most, make
from league.evaluation import Evaluation
from league.exact import Exact
from league.match import match_seed
from league.matchmakers import Matchmaker, matchmakers
from league.payoff import PayoffTable
from league.registry import Registry
from league.store import Store
from league.teachers import Teacher, teachers
from league.training import Schedule, Training
from populations.agent import Agent
from populations.agents.uri import load_agent
from populations.learners.learner import Learner

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """All parts of a training run that are made from its configuration."""

    config: Config
    game: Game
    teacher: Teacher
    matchmaker: Matchmaker
    learners: dict[str, Learner]
    opponents: dict[str, Agent]
    evaluation: Evaluation

    def training(self, store: Store, *, tensorboard: bool = True) -> Training:
        """Return the run in a folder: a new one, or the one that is there, at its last checkpoint."""
        config = self.config
        return Training(
            self.game,
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
            payoff=PayoffTable(decay=config.payoff_decay),
            evaluation=self.evaluation,
            tensorboard=tensorboard,
        )


def plan(config: Config, document: Document) -> Plan:
    """Make the parts of a run.

    Raises:
        InputError: for a part that refuses its options or cannot play the game, with file, line and key.
    """
    game = _blamed(document, ("game",), make, config.game)
    teacher = _part(config.teacher, teachers, document, ("teacher",), game.task_space)
    game = at_most(game, teacher.max_seats(game))
    matchmaker = _part(config.matchmaker, matchmakers, document, ("matchmaker",))
    learning = {
        name: _part(part, learners, document, ("learners", name), game, match_seed(config.seed, "learner", name) >> 32)
        for name, part in config.learners.items()
    }
    asked = config.evaluation
    place = ("evaluation", "opponents")
    evaluation = Evaluation(
        game,
        opponents=_agents(asked.opponents, game, document, place),
        past=asked.past,
        matches=asked.matches,
        tasks=config.tasks(game),
        seed=config.seed,
        steps=config.match_steps,
        exact=_blamed(document, ("evaluation", "nash_conv"), Exact, game) if asked.nash_conv else None,
    )
    opponents = _agents(config.opponents, game, document, ("opponents",))
    return Plan(config, game, teacher, matchmaker, learning, opponents, evaluation)


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
