"""`arena report`: a run as a page to read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arena.console import Json, opened

__all__ = ["report"]


def report(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER", help="Folders of runs or tournaments; one chapter each.")
    ],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: report.html in the first folder.")] = None,
    as_json: Json = False,
) -> None:
    """Write an HTML report: leaderboard, payoff, learning curves, faults.

    One file that needs no network; a training run brings its latest evaluation with it.

    Example: arena report runs/leduc --out leduc.html
    """
    with opened(as_json) as console:
        from arena.report import write_report

        path = write_report(folders, out or folders[0] / "report.html")
        console.emit({"report": str(path)})
        console.say(f"report: {path}")
