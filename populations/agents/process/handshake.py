"""The first line to a bot and the first line from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import Game
from populations.agents.process.answers import message, short
from populations.agents.process.bot import BotFailed
from populations.agents.process.limits import Limits

__all__ = ["VERSION", "Ready", "hello", "ready"]

VERSION = 1
"""Of the protocol. `docs/protocol.md` describes it; what it says there changes only with this number."""


def hello(game: Game, limits: Limits) -> bytes:
    """Return the line that a bot reads first."""
    fields = {
        name: {"shape": list(space.shape or ()), "type": np.dtype(space.dtype).name}
        for name, space in game.observation_space.items()
    }
    layout = game.actions
    acts: dict[str, Any] = {"sizes": list(layout.sizes)}
    if layout.continuous:
        acts = {"low": _bounds(layout.low), "high": _bounds(layout.high)}
    if layout.uses is not None:
        acts["uses"] = layout.uses.astype(int).tolist()
    text = {
        "type": "hello",
        "protocol": VERSION,
        "game": game.name,
        "seats": game.max_seats,
        "observation": fields,
        "action": acts,
        "limits": {
            "move_seconds": limits.move_seconds,
            "memory_mb": limits.memory_mb,
            "cpu_seconds": limits.cpu_seconds,
            "processes": limits.processes,
            "file_mb": limits.file_mb,
        },
    }
    return json.dumps(text, separators=(",", ":"), allow_nan=False).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Ready:
    """What a bot says of itself.

    Attributes:
        batch: rows that it takes in one request; 0 when it wants one row a request.
        name: for people.
    """

    batch: int = 0
    name: str = ""


def ready(line: bytes) -> Ready:
    """Return what a bot answers to hello.

    Raises:
        BotFailed: when it is no ready message of this version.
    """
    said = message(line, "ready")
    if said.get("type") != "ready":
        raise BotFailed("crash", f'its first line must be a message of type "ready", not {short(line)}')
    if said.get("protocol") != VERSION:
        raise BotFailed("crash", f"it speaks protocol {said.get('protocol')!r}, and this is protocol {VERSION}")
    if unknown := sorted(said.keys() - {"type", "protocol", "name", "batch"}):
        raise BotFailed("crash", f"its ready message has the unknown field {unknown[0]!r} (known: name, batch)")
    batch, name = said.get("batch", 0), said.get("name", "")
    if type(batch) is not int or batch < 0:
        raise BotFailed("crash", f"batch in its ready message must be a number of rows, not {batch!r}")
    return Ready(batch, str(name))


def _bounds(bound: NDArray[np.float32] | None) -> list[float | None]:
    """JSON has no infinity: None stands for it."""
    assert bound is not None
    return [x if np.isfinite(x) else None for x in bound.tolist()]
