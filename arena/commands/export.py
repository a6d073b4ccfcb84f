"""`arena export`: records for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arena.console import Json, opened

__all__ = ["export"]


def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of a tournament; results also of a training run.")],
    format: Annotated[
        str, typer.Option(metavar="NAME", help="jsonl or parquet for results, pgn or replay for what was played.")
    ] = "jsonl",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: a file in the folder.")] = None,
    as_json: Json = False,
) -> None:
    """Write the matches of a folder to one file.

    Moves can be written of matches that were played with --replays. docs/records.md describes all formats.

    Example: arena export runs/cup --format pgn --out cup.pgn
    """
    with opened(as_json) as console:
        from arena.export import export as write
        from arena.export.moves import HOW

        done = write(folder, format, out)
        console.emit({"file": str(done.path), "matches": done.matches, "left_out": done.left_out})
        console.say(f"{done.matches:,} matches: {done.path}")
        if done.left_out:
            console.say(f"{done.left_out:,} matches have no replay and are left out: {HOW}.")
