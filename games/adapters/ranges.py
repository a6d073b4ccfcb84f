"""Names of foreign games whose arguments vary: `goofspiel(num_cards=3..6,imp_info=True)`.

An argument in one of these forms is a task parameter:

    key=3..6        an integer from 3 to 6, both included
    key=0.1..2.5    a real number; any end with a point or an exponent makes it one
    key=a|b|c       one of these words or numbers

Its default is the lowest value, or the first choice, unless a colon and another one follow: `key=3..6:4`, `key=a|b:b`.
All other arguments stay as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from games.adapters.names import value
from games.errors import InputError
from games.task import Categorical, Integer, Parameter, Real, Scalar, TaskSpace

__all__ = ["Ranged", "parts", "ranged"]

_NUMBER = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})(?::(?P<default>{_NUMBER}))?")
_CHOICES = re.compile(r"(?P<choices>[^|:\s]+(?:\|[^|:\s]+)+)(?::(?P<default>[^|:\s]+))?")
_MEANT = re.compile(rf"{_NUMBER}\.\..*|[^\s(]*\|[^\s(]*")  # what can only be a range, or choices: no path, no picture


@dataclass(frozen=True)
class Ranged:
    """A name with task parameters in it.

    Attributes:
        head: what stands before the parentheses.
        fixed: argument to its text, for those that do not vary.
        parameters: argument to its range, in the order of their names.
    """

    head: str
    fixed: Mapping[str, str]
    parameters: Mapping[str, Parameter]

    @property
    def space(self) -> TaskSpace:
        """The space of the parameters."""
        return TaskSpace(self.parameters)

    @property
    def base(self) -> str:
        """The name without the arguments that vary."""
        return _joined(self.head, self.fixed)

    @property
    def name(self) -> str:
        """The name in its shortest form, arguments sorted."""
        return _joined(self.head, {**self.fixed, **{key: _range(p) for key, p in self.parameters.items()}})

    def at(self, values: Mapping[str, Scalar]) -> str:
        """Return the name of the game with these values of the parameters."""
        return _joined(self.head, {**self.fixed, **{key: _text(values[key]) for key in self.parameters}})


def ranged(name: str) -> Ranged | None:
    """Return what a name says about task parameters; None for one without any.

    Raises:
        InputError: for a range that cannot be read, one that ends before it begins, choices that repeat, and a default out of
            its range.
    """
    head, arguments = parts(name)
    fixed: dict[str, str] = {}
    parameters: dict[str, Parameter] = {}
    for key, text in arguments.items():
        parameter = _parameter(f"{key}={text}", text)
        if parameter is None:
            fixed[key] = text
        else:
            parameters[key] = parameter
    return Ranged(head, fixed, dict(sorted(parameters.items()))) if parameters else None


def parts(name: str) -> tuple[str, dict[str, str]]:
    """Split a name into what stands before its parentheses and the texts of its arguments, empty for those without one."""
    found = re.fullmatch(r"(?P<head>[^()]+)\((?P<arguments>.*)\)\s*", name, flags=re.DOTALL)
    if not found:
        return name, {}
    pairs = (argument.partition("=") for argument in _split(found["arguments"]) if argument.strip())
    return found["head"], {key.strip(): text.strip() for key, _, text in pairs}


def _split(arguments: str) -> Iterator[str]:
    """Yield the arguments; commas inside of further parentheses belong to one of them."""
    depth, start = 0, 0
    for place, letter in enumerate(arguments):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield arguments[start:place]
            start = place + 1
    yield arguments[start:]


def _parameter(where: str, text: str) -> Parameter | None:
    """The range that a text stands for; None when it is no range at all."""
    if found := _RANGE.fullmatch(text):
        low, high, default = (value(found[part] or found["low"]) for part in ("low", "high", "default"))
        if low > high:
            raise InputError(f"{where}: the range begins at {low}, above its end at {high}")
        whole = isinstance(low, int) and isinstance(high, int)
        parameter: Parameter = Integer(low, high, default) if whole else Real(float(low), float(high), float(default))
    elif found := _CHOICES.fullmatch(text):
        choices = tuple(_word(word) for word in found["choices"].split("|"))
        if len(set(map(repr, choices))) < len(choices):
            raise InputError(f"{where}: each choice can stand there only once")
        parameter = Categorical(choices, _word(found["default"]) if found["default"] else choices[0])
    elif _MEANT.fullmatch(text):
        raise InputError(
            f"{where} cannot be read: a range is LOW..HIGH or LOW..HIGH:DEFAULT, choices are A|B or A|B:DEFAULT"
        )
    elif re.search(rf"\(.*=\s*{_NUMBER}\.\.", text):
        raise InputError(f"{where}: a range can stand in the outer parentheses of a name only")
    else:
        return None
    try:
        parameter.check(parameter.default)
    except ValueError as error:
        raise InputError(f"{where}: the default {error}") from None
    return parameter


def _word(text: str) -> Scalar:
    """One choice; `none` stays a word, and becomes nothing when the game is made."""
    meant = value(text)
    return text if meant is None else meant


def _joined(head: str, arguments: Mapping[str, str]) -> str:
    inside = ",".join(f"{key}={text}" if text else key for key, text in sorted(arguments.items()))
    return f"{head}({inside})" if inside else head


def _range(parameter: Parameter) -> str:
    if isinstance(parameter, Categorical):
        first, text = parameter.choices[0], "|".join(map(_text, parameter.choices))
    else:
        first, text = parameter.low, f"{_text(parameter.low)}..{_text(parameter.high)}"
    return text if _text(parameter.default) == _text(first) else f"{text}:{_text(parameter.default)}"


def _text(number: Scalar) -> str:
    """A value as games read it: reals without an exponent, and never without a point."""
    return np.format_float_positional(number, trim="0") if isinstance(number, float) else str(number)
