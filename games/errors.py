"""The one exception for mistakes of the person at the keyboard."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["InputError", "suggestion"]


class InputError(ValueError):
    """A wrong name, value or file. Its text says what is wrong, where, and what would be right.

    The command line prints the text alone, without a traceback, and exits with code 2.
    """


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Return `"; did you mean 'x'?"` for the nearest known name, or an empty string when none is near."""
    near = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
