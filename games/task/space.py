"""The space that tasks come from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games.errors import InputError, suggestion
from games.task.parameters import Categorical, Integer, Parameter
from games.task.rules import Constraint, When, gates
from games.task.task import Scalar, Task

__all__ = ["TaskSpace"]

_DRAWS = 1000  # points that break a rule before a sample is taken from near the last of them
_EDITS = 32  # edits that break a rule before the task stays as it is
_HALVINGS = 12  # of the way from a point that breaks a rule to the default task


class TaskSpace(Mapping[str, Parameter]):
    """Named parameters with ranges; makes tasks, checks them, and maps them to and from the unit cube.

    A game without parameters has the empty space, whose only task is `Task({})`.

    Parameters may be tied together. One that has a condition means nothing while the condition fails, and then has its
    default in every task: tasks that differ in nothing that means something are equal. Constraints say which values do not
    go together. The unit cube is the same with and without them: each of its points is a task, and a point whose values
    break a constraint is the task where the straight way to the default task meets the first ones that do not (by
    bisection).

    Args:
        parameters: by name, in the order of the coordinates.
        conditions: parameter to when it means something.
        constraints: rules that the values of each task keep.

    Raises:
        InputError: for a default out of its range, conditions that cannot be read, a default task that breaks a constraint,
            and constraints that nearly no task keeps.
    """

    def __init__(
        self,
        parameters: Mapping[str, Parameter] | None = None,
        *,
        conditions: Mapping[str, When] | None = None,
        constraints: Sequence[Constraint] = (),
    ) -> None:
        self._parameters = dict(parameters or {})
        self.conditions = dict(conditions or {})
        self.constraints = tuple(constraints)
        self._gates = gates(self._parameters, self.conditions)
        self._free = tuple(name for name, parameter in self._parameters.items() if parameter.count > 1)
        self._defaults: dict[str, Scalar] = {}
        self._defaults = self._checked({})
        self._default = Task(self._defaults)
        if not self.constraints:
            return
        if broken := self._broken(self._defaults):
            raise InputError(f"the default task {self._defaults} breaks a rule of its own space: {broken}")
        rng = np.random.default_rng(0)
        if not any(self._broken(self._at(point)) is None for point in (rng.random(len(self)) for _ in range(_DRAWS))):
            rules = "; ".join(rule.text for rule in self.constraints)
            raise InputError(
                f"of {_DRAWS} random tasks no one keeps the rules of the space, which leave too little: {rules}"
            )

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __repr__(self) -> str:
        ties = f", conditions={self.conditions}" if self.conditions else ""
        rules = f", constraints={self.constraints}" if self.constraints else ""
        return f"TaskSpace({self._parameters}{ties}{rules})"

    @property
    def count(self) -> float:
        """How many tasks there are at most, constraints and conditions aside; infinitely many with a real parameter."""
        return math.prod(parameter.count for parameter in self._parameters.values())

    def task(self, values: Mapping[str, Scalar] | None = None) -> Task:
        """Return the task with these values, defaults elsewhere and where a parameter means nothing.

        Raises:
            InputError: for an unknown parameter (with the nearest name), a value out of its range, or values that break a
                constraint.
        """
        values = values or {}
        for name in values:
            if name not in self._parameters:
                known = ", ".join(self._parameters) or "none"
                raise InputError(
                    f"unknown task parameter {name!r}{suggestion(name, self._parameters)} (this game has: {known})"
                )
        checked = self._checked(values)
        if broken := self._broken(checked):
            raise InputError(f"there is no task {checked}: {broken}")
        return Task(checked)

    def active(self, values: Mapping[str, Scalar]) -> tuple[str, ...]:
        """Return the parameters that mean something in a task, in their order."""
        closed: set[str] = set()
        for gate in self._gates:
            if gate.parameter in closed or not gate.open(values):
                closed.add(gate.name)
        return tuple(name for name in self._parameters if name not in closed)

    def sample(self, rng: np.random.Generator) -> Task:
        """Return a task drawn uniformly from the unit cube, among the points that keep the constraints."""
        point = rng.random(len(self))
        if self.constraints:
            for _ in range(_DRAWS):
                if self._broken(self._at(point)) is None:
                    break
                point = rng.random(len(self))
        return self.from_unit(point)

    def sobol(self, n: int, rng: np.random.Generator) -> list[Task]:
        """Return n tasks that fill the unit cube more evenly than random ones: a scrambled Sobol sequence.

        Points that break a constraint are left out, as in `sample`.
        """
        if not self:
            return [self._default] * n
        from scipy.stats import qmc  # slow to import, and few need it

        # SciPy warns of counts that are no power of two, so what is drawn at a time is one.
        engine, block = qmc.Sobol(len(self), scramble=True, seed=rng), 1 << max(n - 1, 0).bit_length()
        tasks: list[Task] = []
        for _ in range(_DRAWS):
            points: list[NDArray[np.float64]] = list(engine.random(block))
            tasks += [self.from_unit(p) for p in points if not self.constraints or self._broken(self._at(p)) is None]
            if len(tasks) >= n:
                return tasks[:n]
        return [*tasks, *(self.sample(rng) for _ in range(n - len(tasks)))]

    def every(self) -> Iterator[Task]:
        """Yield each task once, the last parameter changing first.

        Raises:
            ValueError: where a real parameter has endless values.
        """
        if self.count == math.inf:
            raise ValueError("a space with a real parameter has endless tasks")
        seen: set[Task] = set()
        for values in product(*(_values(parameter) for parameter in self._parameters.values())):
            checked = self._checked(dict(zip(self._parameters, values, strict=True)))
            if self._broken(checked) is None and (task := Task(checked)) not in seen:
                seen.add(task)
                yield task

    def from_unit(self, point: Sequence[float] | NDArray[np.float64]) -> Task:
        """Return the task at a point [D] of the unit cube, parameters in their declared order."""
        if len(point) != len(self):
            raise ValueError(f"a point of this task space has {len(self)} coordinates, not {len(point)}")
        values = self._at(point)
        return Task(values) if self._broken(values) is None else self._near(np.asarray(point, dtype=np.float64))

    def to_unit(self, task: Task) -> NDArray[np.float64]:
        """Return the task's point [D] in the unit cube; `from_unit(to_unit(t)) == t` up to rounding of reals."""
        return np.array([p.to_unit(task[n]) for n, p in self._parameters.items()], dtype=np.float64)

    def mutate(self, task: Task, rng: np.random.Generator, *, edits: int = 1, scale: float = 0.1) -> Task:
        """Return a task that differs from this one in a few parameters; the task itself where nothing can differ.

        A real parameter makes a Gaussian step in the unit cube, reflected at the ends of its range; an integer makes a
        rounded Gaussian step, of one at least; a categorical parameter takes another choice. Only parameters that mean
        something are edited. An edit that breaks a constraint is drawn anew, and left out after 32 draws.

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
        values, edited = dict(task), set[str]()
        for _ in range(edits):
            active = self.active(values) if self._gates else self._free
            names = [name for name in self._free if name in active and name not in edited]
            for _ in range(_EDITS if names else 0):
                name = names[int(rng.integers(len(names)))]
                changed = {**values, name: self._parameters[name].mutate(values[name], rng, scale)}
                self._settle(changed)
                if self._broken(changed) is None:
                    values = changed
                    edited.add(name)
                    break
        return Task(values)

    def over(self, parameters: Mapping[str, Parameter]) -> TaskSpace:
        """Return a space with these parameters and the same conditions and constraints.

        Values that a parameter no longer has are dropped from the conditions. Where the defaults break a constraint, those
        of the nearest task that keeps them all take their place.

        Args:
            parameters: all of this space's, perhaps with other ranges, and perhaps more.

        Raises:
            InputError: where nearly no task is left.
        """
        conditions = {
            name: When(when.parameter, tuple(v for v in when.values if _allows(parameters[when.parameter], v)))
            for name, when in self.conditions.items()
        }
        loose = TaskSpace(parameters, conditions=conditions)
        checked = loose.task()
        if any(not rule.holds(checked) for rule in self.constraints):
            middle = loose.to_unit(checked)
            kept = [
                t for t in loose.sobol(_DRAWS, np.random.default_rng(0)) if all(r.holds(t) for r in self.constraints)
            ]
            if not kept:
                rules = "; ".join(rule.text for rule in self.constraints)
                raise InputError(f"the ranges of the task parameters leave no task that keeps the rules: {rules}")
            nearest = min(kept, key=lambda task: float(np.abs(loose.to_unit(task) - middle).sum()))
            defaults: dict[str, Any] = dict(nearest)
            parameters = {name: replace(p, default=defaults[name]) for name, p in parameters.items()}
        return TaskSpace(parameters, conditions=conditions, constraints=self.constraints)

    def _checked(self, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """The values of all parameters, in their types and ranges."""
        checked: dict[str, Scalar] = {}
        for name, parameter in self._parameters.items():
            try:
                checked[name] = parameter.check(values.get(name, parameter.default))
            except ValueError as error:
                raise InputError(f"task parameter {name!r} {error}") from None
        if self._defaults:
            self._settle(checked)
        return checked

    def _settle(self, values: dict[str, Scalar]) -> None:
        """Give parameters that mean nothing their defaults."""
        closed: set[str] = set()
        for gate in self._gates:
            if gate.parameter in closed or not gate.open(values):
                closed.add(gate.name)
                values[gate.name] = self._defaults[gate.name]

    def _broken(self, values: Mapping[str, Scalar]) -> str | None:
        """The first rule that these values break."""
        return next((rule.text for rule in self.constraints if not rule.holds(values)), None)

    def _at(self, point: Sequence[float] | NDArray[np.float64]) -> dict[str, Scalar]:
        """The values at a point, whether or not they break a rule."""
        floats = point.tolist() if isinstance(point, np.ndarray) else map(float, point)  # plain floats are quicker
        values = {n: p.from_unit(x) for (n, p), x in zip(self._parameters.items(), floats, strict=True)}
        if self._gates:
            self._settle(values)
        return values

    def _near(self, point: NDArray[np.float64]) -> Task:
        """The task where the way from a point that breaks a rule to the default task first keeps all rules."""
        middle, kept = self.to_unit(self._default), self._defaults
        # A task on the very edge of a rule may fall out of it when it is mapped to the cube and back.
        close = self._at(point + 1e-9 * (middle - point))
        if self._broken(close) is None:
            return Task(close)
        outside, inside = 0.0, 1.0
        for _ in range(_HALVINGS):
            half = (outside + inside) / 2
            values = self._at(point + half * (middle - point))
            if self._broken(values) is None:
                inside, kept = half, values
            else:
                outside = half
        return Task(kept)


def _values(parameter: Parameter) -> Sequence[Any]:
    if isinstance(parameter, Integer):
        return range(parameter.low, parameter.high + 1)
    return parameter.choices if isinstance(parameter, Categorical) else (parameter.low,)


def _allows(parameter: Parameter, value: Scalar) -> bool:
    try:
        parameter.check(value)
    except ValueError:
        return False
    return True
