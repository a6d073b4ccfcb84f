"""A configuration that the command line gives, alone or on top of a file; mistakes are told with the option at fault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from arena.yaml_lines import Document, Place, dotted, read, scalar
from games import InputError

__all__ = ["Draft", "assigned"]


class Draft:
    """A document that options of a command line are written into.

    Args:
        file: what they are written over; None for an empty document.

    Raises:
        InputError: when the file cannot be read or holds no keys and values.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.document = Document({}, "") if file is None else read(file)
        if not isinstance(self.document.data, dict):
            raise InputError(f"{file}: must be keys and values, as in `game: openspiel/connect_four`")

    def put(self, place: Place, value: Any, option: str) -> None:
        """Set a value; None leaves it as it is. `option` is what the user typed, or empty for an argument."""
        if value is None:
            return
        at: Any = self.document.data
        for depth, part in enumerate(place[:-1], 1):
            at = at.setdefault(part, {}) if isinstance(at, dict) else at[part]
            if not isinstance(at, dict | list):
                raise InputError(f"{option}: {dotted(place[:depth])} is {at!r}, it has no keys within")
        at[place[-1]] = value
        self.document.options = {p: text for p, text in self.document.options.items() if p[: len(place)] != place}
        self.document.options[place] = option

    def append(self, key: str, values: Sequence[str] | None) -> None:
        """Add arguments of the command line to a list, behind what is there."""
        known = self.document.data.setdefault(key, [])
        for value in (values or ()) if isinstance(known, list) else ():
            self.document.options[(key, len(known))] = ""
            known.append(value)

    def assign(self, place: Place, option: str, texts: Sequence[str] | None) -> None:
        """Set values below a place from repeated `NAME=VALUE` options."""
        for text in texts or ():
            name, value = assigned(option, text)
            self.put((*place, name), value, f"{option} {text}")

    def embed(self, key: str, file: Path | None) -> None:
        """Make the list in a file the value of a key; mistakes in it are told with their lines there.

        Raises:
            InputError: when the file cannot be read or holds no list.
        """
        if file is None:
            return
        inner = read(file)
        if not isinstance(inner.data, list) or not inner.data:
            raise InputError(f"{file}: must be a list of {key}, at least one")
        self.put((key,), inner.data, str(file))
        self.document.options |= {(key, *place): inner.where(place) for place in inner.lines if place}


def assigned(option: str, text: str, example: str = "size=5") -> tuple[str, Any]:
    """Return name and value of a `NAME=VALUE` option; the value is read as YAML.

    Raises:
        InputError: for text that is no `NAME=VALUE`.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise InputError(f"{option} {text}: must be NAME=VALUE, as in {option} {example}")
    return name.strip(), scalar(value, f"{option} {text}")
