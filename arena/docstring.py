"""What the docstring of a class says: its first sentence, the text, and the meaning of each parameter."""

from __future__ import annotations

import dataclasses
import inspect
import re
import textwrap
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Docstring", "Parameter", "docstring", "filled", "parameters"]

_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):$")
_ENTRY = re.compile(r"^ {4}(\*{0,2}\w+(?:, \w+)*): (.*)$")
_PAPER = re.compile(r"arXiv[ :](\d{4}\.\d{4,5})")


class Docstring(NamedTuple):
    """What a docstring says.

    Attributes:
        summary: its first line.
        text: what stands between that and the sections, without indentation.
        meanings: parameter or attribute to what is said of it, as one line.
        papers: what it cites by a number of arXiv, in order.
    """

    summary: str
    text: str
    meanings: Mapping[str, str]
    papers: tuple[str, ...]


class Parameter(NamedTuple):
    """A keyword-only parameter, as a person reads it.

    Attributes:
        name: with dots between the parts, for a field of a dataclass that is the parameter.
        type: in words; empty where it has no simple name.
        choices: all that it may be, where these are named.
        default: as a configuration would give it; empty where it must be given.
        required: whether it must be given.
        meaning: what its docstring says; empty where it says nothing.
    """

    name: str
    type: str
    choices: tuple[str, ...]
    default: str
    required: bool
    meaning: str


def docstring(of: Any) -> Docstring:
    """Return what the docstring of a class or function says, in Google's style."""
    lines = inspect.cleandoc(of.__doc__ or "").splitlines()
    start = next((k for k, line in enumerate(lines) if _SECTION.match(line)), len(lines))
    text = "\n".join(lines[1:start]).strip()
    meanings: dict[str, str] = {}
    wanted = False
    names: list[str] = []
    for line in lines[start:]:
        section = _SECTION.match(line)
        if section:
            wanted, names = section[1] in ("Args", "Attributes"), []
        elif wanted and (entry := _ENTRY.match(line)):
            names = entry[1].split(", ")
            meanings |= dict.fromkeys(names, entry[2])
        elif names and line.strip():
            meanings |= {name: f"{meanings[name]} {line.strip()}" for name in names}
    summary = lines[0] if lines else ""
    return Docstring(summary, text, meanings, tuple(dict.fromkeys(_PAPER.findall("\n".join(lines[:start])))))


def parameters(maker: Callable[..., Any], *, inside: str = "") -> Iterator[Parameter]:
    """Yield the keyword-only parameters of a callable; then the fields of those that are dataclasses.

    Args:
        maker: a class or function.
        inside: name of the parameter that it is the type of, with a dot at the end.
    """
    target = maker if dataclasses.is_dataclass(maker) or not inspect.isclass(maker) else maker.__init__
    hints = typing.get_type_hints(target)
    meanings = docstring(maker).meanings
    nested = []
    for name, parameter in inspect.signature(maker).parameters.items():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            continue
        hint, default = hints[name], parameter.default
        if dataclasses.is_dataclass(hint) and isinstance(default, hint):  # type: ignore[arg-type]
            nested.append((hint, f"{inside}{name}."))
            continue
        required = default is parameter.empty
        meaning = re.sub(r"\bNone\b", "null", meanings.get(name, ""))
        shown = "" if required else _shown(default)
        yield Parameter(f"{inside}{name}", _type(hint), _choices(hint), shown, required, meaning)
    for hint, place in nested:
        yield from parameters(hint, inside=place)  # type: ignore[arg-type]


def filled(text: str, width: int) -> str:
    """Return a text with its paragraphs and lists broken into lines of a width; what is indented stays as it is."""
    blocks = []
    for block in text.split("\n\n"):
        lines = block.splitlines()
        if lines[0].startswith("- "):
            items = re.split(r"\n(?=- )", block)
            block = "\n".join(_fill(item, width, "  ") for item in items)
        elif not any(line.startswith(" ") for line in lines):
            block = _fill(block, width, "")
        blocks.append(block)
    return "\n\n".join(blocks)


def _fill(text: str, width: int, indent: str) -> str:
    return textwrap.fill(
        " ".join(text.split()), width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


_TYPES = {int: "integer", float: "number", str: "text", bool: "true or false"}


def _type(hint: Any) -> str:
    """Return in a word or two what a value of this type is."""
    if hint in _TYPES:
        return _TYPES[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return "choice"
    if origin in (types.UnionType, typing.Union):
        return " or ".join(dict.fromkeys(filter(None, (_type(a) for a in arguments if a is not type(None)))))
    kind = origin or hint
    if dataclasses.is_dataclass(kind) or (inspect.isclass(kind) and issubclass(kind, Mapping)):
        return "keys and values"
    return "list" if inspect.isclass(kind) and issubclass(kind, Sequence) else ""


def _choices(hint: Any) -> tuple[str, ...]:
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is typing.Literal:
        return tuple(map(_shown, arguments))
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        kinds = [a for a in arguments if a is not type(None)]
        return _choices(kinds[0]) if len(kinds) == 1 else ()
    return ()


def _shown(value: Any) -> str:
    """Return a value as YAML has it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_shown(item)}' for key, item in value.items())}}}"
    return str(value)
