"""Checks of options that several matchmakers have."""

from __future__ import annotations

from games.errors import InputError

__all__ = ["share"]


def share(kind: str, name: str, value: float) -> float:
    """Return a number from 0 to 1 as a float.

    Args:
        kind: of the matchmaker, for the message.
        name: of the option.
        value: what was given.

    Raises:
        InputError: for anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        raise InputError(f"{kind} {name} must be a number from 0 to 1, not {value!r}")
    return float(value)
