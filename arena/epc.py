"""What an evolutionary population curriculum is configured by."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pydantic import Field

from arena.algorithms import learners
from arena.config import Part, options
from arena.options import assemble
from arena.schema import Strict, check, fail
from arena.yaml_lines import Document, read
from games import Game, InputError, Task, at_most, make
from league.epc import EPC, EPCSettings
from league.store import Store
from populations.learners.learner import Learner

__all__ = ["Curriculum", "load"]


class Curriculum(Strict):
    """An evolutionary population curriculum (`league.epc`)."""

    game: str = Field(min_length=1)
    """Name of the game, as `arena games` lists it."""
    seed: int = Field(default=0, ge=0)
    """Of everything random in it."""
    tasks: tuple[dict[str, bool | int | float | str], ...] = Field(min_length=1)
    """One for each stage; each with twice the population of the one before."""
    steps: tuple[int, ...] = Field(default=(500_000,), min_length=1)
    """Decisions of each set's learners in each stage; the last number also holds for all further stages."""
    sets: int = Field(default=4, ge=1)
    """Trained from scratch in the first stage."""
    keep: int = Field(default=2, ge=1)
    """The best teams of each role, of which all pairs are crossed."""
    children: int | None = Field(default=None, ge=1)
    """Crossings of each further stage, drawn from all that there are; null for all of them."""
    matches: int = Field(default=100, ge=1)
    """Of each pair of teams that is compared."""
    slots: int = Field(default=128, ge=1)
    """Matches in flight in training."""
    fragment: int = Field(default=32, ge=1)
    """Steps of every slot between two updates."""
    learner: Part
    """What every policy is trained by: its `kind`, and beside it the options of that kind."""


def load(path: Path) -> Callable[[Store], EPC]:
    """Return what makes the curriculum of a file in a folder, which is open for writing.

    Raises:
        InputError: naming the first mistake: file and line, key, value, and what would be right.
    """
    document = read(path)
    given = check(Curriculum, document)
    try:
        rules = make(given.game)
    except InputError as error:
        fail(document, ("game",), str(error))
    tasks = []
    for number, values in enumerate(given.tasks):
        try:
            tasks.append(rules.task_space.task(values))
        except InputError as error:
            fail(document, ("tasks", number), str(error))
    game = at_most(rules, max(len(rules.seats(task)) for task in tasks))
    make_learner = _maker(given.learner, document, game)
    make_learner(0)
    names = ("sets", "keep", "children", "steps", "matches", "slots", "fragment")
    try:
        settings = EPCSettings(**{name: getattr(given, name) for name in names})
    except InputError as error:
        fail(document, (), str(error))
    return partial(_opened, game, tasks, make_learner, settings, given.seed)


def _opened(
    game: Game, tasks: list[Task], learner: Callable[[int], Learner], settings: EPCSettings, seed: int, store: Store
) -> EPC:
    return EPC(game, tasks=tasks, learner=learner, settings=settings, store=store, seed=seed)


def _maker(part: Part, document: Document, game: Game) -> Callable[[int], Learner]:
    place = ("learner",)
    chosen = options(part, learners, document, place)

    def make_learner(seed: int) -> Learner:
        made: Learner = assemble(chosen, document, place, game, seed)
        return made

    return make_learner
