"""`arena agents`: who can play."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arena.console import Json, opened

if TYPE_CHECKING:
    from games import Game

__all__ = ["agents"]


def agents(
    game: Annotated[str | None, typer.Argument(metavar="GAME", help="Only agents that can play this game.")] = None,
    run: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Also list the snapshots of this run.")] = None,
    as_json: Json = False,
) -> None:
    """List the agents that can take part, by their URIs.

    An agent is named by a URI wherever one can be named: `random`, `openspiel:mcts?simulations=200`, `snapshot:PATH`.

    Example: arena agents openspiel/connect_four --run runs/connect_four
    """
    with opened(as_json) as console:
        from games import make
        from populations.agents import list_agents

        chosen = make(game) if game else None
        rows = [(uri, purpose) for uri, purpose in list_agents() if chosen is None or _plays(uri, chosen)]
        if run is not None:
            from league.store import Store

            with Store(run) as store:
                for name, (content, entered, lineage) in store.agents().items():
                    if lineage.role == "snapshot":
                        uri = str(run / "snapshots" / f"{content}.json")
                        rows.append((uri, f"{name}: {lineage.parent} after {entered:,} steps"))
        console.emit([{"uri": uri, "purpose": purpose} for uri, purpose in rows])
        console.table(["agent", "what it is"], rows)


def _plays(uri: str, game: Game) -> bool:
    """Whether the agent can play; forms that stand for many agents count as able."""
    from games import InputError
    from populations.agents import load_agent

    if uri.startswith(("snapshot:", "python:", "process:")) or uri.endswith(":"):
        return True
    try:
        load_agent(uri, game)
    except InputError:
        return False
    return True
