"""`arena evaluate`: how good did the agents of a run become?"""

from __future__ import annotations

from dataclasses import asdict
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
    against: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Another run: its snapshots take part, too, and are compared.")
    ] = None,
    exploit: Annotated[
        int | None,
        typer.Option(min=1, metavar="STEPS", help="Train exploiters against each last snapshot."),
    ] = None,
    adapt: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="UPDATES", help="Instead: how each last snapshot does after 0, 1, 5, 10, 50, ... updates."
        ),
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A parameter of the task to adapt to; repeatable. Needs --adapt."),
    ] = None,
    anchor: Annotated[str | None, typer.Option(metavar="AGENT", help="The agent whose rating is 0.")] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of all matches.")] = 0,
    slots: Annotated[int, typer.Option(min=1, metavar="N", help="Matches in flight.")] = 256,
    report: Annotated[bool, typer.Option("--report", help="Write RUN/report.html, too.")] = False,
    as_json: Json = False,
) -> None:
    """Rate the snapshots of a run against each other and their opponents.

    Works beside a training that is still running. Records go to RUN/evaluations; the same command goes on there. --exploit
    bounds how exploitable a snapshot is from below; it says nothing of what better exploiters would find. --adapt writes
    nothing: it measures how fast snapshots adapt to a task, by learning on, and by choosing a mode where they have several.

    Example: arena evaluate runs/leduc --opponents random --nash-conv --report

    Example: arena evaluate runs/resource --adapt 50 --task population=24
    """
    with opened(as_json) as console:
        from games import InputError

        if adapt is not None:
            from arena.adapted import show_adapted

            others = {"opponents": opponents, "nash-conv": nash_conv, "against": against, "exploit": exploit}
            for name, value in (others | {"anchor": anchor, "report": report}).items():
                if value:
                    raise InputError(f"--{name} has no part in --adapt; leave one of them out")
            show_adapted(run, console, updates=adapt, task=task or [], rounds=encounters, seed=seed)
            return
        if task:
            raise InputError("--task says what to adapt to; give --adapt, too")
        from arena.contest import Contest, standings_in
        from arena.history import exact_nash_conv, history_of, spread
        from arena.rivals import compare, exploited, population_of, told
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
        ours = spread(history, snapshots, game)
        theirs = [] if against is None else population_of(against, snapshots, game)
        contest = Contest(
            tournament=Tournament(
                game=game,
                format=RoundRobin(encounters=encounters),
                agents=(*ours, *theirs, *met),
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
        compared = compare(result, [a.id for a in ours], [a.id for a in theirs]) if theirs else None
        exact = exact_nash_conv(game, history) if nash_conv else {}
        last = {str(frozen.lineage.parent): frozen for frozen in history} if exploit else {}
        bounds = {name: exploited(run, game, frozen, steps=exploit or 1, seed=seed) for name, frozen in last.items()}
        more = {
            "nash_conv": exact,
            "against": compared and asdict(compared),
            "exploited": {name: asdict(found) for name, found in bounds.items()},
        }
        console.emit(result.plain() | {"game": game.name, "folder": str(folder)} | more)
        show_standings(result, console)
        if compared is not None:
            console.say(compared.sentence)
        for name, found in bounds.items():
            console.say(told(last[name].id, found))
        for learner, values in exact.items():
            console.say(
                f"NashConv of {learner}, exact: {values['last']:.4f} for its last snapshot,"
                f" {values['average']:.4f} for the average over its {values['snapshots']} snapshots"
            )
        console.say(f"records: {folder}")
        if report:
            from arena.report import write_report

            console.say(f"report:  {write_report([run], run / 'report.html')}")
