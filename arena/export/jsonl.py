"""Results as JSON lines: one match a line."""

from __future__ import annotations

import json
from pathlib import Path

from arena.console import plain
from arena.rows import rows
from league.store import Store

__all__ = ["write_jsonl"]


def write_jsonl(store: Store, path: Path) -> tuple[int, int]:
    """Write all matches; numbers that are not finite become null."""
    matches = 0
    with path.open("w", encoding="utf-8") as file:
        for matches, values in enumerate(rows(store), 1):  # noqa: B007 - the count is what remains
            file.write(json.dumps(plain(values), allow_nan=False) + "\n")
    return matches, 0
