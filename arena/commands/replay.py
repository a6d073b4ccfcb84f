"""`arena replay`: a recorded match to watch again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arena.console import Json, opened

__all__ = ["replay"]


def replay(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of a tournament that was played with --replays.")],
    match: Annotated[
        str, typer.Argument(metavar="MATCH", help="Id of the match or its beginning, or ROUND.PAIR.GAME.")
    ],
    delay: Annotated[float, typer.Option(min=0.0, metavar="SECONDS", help="Pause after each step.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Play a recorded match again in the terminal, and check that it ends as it was recorded.

    With --json, print the match's record alone.

    Example: arena replay runs/cup 0.12.1 --delay 0.5
    """
    with opened(as_json) as console:
        from arena.export.moves import replay_of
        from arena.rows import row
        from arena.watch import result_text, watch
        from league.match import Reason, Record
        from league.store import Store

        with Store(folder) as store:
            again = replay_of(store, match)

        def advance() -> Record | None:
            again.advance()
            return again.record if again.over else None

        agents = again.record.matchup.agents
        try:
            if not again.over:
                watch(again.vector, lambda: again.view, advance, agents=agents, delay=delay, console=console)
        finally:
            again.close()
        console.emit(row(again.game.name, again.record))
        console.say(result_text(again.record))
        if again.record.reason in (Reason.NORMAL, Reason.TRUNCATED):
            console.say("It ended as it was recorded.")
        else:
            console.say("All of it was possible; it was not the game that ended it.")
