"""`arena demo`: two populations trained, rated and reported in five minutes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arena.console import Console, Interrupted, Json, opened, same_command

if TYPE_CHECKING:
    from arena.demo import Show

__all__ = ["demo"]


def demo(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where runs and report go.")] = Path("demo"),
    steps: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Train so many steps only: a quick look, short of the goals.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a population in Leduc poker and one in connect four, and rate them.

    Takes about five minutes on two cores, one process each. The same command goes on where it stopped.

    Example: arena demo --out demo
    """
    with opened(as_json) as console:
        from arena.demo import SHOWS, perform
        from arena.report import write_report

        try:
            perform(out, console, steps=steps)
        except KeyboardInterrupt:
            raise Interrupted(f"stopped, all saved; go on with: {same_command()}") from None
        results = [_tell(show, out / show.name, console) for show in SHOWS]
        path = write_report([out / show.name for show in SHOWS], out / "report.html", title="Arena demo")
        console.emit({"results": results, "report": str(path)})
        console.say(f"\nreport: {path}")


def _tell(show: Show, run: Path, console: Console) -> dict[str, object]:
    from arena.show import show_standings

    result = show.standings(run)
    console.say(f"\n{show.game}")
    show_standings(result, console)
    curve = show.nash_conv(run)
    if curve:
        widest = max(max(last, average) for _, last, average in curve)
        rows = [(f"{step:,}", f"{a:.2f}", _bar(a / widest), f"{b:.2f}", _bar(b / widest)) for step, b, a in curve]
        console.say("\nNashConv over steps, exact: what best responses would gain")
        console.table([">steps", ">average over snapshots", "", ">last snapshot", ""], rows)
    claims = show.claims(run, result)
    for text, ok in claims:
        console.say(f"{'reached' if ok else 'MISSED '}  {text}")
    return {"game": show.game, "run": str(run), "standings": result.plain(), "nash_conv": curve, "claims": claims}


def _bar(share: float) -> str:
    return "█" * round(24 * share)
