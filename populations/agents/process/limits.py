"""What a bot may use."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from games import InputError

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a bot may use, and how long we wait for it. The options of a `process:` agent.

    Attributes:
        move_seconds: for the answer to one row. A request of many rows has that time for each of them, together, but no more
            than 10 seconds (or `move_seconds`, where that is longer); see `batch_seconds`.
        start_seconds: from its start until it says that it is ready.
        memory_mb: of all its processes together; what one of them asks for is refused beyond that.
        cpu_seconds: processor time of all its processes together, from start to end.
        processes: alive at the same time, the first one included.
        file_mb: of any file that it writes.
        restarts: how often it may end by itself without losing a match by that. A bot that ends is started anew and asked
            the same again; only if it ends again at that very request, the match is lost. Beyond this number it loses the
            match in which it ends, whatever the reason.

    Raises:
        InputError: for a value out of its range.
    """

    move_seconds: float = 2.0
    start_seconds: float = 10.0
    memory_mb: int = 1024
    cpu_seconds: int = 3600
    processes: int = 32
    file_mb: int = 64
    restarts: int = 20

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            least = {"move_seconds": 0.001, "start_seconds": 0.001, "memory_mb": 16, "restarts": 0}.get(name, 1)
            if not (math.isfinite(value) and least <= value <= 1e9):
                raise InputError(f"option {name!r} of a process: agent must be between {least} and 1e9, not {value!r}")

    def batch_seconds(self, rows: int) -> float:
        """Return the time for a request of so many rows."""
        return max(self.move_seconds, min(self.move_seconds * rows, 10.0))
