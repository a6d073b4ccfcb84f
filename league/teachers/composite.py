"""What teachers with others inside have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from games import Game, InputError, Task, TaskSpace
from league.match import match_seed
from league.teachers.inner import make_inner
from league.teachers.ledger import Ledger
from league.teachers.measure import Measure, Meter
from league.teachers.teacher import SHOWN, Forgets, Proposal, Result, Sketches, Teacher

__all__ = ["Composite", "Heard", "Turn", "blend", "made", "made_by_name"]


class Turn(NamedTuple):
    """Who proposes next.

    Attributes:
        name: of the inner teacher.
        probability: with which it was chosen.
    """

    name: str
    probability: float = 1.0


class Heard(NamedTuple):
    """What came of a proposal of an inner teacher.

    Attributes:
        name: of that teacher.
        probability: with which it was chosen.
        about: what `Composite.about` said of the task.
        value: what the result is measured by, in its own units.
        result: the whole of it.
    """

    name: str
    probability: float
    about: Any
    value: float
    result: Result


class Composite(ABC):
    """A teacher that passes every request on to one of several inner teachers, and every result to the one that asked.

    Of the inner ones it needs the contract alone (`Teacher`), so those of other packages will do. A subclass says whose turn it
    is (`turn`), and may listen to the results (`heard`).

    Args:
        space: the game's task space.
        seed: of the generator.
        inner: the inner teachers by name, each with a seed of its own (`made`).
        measure: how results are read by this teacher; the inner ones have their own.

    Attributes:
        space: the game's task space.
        rng: the only source of chance.
        meter: reads results.
        inner: the inner teachers by name.
        ledger: of its own proposals; each notes who made it, and under which id.
        needs_values: whether one of the inner teachers does.
        players: those of all inner teachers.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        inner: Mapping[str, Teacher],
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
    ) -> None:
        self.space = space
        self.rng = np.random.default_rng(seed)
        self.meter = Meter(measure)
        self.inner = dict(inner)
        self.ledger = Ledger(space)
        self.needs_values = any(teacher.needs_values for teacher in inner.values())
        self.players = tuple(dict.fromkeys(player for teacher in inner.values() for player in teacher.players))

    @abstractmethod
    def turn(self, learner: str) -> Turn:
        """Return who makes the next proposal for a learner."""

    def about(self, task: Task) -> Any:
        """Return what to note of a task until its result comes: plain JSON values."""
        return None

    def heard(self, heard: Heard) -> None:  # noqa: B027 - some do not listen
        """Learn from a result; the inner teacher was told before."""

    def shares(self) -> dict[str, float]:
        """Return the probability with which each inner teacher is chosen now; those that are left out have none."""
        return {}

    def max_seats(self, game: Game) -> int:
        """Return the largest population that an inner teacher may set."""
        return max(teacher.max_seats(game) for teacher in self.inner.values())

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return n proposals, each from the teacher whose turn it is; see `Teacher`. The origin names that teacher, too."""
        proposals = []
        for _ in range(n):
            name, probability = self.turn(learner)
            (inner,) = self.inner[name].ask(1, learner)
            note = [name, inner.id, probability, self.about(inner.task)]
            proposals.append(self.open(inner, note, origin=f"{name}/{inner.origin}"))
        return proposals

    def tell(self, result: Result) -> None:
        """Pass a result on to the teacher that asked for it; see `Teacher`."""
        value = self.meter.value(result)
        found = self.ledger.close(result, value)
        if found is not None:
            name, number, probability, about = found[0]
            self.inner[name].tell(replace(result, id=number))
            self.heard(Heard(name, probability, about, value, result))

    def open(
        self, inner: Proposal, note: Any, *, task: Task | None = None, origin: str = "", opponents: str = ""
    ) -> Proposal:
        """Return an inner teacher's proposal as one of this teacher's own.

        Args:
            inner: what it proposes.
            note: what the ledger shall give back with the result.
            task: instead of its task.
            origin: instead of its origin.
            opponents: instead of its class of opponents.
        """
        return self.ledger.open(
            inner.task if task is None else task,
            origin or inner.origin,
            note,
            train_allowed=inner.train_allowed,
            opponents=opponents or inner.opponents,
            player=inner.player,
        )

    def forget(self, learner: str) -> None:
        """Let the inner teachers drop what results of a learner would be compared with."""
        for teacher in self.inner.values():
            if isinstance(teacher, Forgets):
                teacher.forget(learner)

    def own_metrics(self) -> dict[str, float]:
        """Return figures for curves beside those of the ledger and of the inner teachers."""
        return {}

    def metrics(self) -> dict[str, float]:
        """Return the figures of `Ledger.metrics`, its own, and those of the inner teachers under their names."""
        figures = self.ledger.metrics() | self.own_metrics()
        for name, teacher in self.inner.items():
            figures |= {f"{name}/{key}": value for key, value in teacher.metrics().items()}
        return figures

    def sketch(self) -> list[dict[str, Any]]:
        """Return the shapes of the inner teachers, weighted by how often each is chosen; see `Sketches`."""
        return blend((share, shapes(self.inner[name])) for name, share in self.shares().items())

    def own_state(self) -> dict[str, Any]:
        """Return what later turns depend on beside the generator: plain JSON values."""
        return {}

    def load_own_state(self, state: Mapping[str, Any]) -> None:  # noqa: B027 - some remember nothing
        """Go back to a state."""

    def state_dict(self) -> dict[str, Any]:
        """Return all that later proposals depend on, the states of the inner teachers included; see `Teacher`."""
        return {
            "generator": self.rng.bit_generator.state,
            "meter": self.meter.state_dict(),
            "ledger": self.ledger.state_dict(),
            "inner": {name: teacher.state_dict() for name, teacher in self.inner.items()},
            **self.own_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state; see `Teacher`."""
        self.rng.bit_generator.state = state["generator"]
        self.meter.load_state_dict(state["meter"])
        self.ledger.load_state_dict(state["ledger"])
        self.load_own_state(state)
        for name, teacher in self.inner.items():
            teacher.load_state_dict(state["inner"][name])


