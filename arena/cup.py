"""What a tournament is configured by: the shape of its YAML file, the same keys that the command line gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from pydantic import Field

from arena.config import Part, options
from arena.contest import Contest
from arena.openings import opening_of
from arena.options import assemble, options_of, values_of
from arena.schema import Strict, check, fail
from arena.yaml_lines import Document, Place
from games import Game, InputError, Task, at_most, make
from league.adjudication import Adjudication
from league.formats import formats
from league.tournament import Tournament, conditions
from populations.agent import Agent
from populations.agents.uri import load_agent

__all__ = ["PATIENCE", "Cup", "contest_of", "cup_of"]

PATIENCE = 10
"""Failures after which a foreign process is withdrawn when nobody says how many: each costs a new start."""


class Cup(Strict):
    """A tournament."""

    game: str = Field(min_length=1)
    """Name of the game, as `arena games` lists it."""
    agents: tuple[str, ...]
    """Agents (URIs), the best seed first where the format has seeds."""
    format: Part = Part(kind="round_robin")
    """Who meets whom."""
    tasks: tuple[dict[str, bool | int | float | str], ...] = ()
    """Tasks, all of which are played; none means the game's default task."""
    openings: tuple[tuple[int | str, ...], ...] = ()
    """Openings, all of which are played: lists of moves, as numbers or by the names that the game gives them."""
    seed: int = Field(default=0, ge=0)
    """Of everything random."""
    steps: int | None = Field(default=None, ge=1)
    """Longer matches are truncated; null leaves it to the game."""
    games: int | None = Field(default=None, ge=1)
    """No pair begins after so many games; null leaves it to the format."""
    minutes: float | None = Field(default=None, gt=0)
    """No pair begins after so many minutes; null for no such limit."""
    patience: int | None = Field(default=None, ge=0)
    """An agent that crashed or ran out of time so often is withdrawn; 0 never; null is 10 for `process:` agents, else never."""
    adjudication: dict[str, Any] = Field(default={})
    """Rules that end matches before the game does."""
    anchor: str | None = None
    """The agent whose rating is 0; null sets the mean rating to 0."""
    slots: int = Field(default=256, ge=1)
    """Matches in flight."""
    replays: bool = False
    """Whether to keep what was played."""


def cup_of(document: Document) -> Cup:
    """Return the configuration that a document holds.

    Raises:
        InputError: naming the first mistake.
    """
    return check(Cup, document)


def contest_of(cup: Cup, document: Document) -> Contest:
    """Make all parts of a tournament; nothing is written.

    Raises:
        InputError: for a part that refuses its options or cannot play the game, with the place of the mistake.
    """
    with _blamed(document, ("game",)):
        game = make(cup.game)
    tasks = _tasks(cup, document, game)
    game = at_most(game, max(len(game.seats(task)) for task in tasks))
    chosen = options(cup.format, formats, document, ("format",))
    form = assemble(chosen, document, ("format",))
    adjudication = _adjudication(cup, document, game)
    openings = _openings(cup, document, game, tasks)
    agents = []
    for k, uri in enumerate(cup.agents):
        with _blamed(document, ("agents", k)):
            agents.append(load_agent(uri, game))
    if adjudication is not None and adjudication.resign_below is not None:
        agents = [_frank(agent) for agent in agents]
    foreign = any(agent.id.startswith("process:") for agent in agents)
    return Contest(
        tournament=Tournament(
            game=game,
            format=form,
            agents=tuple(agents),
            conditions=conditions(tasks, openings),
            seed=cup.seed,
            steps=cup.steps,
            patience=(PATIENCE if foreign else None) if cup.patience is None else cup.patience or None,
            adjudication=adjudication,
            games=cup.games,
        ),
        format={"kind": cup.format.kind, **values_of(chosen)},
        anchor=cup.anchor,
    )


def _tasks(cup: Cup, document: Document, game: Game) -> tuple[Task, ...]:
    found = []
    for k, values in enumerate(cup.tasks or ({},)):
        with _blamed(document, ("tasks", k)):
            found.append(game.task_space.task(values))
    return tuple(found)


def _adjudication(cup: Cup, document: Document, game: Game) -> Adjudication | None:
    place: Place = ("adjudication",)
    chosen = check(options_of(Adjudication), document, place, cup.adjudication)
    rules: Adjudication = assemble(chosen, document, place)
    if rules == Adjudication():
        return None
    with _blamed(document, place):
        rules.judge(game, 1, game.max_seats)
    return rules


def _openings(cup: Cup, document: Document, game: Game, tasks: Sequence[Task]) -> list[tuple[int, ...]]:
    def blame(opening: int, move: int, sentence: str) -> InputError:
        return InputError(f"{document.where(('openings', opening, move))}: {sentence}")

    return [opening_of(game, tasks, moves, partial(blame, k)) for k, moves in enumerate(cup.openings)]


def _frank(agent: Agent) -> Agent:
    """Return a snapshot that says what it thinks of its position, which costs time; any other agent as it is."""
    from populations.neural import NeuralPolicy  # torch takes its time

    policy = agent.policy
    if type(policy) is not NeuralPolicy:
        return agent
    frank = NeuralPolicy(policy.network, learns=True, greedy=policy.greedy, temperature=policy.temperature)
    return Agent(agent.id, agent.hash, frank, agent.lineage)


@contextmanager
def _blamed(document: Document, place: Place) -> Iterator[None]:
    """Blame what is refused inside on a place of the configuration; arguments of a command line have none."""
    try:
        yield
    except InputError as error:
        if not document.where(place):
            raise
        fail(document, place, str(error))
