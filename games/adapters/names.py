"""Names of foreign games with arguments: `family/rest(key=value,...)`."""

from __future__ import annotations

import re
from typing import Any

from games.errors import InputError

__all__ = ["split", "value"]

_NAME = re.compile(r"(?P<path>[^()]+)(?:\((?P<arguments>.*)\))?")
_ARGUMENT = re.compile(r"\s*(?P<key>[A-Za-z_]\w*)\s*=\s*(?P<value>[^=,()]+?)\s*")
_WORDS = {"true": True, "false": False, "none": None}


def split(name: str) -> tuple[str, dict[str, Any]] | None:
    """Split a full name into what stands before the parentheses and the arguments inside of them.

    Values are integers, numbers, true, false, none, or words taken as they stand.

    Returns:
        The path, with its family, and the arguments; None when the name does not have this form at all.

    Raises:
        InputError: when something between the parentheses is not `key=value`.
    """
    match = _NAME.fullmatch(name)
    if not match:
        return None
    arguments = {}
    for text in match["arguments"].split(",") if match["arguments"] else ():
        argument = _ARGUMENT.fullmatch(text)
        if not argument:
            raise InputError(f"game name {name!r}: {text!r} must be key=value")
        arguments[argument["key"]] = value(argument["value"])
    return match["path"], arguments


def value(text: str) -> Any:
    """Return what the text of one argument stands for."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