def made(owner: str, name: str, part: Any, space: TaskSpace, seed: int) -> Teacher:
    """Return an inner teacher, with a seed that depends on its name.

    Args:
        owner: kind of the teacher that it is inside of.
        name: what it is called there.
        part: its kind, with its options beside it.
        space: of its tasks.
        seed: of the owner.

    Raises:
        InputError: when it cannot be made: its own sentence, after who and where it is.
    """
    try:
        return make_inner(part, space, match_seed(seed, name))
    except InputError as error:
        raise InputError(f"teacher {owner!r}, {name}: {error}") from None


def made_by_name(owner: str, teachers: Any, space: TaskSpace, seed: int) -> dict[str, Teacher]:
    """Return inner teachers from their parts by name.

    Raises:
        InputError: when there are none, or one cannot be made.
    """
    if not isinstance(teachers, Mapping) or not teachers or not all(isinstance(n, str) and n for n in teachers):
        raise InputError(f"teacher {owner!r} needs teachers: each by a name of its own, not {teachers!r}")
    return {name: made(owner, name, part, space, seed) for name, part in teachers.items()}


def shapes(teacher: Teacher) -> list[dict[str, Any]]:
    """Return a teacher's sketch; empty when it has none."""
    return teacher.sketch() if isinstance(teacher, Sketches) else []


def blend(sketches: Iterable[tuple[float, Sequence[Mapping[str, Any]]]]) -> list[dict[str, Any]]:
    """Return the heaviest shapes of several sketches, each sketch counted with a share."""
    found = [{**shape, "weight": share * shape["weight"]} for share, shapes in sketches for shape in shapes]
    return sorted(found, key=lambda shape: -shape["weight"])[:SHOWN]
