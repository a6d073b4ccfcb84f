"""`arena league`: who is in a run's league, who meets whom and why; and what a running one is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arena.console import Json, opened

if TYPE_CHECKING:
    from arena.console import Console

__all__ = ["league"]


def league(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a training run.")],
    add: Annotated[
        list[str] | None, typer.Option(metavar="AGENT", help="Let an agent (URI) join the opponents; repeatable.")
    ] = None,
    freeze: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Take a snapshot of a learner now; repeatable.")
    ] = None,
    branch: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Let a copy of a learner join, which goes its own way; repeatable."),
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Retire a member; what it played stays; repeatable.")
    ] = None,
    wait: Annotated[
        float, typer.Option(min=0.0, metavar="SECONDS", help="How long to wait for a running training's answer.")
    ] = 30.0,
    events: Annotated[int, typer.Option(min=0, metavar="N", help="How many of the latest decisions to show.")] = 10,
    everything: Annotated[bool, typer.Option("--all", help="Show all snapshots and all pairs.")] = False,
    as_json: Json = False,
) -> None:
    """Show the league of a run, or ask for a change in it.

    Works beside a training that is running, which picks up what is asked for at its next update. If none is running, it is
    done when the run goes on.

    Example: arena league runs/leduc --add openspiel:mcts?simulations=50 --remove main-003
    """
    with opened(as_json) as console:
        wishes = [
            (wish, agent)
            for wish, agents in (("add", add), ("freeze", freeze), ("branch", branch), ("remove", remove))
            for agent in agents or ()
        ]
        if wishes:
            _ask(run, wishes, wait, console)
        else:
            _show(run, events, everything, console)


def _show(run: Path, events: int, everything: bool, console: Console) -> None:
    from arena.league import plain_league, show_league
    from arena.runs import config_of, game_of
    from league.overview import overview
    from league.store import Store

    game = game_of(config_of(run))
    with Store(run) as store:
        found = overview(store, game)
    console.emit(plain_league(found))
    show_league(found, console, events=events, everything=everything)


def _ask(run: Path, wishes: list[tuple[str, str]], wait: float, console: Console) -> None:
    """Refuse what cannot be done; leave notes for the rest, and wait for the answers of a training that is running."""
    from arena.league import answers, checked
    from games import InputError
    from league import requests

    wishes = checked(run, wishes)
    asked = [(requests.ask(run, wish, agent), wish, agent) for wish, agent in wishes]
    running = requests.is_training(run)
    found = answers(run, [request for request, _, _ in asked], wait if running else 0.0)
    refused = []
    documents = []
    for request, wish, agent in asked:
        event = found.get(request)
        state = "waiting" if event is None else "refused" if event.kind == "refuse" else "done"
        documents.append({"request": request, "wish": wish, "agent": agent, "state": state})
        if event is None:
            when = "at the training's next update" if running else "when the run goes on"
            console.say(f"{wish} {agent}: to be done {when}")
        elif state == "refused":
            documents[-1]["reason"] = event.reason
            refused.append(f"{wish} {agent}: {event.reason}")
        else:
            console.say(
                f"{wish} {agent}: done at step {event.step:,}" + (f", {event.agent}" if event.agent != agent else "")
            )
    console.emit({"requests": documents})
    if refused:
        raise InputError("; ".join(refused))
