"""YAML with line numbers: what a file says, and where it says it."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from games import InputError

__all__ = ["Document", "Place", "dotted", "parse", "read", "scalar", "write"]

Place = tuple[str | int, ...]
"""Where a value stands: keys and list indices from the top, as in `("learners", "main", "settings", "clip")`."""

_BOOLEAN = "tag:yaml.org,2002:bool"
_EXPONENT = "!exponent"
_DEPTH = 32


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, mended: `3e-4` is a number and `on` is text, as in YAML 1.2, and no key may be given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} is given twice (first in line {seen[key.value]})",
                    problem_mark=key.start_mark,
                )
            seen[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)

    def exponent(self, node: yaml.ScalarNode) -> int | float:
        """Return `1e6` as the integer that it is, and `3e-4` as a float."""
        value = float(node.value.replace("_", ""))
        return int(value) if value.is_integer() and "." not in node.value and "-" not in node.value[1:] else value


class _Dumper(yaml.SafeDumper):
    """Quotes what the loader would not read as text."""


for _kind in (_Loader, _Dumper):
    _kind.yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOLEAN]
        for letter, resolvers in _kind.yaml_implicit_resolvers.items()
    }
    _kind.add_implicit_resolver(_BOOLEAN, re.compile("(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
    _kind.add_implicit_resolver(_EXPONENT, re.compile(r"[-+]?\d[\d_]*(\.[\d_]*)?[eE][-+]?\d+$"), list("-+0123456789"))
_Loader.add_constructor(_EXPONENT, _Loader.exponent)


@dataclass
class Document:
    """Plain data (mappings, lists, scalars), and where each value came from.

    Attributes:
        data: what the file says; an empty mapping when it is empty.
        source: the file's name.
        lines: place to line number, from 1.
        options: place to the command-line option that overrode the value there.
    """

    data: Any
    source: str
    lines: dict[Place, int] = field(default_factory=dict)
    options: dict[Place, str] = field(default_factory=dict)

    def where(self, place: Place) -> str:
        """Return `FILE:LINE` (or the option) of a value, or of the nearest value around it."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.options:
                return self.options[place[:length]]
            if place[:length] in self.lines and length > 0:
                return f"{self.source}:{self.lines[place[:length]]}"
        return self.source

    def override(self, text: str) -> None:
        """Set one value as the option `--set a.b=value` asks; the value is read as YAML.

        Raises:
            InputError: when the text is no `key=value`, or the key leads through something that is no mapping.
        """
        option = f"--set {text}"
        key, equals, value = text.partition("=")
        place: Place = tuple(part.strip() for part in key.split("."))
        if not equals or not all(place):
            raise InputError(f"{option}: must be key=value, with dots between the parts of the key, as in seed=7")
        at: Any = self.data
        for depth, part in enumerate(place):
            if not isinstance(at, dict):
                raise InputError(
                    f"{option}: {dotted(place[:depth]) or self.source} holds {at!r}, it has no keys within"
                )
            if depth < len(place) - 1:
                if part not in at:
                    at[part] = {}
                    self.options[place[: depth + 1]] = option
                at = at[part]
        at[place[-1]] = scalar(value, option)
        for inner in [p for p in self.lines if p[: len(place)] == place]:
            del self.lines[inner]
        self.options[place] = option


def dotted(place: Place) -> str:
    """Return a place as text: `learners.main.settings.clip`, `opponents[0]`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read(path: Path) -> Document:
    """Read a file.

    Raises:
        InputError: when it cannot be read or is no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"cannot read {path}: it is not a text file in UTF-8") from None
    return parse(text, str(path))


def parse(text: str, source: str) -> Document:
    """Read YAML text; `source` names it in error messages.

    Raises:
        InputError: when it is no YAML.
    """
    lines: dict[Place, int] = {}
    try:
        node = yaml.compose(text, _Loader)
        data = {} if node is None else yaml.load(text, _Loader)  # our loader is a safe one
        if node is not None:
            _note_lines(node, (), lines)
    except yaml.YAMLError as error:
        raise InputError(f"{source}{_place_of(error)}: {_problem(error)}") from None
    return Document(data, source, lines)


def write(data: Any) -> str:
    """Return plain data as YAML text that `parse` reads back."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def scalar(text: str, source: str) -> Any:
    """Read one value.

    Raises:
        InputError: when it is no YAML.
    """
    try:
        return yaml.load(text, _Loader)  # our loader is a safe one
    except yaml.YAMLError as error:
        raise InputError(f"{source}: {_problem(error)}") from None


def _note_lines(node: yaml.Node, place: Place, lines: dict[Place, int]) -> None:
    """A value's line is that of its key."""
    if len(place) > _DEPTH:
        raise yaml.MarkedYAMLError(problem="nested too deep", problem_mark=node.start_mark)
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            lines[(*place, key.value)] = key.start_mark.line + 1
            _note_lines(value, (*place, key.value), lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*place, index), lines)


def _place_of(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f":{mark.line + 1}" if mark else ""


def _problem(error: yaml.YAMLError) -> str:
    """One line of what PyYAML says."""
    parts = [getattr(error, "context", None), getattr(error, "problem", None)]
    return "not valid YAML: " + (", ".join(p for p in parts if p) or " ".join(str(error).split()))
