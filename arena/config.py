"""What a training run is configured by: the shape of the YAML file, its defaults and its checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, Field

from arena.algorithms import learners
from arena.options import Options, options_of, values_of
from arena.schema import Strict, check, fail
from arena.yaml_lines import Document, Place, read, write
from games import Game, InputError, Task
from league.matchmakers import matchmakers
from league.registry import Registry
from league.teachers import teachers

__all__ = ["Config", "Evaluation", "Part", "difference", "dump", "load", "options"]

T = TypeVar("T")

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


class Evaluation(Strict):
    """What every snapshot is measured by."""

    opponents: tuple[str, ...] = ()
    """Agents (URIs) that every snapshot meets."""
    matches: int = Field(default=200, ge=1)
    """Matches against each opponent."""
    past: int = Field(default=2, ge=0)
    """Earlier snapshots of the same learner that it meets too, spread evenly over its history."""
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
    teacher: Part = Part(kind="fixed")
    """Chooses tasks."""
    matchmaker: Part = Part(kind="pfsp")
    """Chooses opponents."""
    learners: dict[str, Part] = Field(min_length=1)
    """Name to learning agent."""
    opponents: tuple[str, ...] = ()
    """Agents (URIs) that never change and that the matchmaker may choose, too."""
    payoff_decay: float = Field(default=0.99, gt=0, le=1)
    """What earlier games of a pair are worth at each new one, for the rates that the matchmaker goes by: learners change."""
    evaluation: Evaluation = Evaluation()
    """What every snapshot is measured by."""

    def tasks(self, game: Game) -> tuple[Task, ...]:
        """Return the tasks to measure on: those that a fixed teacher sets, else the default task."""
        listed = self.teacher.options.get("tasks", {})
        return tuple(game.task_space.task(values) for values in ([listed] if isinstance(listed, dict) else listed))


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
    return given.model_copy(
        update={
            "teacher": _complete(given.teacher, teachers, document, ("teacher",)),
            "matchmaker": _complete(given.matchmaker, matchmakers, document, ("matchmaker",)),
            "learners": {
                name: _complete(part, learners, document, ("learners", name)) for name, part in given.learners.items()
            },
        }
    ), document


def options(part: Part, registry: Registry[Any], document: Document, place: Place) -> Options:
    """Return the checked options of a part.

    Raises:
        InputError: for an unknown kind, an unknown option, or a value of the wrong type.
    """
    try:
        maker = registry.find(part.kind)
    except InputError as error:
        fail(document, (*place, "kind"), str(error))
    return check(options_of(maker), document, place, part.options)


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
