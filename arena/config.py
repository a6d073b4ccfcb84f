"""What a training run is configured by: the shape of the YAML file, its defaults and its checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import ConfigDict, Field

from arena.algorithms import learners
from arena.options import Options, options_of, values_of
from arena.schema import Strict, check, fail
from arena.yaml_lines import Document, Place, read, write
from games import Game, InputError, Task, at_most, make
from games.errors import suggestion
from games.narrowed import narrowed
from league.matchmakers import matchmakers
from league.opponents import OpponentClasses
from league.registry import Registry
from league.rules import INITIAL, freezes
from league.teachers import Teacher, teachers

__all__ = ["PBT", "Config", "Evaluation", "Learner", "Part", "difference", "dump", "load", "options"]

T = TypeVar("T")

HELD_OUT = 20_260_000
"""Seed of the tasks that snapshots are measured on."""

_MAY_CHANGE = ("checkpoint_seconds",)
"""Keys that change nothing of what is played and learned."""


class Part(Strict):
    """A part of a run that can be exchanged: its `kind`, and beside it the options of that kind."""

    model_config = ConfigDict(extra="allow")

    kind: str = Field(min_length=1)
    """A registered name."""

    @property
    def options(self) -> dict[str, Any]:
        """What is given beside the kind."""
        return dict(self.model_extra or {})


class Reset(Strict):
    """When a learner begins anew."""

    probability: float = Field(default=1.0, gt=0, le=1)
    """Of a reset after each snapshot that `freeze` asked for."""
    to: str = Field(default=INITIAL, min_length=1)
    """`initial` for its own first weights, or a snapshot (URI or path) whose weights it takes."""


class Retire(Strict):
    """Which of a learner's snapshots leave the pool."""

    keep: int = Field(ge=1)
    """At most so many stay; those that matter least go."""


class Learner(Part):
    """A learning agent: its algorithm, with the options of that, and what part it has in the league."""

    role: str = Field(default="main", min_length=1)
    """Its part in the league: main, main_exploiter, league_exploiter, or a name of one's own."""
    count: int = Field(default=1, ge=1)
    """So many of them, with seeds of their own: NAME.1, NAME.2, ...; together they are a population."""
    freeze: Part | None = None
    """When a snapshot of it is taken; null is every `snapshot_every` steps."""
    reset: Reset | None = None
    """When it begins anew; null is never."""
    retire: Retire | None = None
    """Which of its snapshots leave the pool; null is none."""


class Fitness(Strict):
    """What learners are compared by: their mean rate against agents that never change."""

    agents: tuple[str, ...] = Field(min_length=1)
    """The reference set (URIs)."""
    matches: int = Field(default=100, ge=1)
    """Against each of them, at each comparison."""


class Range(Strict):
    """Numbers that a hyper-parameter may have."""

    low: float
    """The least."""
    high: float
    """The greatest."""
    log: bool = False
    """Whether to draw by equal ratios instead of equal differences."""


class PBT(Strict):
    """Population-based training."""

    every: int = Field(ge=1)
    """Steps between two comparisons."""
    after: int = Field(default=0, ge=0)
    """No comparison before so many steps."""
    quantile: float = Field(default=0.25, gt=0, le=0.5)
    """Share of a population that is taken over, and that it is taken over from."""
    resample: float = Field(default=0.25, ge=0, le=1)
    """Probability that a hyper-parameter is drawn anew instead of being changed a little."""
    factors: tuple[float, ...] = Field(default=(0.8, 1.2), min_length=1)
    """A number is multiplied by one of these."""
    min_gap: float = Field(default=0.0, ge=0)
    """A learner is taken over only when the other's fitness is higher by more than this."""
    parameters: dict[str, Range | tuple[bool | int | float | str, ...]] = Field(min_length=1)
    """Option of the learner, with dots between the parts of its name, to a range or a list of values."""
    fitness: Fitness
    """What learners are compared by."""


class Evaluation(Strict):
    """What every snapshot is measured by."""

    opponents: tuple[str, ...] = ()
    """Agents (URIs) that every snapshot meets."""
    held_out: tuple[str, ...] = ()
    """The same, for agents that must never be met in training."""
    matches: int = Field(default=200, ge=1)
    """Matches against each opponent."""
    past: int = Field(default=2, ge=0)
    """Earlier snapshots of the same learner that it meets too, spread evenly over its history."""
    tasks: int | tuple[dict[str, bool | int | float | str], ...] | None = None
    """What is measured on: a list of tasks, or how many are drawn from the whole task space, the same for every run; null is
    what a fixed teacher sets, else the default task."""
    nash_conv: bool = False
    """Whether to measure NashConv exactly, of each snapshot and of the average over all; small OpenSpiel games only."""


