"""Tasks and the spaces they come from: the parameters of one world, its population and its goal."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from games.errors import InputError, suggestion

__all__ = ["Categorical", "Integer", "Parameter", "Real", "Scalar", "Task", "TaskSpace"]

Scalar = bool | int | float | str


class Task(Mapping[str, Scalar]):
    """One point of a task space: an immutable, hashable mapping from parameter name to value.

    Two tasks are equal when their values are; `hash` is the same on every machine and names the task in records.
    """

    def __init__(self, values: Mapping[str, Scalar] | None = None) -> None:
        self._values = dict(sorted((values or {}).items()))

    def __getitem__(self, name: str) -> Scalar:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @cached_property
    def hash(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the task's canonical JSON."""
        return hashlib.sha256(self.json.encode()).hexdigest()[:16]

    @cached_property
    def json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        return json.dumps(self._values, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Task:
        """Inverse of `json`."""
        return cls(json.loads(text))

    def __hash__(self) -> int:
        return hash(self.json)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and self.json == other.json

    def __repr__(self) -> str:
        return f"Task({self._values})"


@dataclass(frozen=True, slots=True)
class Real:
    """A real parameter in the closed interval [low, high]."""

    low: float
    high: float
    default: float

    @property
    def count(self) -> float:
        """How many values it has: 1 or infinitely many."""
        return math.inf if self.high > self.low else 1

    def check(self, value: Scalar) -> Scalar:
        """Return the value as a float; raise `ValueError` when it is no number of the interval."""
        if isinstance(value, bool | str) or not self.low <= value <= self.high or not math.isfinite(value):
            raise ValueError(f"must be a number from {self.low} to {self.high}, not {value!r}")
        return float(value)

    def from_unit(self, x: float) -> float:
        """Map x in [0, 1] to the interval."""
        return min(max(self.low + (self.high - self.low) * x, self.low), self.high)

    def to_unit(self, value: Scalar) -> float:
        """Inverse of `from_unit`; 0.5 for an interval of one point."""
        return (float(value) - self.low) / (self.high - self.low) if self.high > self.low else 0.5

    def mutate(self, value: Scalar, rng: np.random.Generator, scale: float) -> float:
        """Return the value after a Gaussian step of `scale` of the range, reflected at its ends."""
        moved = abs(self.to_unit(value) + scale * rng.standard_normal()) % 2.0
        return self.from_unit(min(moved, 2.0 - moved))


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer parameter from low to high, both included."""

    low: int
    high: int
    default: int

    @property
    def count(self) -> int:
        """How many values it has."""
        return self.high - self.low + 1

    def check(self, value: Scalar) -> Scalar:
        """Return the value as an int; raise `ValueError` when it is no integer of the range."""
        whole = isinstance(value, int | np.integer) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool | str) or not whole or not self.low <= value <= self.high:
            raise ValueError(f"must be an integer from {self.low} to {self.high}, not {value!r}")
        return int(value)

    def mutate(self, value: Scalar, rng: np.random.Generator, scale: float) -> int:
        """Return another integer, a rounded Gaussian step of `scale` of the range away, but one at least.

        Where the range ends before, the step is made in the other direction, or to the farther end.
        """
        step = max(1, round(abs(rng.standard_normal()) * scale * (self.high - self.low)))
        up, down = int(value) + step, int(value) - step
        for target in (up, down) if rng.random() < 0.5 else (down, up):
            if self.low <= target <= self.high:
                return target
        return self.low if int(value) - self.low > self.high - int(value) else self.high

    def from_unit(self, x: float) -> int:
        """Map x in [0, 1] to the range: each integer owns an equal part of the interval."""
        count = self.high - self.low + 1
        return self.low + min(max(int(x * count), 0), count - 1)

    def to_unit(self, value: Scalar) -> float:
        """The middle of the part that the value owns, so that `from_unit(to_unit(v)) == v`."""
        return (int(value) - self.low + 0.5) / (self.high - self.low + 1)


@dataclass(frozen=True, slots=True)
class Categorical:
    """A parameter with named choices."""

    choices: tuple[Scalar, ...]
    default: Scalar

    @property
    def count(self) -> int:
        """How many values it has."""
        return len(self.choices)

    def check(self, value: Scalar) -> Scalar:
        """Return the value; raise `ValueError` when it is none of the choices."""
        for choice in self.choices:
            if choice == value and isinstance(choice, bool) == isinstance(value, bool):
                return choice
        raise ValueError(f"must be one of {', '.join(map(repr, self.choices))}, not {value!r}")

    def from_unit(self, x: float) -> Scalar:
        """Map x in [0, 1] to a choice: each owns an equal part of the interval."""
        return self.choices[min(max(int(x * len(self.choices)), 0), len(self.choices) - 1)]

    def to_unit(self, value: Scalar) -> float:
        """The middle of the part that the choice owns."""
        return (self.choices.index(value) + 0.5) / len(self.choices)

    def mutate(self, value: Scalar, rng: np.random.Generator, scale: float) -> Scalar:
        """Return another choice, each with the same probability, whatever the scale."""
        number = self.choices.index(value)
        other = int(rng.integers(len(self.choices) - 1))
        return self.choices[other + (other >= number)]


Parameter = Real | Integer | Categorical


class TaskSpace(Mapping[str, Parameter]):
    """Named parameters with ranges; makes tasks, checks them, and maps them to and from the unit cube.

    A game without parameters has the empty space, whose only task is `Task({})`.
    """

    def __init__(self, parameters: Mapping[str, Parameter] | None = None) -> None:
        self._parameters = dict(parameters or {})

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __repr__(self) -> str:
        return f"TaskSpace({self._parameters})"

    def task(self, values: Mapping[str, Scalar] | None = None) -> Task:
        """Return the task with these values, defaults elsewhere.

        Raises:
            InputError: for an unknown parameter (with the nearest name) or a value out of its range.
        """
        values = values or {}
        for name in values:
            if name not in self._parameters:
                known = ", ".join(self._parameters) or "none"
                raise InputError(
                    f"unknown task parameter {name!r}{suggestion(name, self._parameters)} (this game has: {known})"
                )
        checked = {}
        for name, parameter in self._parameters.items():
            try:
                checked[name] = parameter.check(values.get(name, parameter.default))
            except ValueError as error:
                raise InputError(f"task parameter {name!r} {error}") from None
        return Task(checked)

    def sample(self, rng: np.random.Generator) -> Task:
        """Return a task drawn uniformly from the unit cube."""
        return self.from_unit(rng.random(len(self)))

    def from_unit(self, point: Sequence[float] | NDArray[np.float64]) -> Task:
        """Return the task at a point [D] of the unit cube, parameters in their declared order."""
        if len(point) != len(self):
            raise ValueError(f"a point of this task space has {len(self)} coordinates, not {len(point)}")
        return Task({n: p.from_unit(float(x)) for (n, p), x in zip(self._parameters.items(), point, strict=True)})

    def to_unit(self, task: Task) -> NDArray[np.float64]:
        """Return the task's point [D] in the unit cube; `from_unit(to_unit(t)) == t` up to rounding of reals."""
        return np.array([p.to_unit(task[n]) for n, p in self._parameters.items()], dtype=np.float64)

    def mutate(self, task: Task, rng: np.random.Generator, *, edits: int = 1, scale: float = 0.1) -> Task:
        """Return a task that differs from this one in a few parameters; the task itself where nothing can differ.

        A real parameter makes a Gaussian step in the unit cube, reflected at the ends of its range; an integer makes a
        rounded Gaussian step, of one at least; a categorical parameter takes another choice.

        Args:
            task: of this space.
            rng: of the edits.
            edits: how many parameters are changed, no one twice; all that have more than one value where there are fewer.
            scale: standard deviation of a step, as a share of the parameter's range.

        Raises:
            InputError: for no edits, or a scale that is not above zero.
        """
        if edits < 1 or not scale > 0.0:
            raise InputError(f"a task is changed by at least one edit of a scale above zero, not {edits} of {scale}")
        values = dict(task)
        free = [name for name, parameter in self._parameters.items() if parameter.count > 1]
        for _ in range(min(edits, len(free))):
            name = free.pop(int(rng.integers(len(free))))
            values[name] = self._parameters[name].mutate(values[name], rng, scale)
        return Task(values)
