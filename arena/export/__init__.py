"""Records for other programs: results as JSON lines or Parquet, moves as PGN-like text or in the replay format.

A new format is one file with a function that takes a store and a path and returns how many matches it wrote, and one line
here.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from arena.export.jsonl import write_jsonl
from arena.export.parquet import write_parquet
from arena.export.pgn import write_pgn
from arena.export.replays import write_replays
from games import InputError
from games.errors import suggestion
from league.store import Store

__all__ = ["EXPORTS", "Export", "export"]


class Export(NamedTuple):
    """What was written: how many matches, how many were left out for want of a replay, and where."""

    matches: int
    left_out: int
    path: Path


EXPORTS: dict[str, tuple[str, Callable[[Store, Path], tuple[int, int]]]] = {
    "jsonl": ("matches.jsonl", write_jsonl),
    "parquet": ("matches.parquet", write_parquet),
    "pgn": ("matches.pgn", write_pgn),
    "replay": ("replays.jsonl", write_replays),
}
"""Name of a format to the name of its file, and its writer, which returns how many matches it wrote and left out."""


def export(folder: Path, format: str, path: Path | None = None) -> Export:
    """Write the matches of a folder in a format, whole or not at all.

    Args:
        folder: of a tournament or a run.
        format: one of `EXPORTS`.
        path: default a file in the folder.

    Raises:
        InputError: for an unknown format, a folder without what the format needs, or a file that cannot be written.
    """
    if format not in EXPORTS:
        raise InputError(f"unknown export format {format!r}{suggestion(format, EXPORTS)} (known: {', '.join(EXPORTS)})")
    name, write = EXPORTS[format]
    target = folder / name if path is None else path
    draft = target.with_name(f"{target.name}.part")
    with Store(folder) as store:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            matches, left_out = write(store, draft)
            draft.replace(target)
        except OSError as error:
            raise InputError(f"cannot write {target}: {error.strerror or error}") from None
        finally:
            with suppress(OSError):
                draft.unlink()
    return Export(matches, left_out, target)