class Config(Strict):
    """A training run."""

    game: str = Field(min_length=1)
    """Name of the game, as `arena games` lists it."""
    seed: int = Field(default=0, ge=0)
    """Of everything random in the run."""
    steps: int = Field(ge=1)
    """Length of the run, in decisions of learners."""
    slots: int = Field(default=256, ge=1)
    """Matches in flight."""
    fragment: int = Field(default=32, ge=1)
    """Steps of every slot between two updates."""
    match_steps: int | None = Field(default=None, ge=1)
    """Longer matches are truncated; null leaves it to the game."""
    snapshot_every: int = Field(default=100_000, ge=1)
    """Steps between two snapshots."""
    checkpoint_seconds: float = Field(default=30.0, ge=0)
    """Seconds between two commits to disk."""
    task_ranges: dict[str, tuple[bool | int | float | str, ...]] | None = None
    """Task parameter to the range that it is kept in: its lowest and highest value, or the choices that are left;
    null keeps them all."""
    teacher: Part = Part(kind="fixed")
    """Chooses tasks."""
    matchmaker: Part = Part(kind="pfsp")
    """Chooses opponents."""
    learners: dict[str, Learner] = Field(min_length=1)
    """Name to learning agent."""
    opponents: tuple[str, ...] = ()
    """Agents (URIs) that never change and that the matchmaker may choose, too."""
    payoff_decay: float = Field(default=0.99, gt=0, le=1)
    """What earlier games of a pair are worth at each new one, for the rates that the matchmaker goes by: learners change."""
    payoff_window: int | None = Field(default=None, ge=1)
    """Instead of `payoff_decay`: how many games of a pair are remembered."""
    payoff_minimum: float = Field(default=0.0, ge=0)
    """Games of a pair, less what was forgotten, before its rate is anything but one half."""
    pbt: PBT | None = None
    """Population-based training, among the copies of each learner with a `count`; null for none."""
    opponent_classes: OpponentClasses = "kind"
    """By what opponents are put into classes that a teacher tells apart: `kind`, `rating`, or `none`."""
    other_play: bool = False
    """Whether each seat sees training matches through a symmetry of its own; for games that name symmetries."""
    evaluation: Evaluation = Evaluation()
    """What every snapshot is measured by."""

    def rules(self) -> Game:
        """Return the game, with the ranges of its tasks.

        Raises:
            InputError: for an unknown game, or ranges that it does not have.
        """
        return narrowed(make(self.game), self.task_ranges or {})

    def tasks(self, game: Game) -> tuple[Task, ...]:
        """Return the tasks to measure on.

        Raises:
            InputError: for tasks that the game does not have.
        """
        asked = self.evaluation.tasks
        if isinstance(asked, int):
            rng = np.random.default_rng(HELD_OUT)
            return tuple(game.task_space.sample(rng) for _ in range(asked))
        listed = (self.teacher.options.get("tasks") or {}) if asked is None else asked
        return tuple(game.task_space.task(values) for values in ([listed] if isinstance(listed, dict) else listed))

    def room(self, game: Game, teacher: Teacher) -> Game:
        """Return the game with no more room than the tasks need that are set and measured on: what snapshots are made for."""
        return at_most(game, max(teacher.max_seats(game), *(len(game.seats(task)) for task in self.tasks(game))))


def load(path: Path, overrides: Sequence[str] = ()) -> tuple[Config, Document]:
    """Read a configuration; options that it does not give are filled in.

    Args:
        path: a YAML file.
        overrides: `key=value` each, as `--set` gives them.

    Returns:
        The complete configuration, and the document that knows the line of each key.

    Raises:
        InputError: naming the first mistake: file and line, key, value, and what would be right.
    """
    document = read(path)
    for text in overrides:
        document.override(text)
    given = check(Config, document)
    changes: dict[str, Any] = {
        "teacher": _complete(given.teacher, teachers, document, ("teacher",)),
        "matchmaker": _complete(given.matchmaker, matchmakers, document, ("matchmaker",)),
        "learners": {name: _learner(part, document, ("learners", name)) for name, part in given.learners.items()},
    }
    if given.payoff_window is not None and "payoff_decay" not in given.model_fields_set:
        changes["payoff_decay"] = 1.0
    return given.model_copy(update=changes), document


def _learner(part: Learner, document: Document, place: Place) -> Learner:
    own = {name: getattr(part, name) for name in Learner.model_fields if name != "kind"}
    if part.freeze is not None:
        own["freeze"] = _complete(part.freeze, freezes, document, (*place, "freeze"))
    return Learner(kind=part.kind, **own, **_complete(part, learners, document, place).options)


def options(part: Part, registry: Registry[Any], document: Document, place: Place) -> Options:
    """Return the checked options of a part.

    Raises:
        InputError: for an unknown kind, an unknown option, or a value of the wrong type.
    """
    try:
        maker = registry.find(part.kind)
    except InputError as error:
        fail(document, (*place, "kind"), str(error))
    model = options_of(maker)
    known = [*model.model_fields, *type(part).model_fields]
    for key in part.options:
        if key not in known and (hint := suggestion(key, known)):
            fail(document, (*place, key), f"unknown key {key!r}{hint}")
    return check(model, document, place, part.options)


def _complete(part: Part, registry: Registry[Any], document: Document, place: Place) -> Part:
    return Part(kind=part.kind, **values_of(options(part, registry, document, place)))


def dump(config: Config) -> str:
    """Return a configuration as YAML text that `load` reads back."""
    return write(config.model_dump(mode="json"))


def difference(old: Config, new: Config) -> str | None:
    """Return the first key that forbids to go on with a run under a new configuration, and why; None when nothing does.

    A run may be made longer, and commit more or less often.
    """
    if new.steps < old.steps:
        return f"steps was {old.steps} and may only grow, not fall to {new.steps}"
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    for key in ("steps", *_MAY_CHANGE):
        before[key] = after[key]
    return _first_difference(before, after, "")


def _first_difference(old: Any, new: Any, name: str) -> str | None:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in (*old, *(k for k in new if k not in old)):
            inner = f"{name}.{key}" if name else str(key)
            if key not in new:
                return f"{inner} was {old[key]!r} and is gone"
            if key not in old:
                return f"{inner} is new"
            found = _first_difference(old[key], new[key], inner)
            if found:
                return found
        return None
    return None if old == new else f"{name} was {old!r} and is now {new!r}"
