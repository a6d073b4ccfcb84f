"""`arena evaluate`: how good did the agents of a run become?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arena.console import Json, opened

__all__ = ["evaluate"]


def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a training run.")],
    opponents: Annotated[
        list[str] | None,
        typer.Option(
            metavar="AGENT", help="An agent (URI) to meet; repeatable. Default: evaluation.opponents of the run."
        ),
    ] = None,
    snapshots: Annotated[
        int, typer.Option(min=1, metavar="N", help="At most so many snapshots, spread evenly; the last is among them.")
    ] = 8,
    encounters: Annotated[
        int,
        typer.Option(
            min=1, metavar="N", help="Rounds of every group of agents; in each, everyone has every side once."
        ),
    ] = 50,
    nash_conv: Annotated[
        bool, typer.Option("--nash-conv", help="Also measure NashConv exactly (small OpenSpiel games).")
    ] = False,
    anchor: Annotated[str | None, typer.Option(metavar="AGENT", help="The agent whose rating is 0.")] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of all matches.")] = 0,
    slots: Annotated[int, typer.Option(min=1, metavar="N", help="Matches in flight.")] = 256,
    report: Annotated[bool, typer.Option("--report", help="Write RUN/report.html, too.")] = False,
    as_json: Json = False,
) -> None:
    """Rate the snapshots of a run against each other and their opponents.

    Works beside a training that is still running. Records go to RUN/evaluations; the same command goes on there.

    Example: arena evaluate runs/leduc --opponents random --nash-conv --report
    """
    with opened(as_json) as console:
        from arena.contest import Contest, standings_in
        from arena.history import exact_nash_conv, history_of, spread
        from arena.runs import config_of, game_of
        from arena.show import show_standings
        from league.formats import RoundRobin
        from league.store import Store
        from league.tournament import Tournament, conditions
        from populations.agents import load_agent

        config = config_of(run)
        game = game_of(config)
        history = history_of(run)
        chosen = config.evaluation.opponents if opponents is None else opponents
        met = [load_agent(uri, game, snapshots=run / "snapshots") for uri in chosen]
        contest = Contest(
            tournament=Tournament(
                game=game,
                format=RoundRobin(encounters=encounters),
                agents=(*spread(history, snapshots, game), *met),
                conditions=conditions(config.tasks(game)),
                seed=seed,
                steps=config.match_steps,
            ),
            format={"kind": "round_robin", "encounters": encounters},
            anchor=anchor,
        )
        folder = run / "evaluations" / contest.name
        contest.play(folder, console, slots=slots)
        with Store(folder) as store:
            result = standings_in(store)
        exact = exact_nash_conv(game, history) if nash_conv else {}
        console.emit(result.plain() | {"game": game.name, "folder": str(folder), "nash_conv": exact})
        show_standings(result, console)
        for learner, values in exact.items():
            console.say(
                f"NashConv of {learner}, exact: {values['last']:.4f} for its last snapshot,"
                f" {values['average']:.4f} for the average over its {values['snapshots']} snapshots"
            )
        console.say(f"records: {folder}")
        if report:
            from arena.report import write_report

            console.say(f"report:  {write_report([run], run / 'report.html')}")
