"""`arena tournament`: who is better, and how sure is that?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arena.console import Json, opened

__all__ = ["tournament"]


def tournament(
    game: Annotated[str, typer.Argument(metavar="GAME", help="The game's name, as `arena games` lists it.")],
    agents: Annotated[list[str], typer.Argument(metavar="AGENT", help="Agents (URIs), at least two.")],
    encounters: Annotated[
        int,
        typer.Option(
            min=1, metavar="N", help="Rounds of every group of agents; in each, everyone has every side once."
        ),
    ] = 50,
    task: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the task; repeatable.")
    ] = None,
    tasks: Annotated[Path | None, typer.Option(metavar="FILE", help="YAML list of tasks; all are played.")] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of all matches.")] = 0,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where records go. Default: under runs/.")] = None,
    slots: Annotated[int, typer.Option(min=1, metavar="N", help="Matches in flight.")] = 256,
    steps: Annotated[int | None, typer.Option(min=1, metavar="N", help="Truncate longer matches.")] = None,
    anchor: Annotated[str | None, typer.Option(metavar="AGENT", help="The agent whose rating is 0.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Write FOLDER/report.html, too.")] = False,
    as_json: Json = False,
) -> None:
    """Play a round robin and print a leaderboard with its uncertainty.

    Seats are swapped under the same seed. Every match is recorded: the same command goes on after an interruption.

    Example: arena tournament openspiel/connect_four random openspiel:mcts?simulations=50 openspiel:mcts?simulations=200
    """
    with opened(as_json) as console:
        from arena.contest import Contest, standings_in
        from arena.show import show_standings
        from arena.tasks import tasks_of
        from games import at_most, make
        from league.formats import RoundRobin
        from league.store import Store
        from league.tournament import Tournament, conditions
        from populations.agents.uri import load_agent

        rules = make(game)
        chosen = tasks_of(rules, task or [], tasks)
        rules = at_most(rules, max(len(rules.seats(one)) for one in chosen))
        contest = Contest(
            tournament=Tournament(
                game=rules,
                format=RoundRobin(encounters=encounters),
                agents=tuple(load_agent(uri, rules) for uri in agents),
                conditions=conditions(chosen),
                seed=seed,
                steps=steps,
            ),
            format={"kind": "round_robin", "encounters": encounters},
            anchor=anchor,
        )
        folder = out or Path("runs") / f"tournament-{contest.name}"
        contest.play(folder, console, slots=slots)
        with Store(folder) as store:
            result = standings_in(store)
        console.emit(result.plain() | {"game": rules.name, "folder": str(folder)})
        show_standings(result, console)
        console.say(f"records: {folder}")
        if report:
            from arena.report import write_report

            console.say(f"report:  {write_report([folder], folder / 'report.html')}")
