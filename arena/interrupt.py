"""Ctrl-C as a request, not as an exception that may strike anywhere, compilers and foreign callbacks included."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["until_interrupt"]


@contextmanager
def until_interrupt(doing: str) -> Iterator[list[int]]:
    """Collect the first Ctrl-C instead of raising it; a second one stops at once, and what was committed is kept.

    Args:
        doing: what is finished first, for the message: "finishing this update".

    Yields:
        A list that is empty until then.
    """
    received: list[int] = []

    def note(number: int, frame: Any) -> None:
        received.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print(f"{doing}; Ctrl-C again stops at once", file=sys.stderr)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield received
    finally:
        signal.signal(signal.SIGINT, before)
