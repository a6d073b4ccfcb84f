"""The replay format: what was played, as JSON lines, for any game. docs/records.md describes it.

Each match is played again before it is written, so that its line holds who acted when, and what is written is known to lead
to the recorded scores.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from arena.console import plain
from arena.export.moves import Replays
from arena.rows import row
from league.replay import Replay
from league.store import Store

__all__ = ["VERSION", "write_replays"]

VERSION = 1


def write_replays(store: Store, path: Path) -> tuple[int, int]:
    """Write all matches that have a replay.

    Raises:
        InputError: for folders without replays.
    """
    replays = Replays(store)
    with path.open("w", encoding="utf-8") as file:
        for replay in replays:
            values = {"format": "arena-replay", "version": VERSION, **row(replays.game.name, replay.record)}
            values |= {"limit": replay.steps, "actions": _actions(replay)}
            file.write(json.dumps(plain(values), allow_nan=False) + "\n")
    return replays.matches, replays.left_out


def _actions(replay: Replay) -> list[list[Any]]:
    """Return for every step and seat what it did: a number, a list of numbers for several heads, None when it did not act."""
    single = replay.actions.shape[2] == 1
    found = []
    while not replay.over:
        acting = set(replay.acting)
        chosen = replay.actions[replay.turn].tolist()
        found.append([None if k not in acting else own[0] if single else own for k, own in enumerate(chosen)])
        replay.advance()
    return found
