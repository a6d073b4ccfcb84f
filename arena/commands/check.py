"""`arena check`: does a game, an agent or a run keep its promises?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arena.console import Console, Json, opened

if TYPE_CHECKING:
    from arena.checks import Finding

__all__ = ["check"]

check = typer.Typer(
    help="Check that a game, an agent or a run keeps its promises.\n\nExample: arena check game markov/resource-v0",
)


@check.callback(invoke_without_command=True)
def _root(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


@check.command("game")
def game(
    name: Annotated[str, typer.Argument(metavar="GAME", help="The game's name.")],
    matches: Annotated[int, typer.Option(min=1, metavar="N", help="Random matches to play.")] = 64,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="The same seed checks the same matches.")] = 0,
    as_json: Json = False,
) -> None:
    """Check on real steps that a game keeps the contract.

    Spaces, masks, determinism, batches, limits: for authors of games. Exit code 1 when a promise is broken.

    Example: arena check game openspiel/goofspiel
    """
    with opened(as_json) as console:
        from games import make
        from games.check import check_game

        rules = make(name)
        _show(name, check_game(rules, matches=matches, seed=seed), console)


@check.command("agent")
def agent(
    uri: Annotated[str, typer.Argument(metavar="AGENT", help="The agent.")],
    name: Annotated[str, typer.Argument(metavar="GAME", help="The game that it shall play.")],
    matches: Annotated[int, typer.Option(min=1, metavar="N", help="Matches against the random agent.")] = 20,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="The same seed plays the same matches.")] = 0,
    as_json: Json = False,
) -> None:
    """Check that an agent plays without faults, and the same way each time.

    It meets the random agent on every side: for authors of agents. A bot in a process of its own is
    told all that is wrong: start, protocol, every seat, time, restarts, end. Exit code 1 when a
    promise is broken.

    Example: arena check agent "process:python bot.py" openspiel/tic_tac_toe
    """
    with opened(as_json) as console:
        from arena.checks import check_agent
        from games import make

        rules = make(name)
        _show(f"{uri} in {name}", check_agent(uri, rules, matches=matches, seed=seed), console)


@check.command("run")
def run(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a run or tournament.")],
    as_json: Json = False,
) -> None:
    """Check that a run's records, snapshots and checkpoint are whole.

    Reads only. Exit code 1 when something is damaged or missing.

    Example: arena check run runs/leduc
    """
    with opened(as_json) as console:
        from arena.checks import check_run

        _show(str(folder), check_run(folder), console)


def _show(subject: str, findings: Iterable[Finding], console: Console) -> None:
    found = list(findings)
    wrong = sum(not finding.ok for finding in found)
    console.emit(
        {
            "subject": subject,
            "ok": not wrong,
            "findings": [{"check": f.check, "ok": f.ok, "detail": f.detail} for f in found],
        }
    )
    console.table(["check", "", "what was found"], [(f.check, "ok" if f.ok else "WRONG", f.detail) for f in found])
    console.say(
        f"{subject}: {f'{wrong} of {len(found)} checks failed' if wrong else f'all {len(found)} checks passed'}"
    )
    if wrong:
        raise typer.Exit(1)
