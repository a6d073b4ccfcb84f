"""What ties the parameters of a task together: when one means something, and which values go with each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from games.errors import InputError
from games.task.parameters import Parameter, Real
from games.task.task import Scalar

__all__ = ["Constraint", "Gate", "When", "gates"]


@dataclass(frozen=True, slots=True)
class When:
    """When a parameter means something: while another one has certain values and means something itself.

    Attributes:
        parameter: name of the other one, which is an integer or a categorical parameter.
        values: of it.
    """

    parameter: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule that the values of a task keep.

    Attributes:
        text: the rule as a clause, for whoever asks for a task that breaks it: `low is at most high`.
        holds: whether the values of all parameters keep it; a parameter without meaning has its default. A pure function.
    """

    text: str
    holds: Callable[[Mapping[str, Scalar]], bool]


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition in the form that is quick to look at.

    Attributes:
        name: the parameter that depends on another one.
        parameter: the other one.
        values: with their types, so that 1 is not True.
    """

    name: str
    parameter: str
    values: frozenset[tuple[type, Scalar]]

    def open(self, values: Mapping[str, Scalar]) -> bool:
        """Return whether the other parameter has one of the values."""
        value = values[self.parameter]
        return (type(value), value) in self.values


def gates(parameters: Mapping[str, Parameter], conditions: Mapping[str, When]) -> tuple[Gate, ...]:
    """Return the conditions in such an order that no one comes before another that decides about it.

    Raises:
        InputError: for a condition about or on an unknown parameter, on a real one, on values that the other one cannot have,
            and for parameters that depend on themselves.
    """
    waiting = {name: _gate(name, when, parameters) for name, when in conditions.items()}
    ordered: list[Gate] = []
    while waiting:
        ready = [name for name, gate in waiting.items() if gate.parameter not in waiting]
        if not ready:
            raise InputError(f"conditions of task parameters go in a circle: {_circle(waiting)}")
        ordered += [waiting.pop(name) for name in ready]
    return tuple(ordered)


def _gate(name: str, when: When, parameters: Mapping[str, Parameter]) -> Gate:
    where = f"the condition of task parameter {name!r}"
    for known in (name, when.parameter):
        if known not in parameters:
            raise InputError(f"{where}: there is no parameter {known!r} (there are: {', '.join(parameters) or 'none'})")
    parameter = parameters[when.parameter]
    if isinstance(parameter, Real):
        raise InputError(
            f"{where} must look at an integer or a categorical parameter, not at the real {when.parameter!r}"
        )
    try:
        values = [parameter.check(value) for value in when.values]
    except ValueError as error:
        raise InputError(f"{where}: {when.parameter!r} {error}") from None
    return Gate(name, when.parameter, frozenset((type(value), value) for value in values))


def _circle(waiting: Mapping[str, Gate]) -> str:
    seen = [next(iter(waiting))]
    while (name := waiting[seen[-1]].parameter) not in seen:
        seen.append(name)
    return " depends on ".join(map(repr, [*seen[seen.index(name) :], name]))
