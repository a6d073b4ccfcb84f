"""`arena tournament`: who is better, and how sure is that?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arena.console import Json, opened

__all__ = ["tournament"]

_CONFIGURATIONS = (".yaml", ".yml", ".json")


def tournament(
    game: Annotated[str, typer.Argument(metavar="GAME|FILE", help="The game's name, or a configuration in YAML.")],
    agents: Annotated[list[str] | None, typer.Argument(metavar="AGENT", help="Agents (URIs), at least two.")] = None,
    format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="round_robin (the default), swiss, gauntlet, knockout, double_elimination, ladder, sprt, adaptive, or a"
            " package's own.",
        ),
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="An option of the format; repeatable.")
    ] = None,
    encounters: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Pairs of games of every group of agents (round robin). Default: 50."),
    ] = None,
    agents_file: Annotated[
        Path | None,
        typer.Option("--agents", metavar="FILE", help="YAML list of agents; those named here come after them."),
    ] = None,
    task: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the task; repeatable.")
    ] = None,
    tasks: Annotated[Path | None, typer.Option(metavar="FILE", help="YAML list of tasks; all are played.")] = None,
    openings: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML list of openings, each a list of moves; all are played.")
    ] = None,
    games: Annotated[int | None, typer.Option(min=1, metavar="N", help="Begin no pair after so many games.")] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.0, metavar="X", help="Begin no pair after so many minutes.")
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="Withdraw an agent after so many crashes and time-outs; 0 never. Default: 10 with process: agents.",
        ),
    ] = None,
    adjudicate: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE=VALUE", help="End matches early, as in draw_after=200; repeatable."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, metavar="N", help="Of all matches. Default: 0.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where records go. Default: under runs/.")] = None,
    slots: Annotated[int | None, typer.Option(min=1, metavar="N", help="Matches in flight. Default: 256.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, metavar="N", help="Truncate longer matches.")] = None,
    replays: Annotated[bool, typer.Option("--replays", help="Keep what was played, for export and replay.")] = False,
    anchor: Annotated[str | None, typer.Option(metavar="AGENT", help="The agent whose rating is 0.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Write FOLDER/report.html, too.")] = False,
    as_json: Json = False,
) -> None:
    """Play a tournament and print a leaderboard with its uncertainty.

    Seats are swapped under the same seed. Every match is recorded: the same command goes on after an interruption.

    Example: arena tournament openspiel/connect_four random openspiel:mcts?simulations=50 openspiel:mcts?simulations=200
    """
    with opened(as_json) as console:
        from arena.contest import standings_in
        from arena.cup import contest_of, cup_of
        from arena.draft import Draft
        from arena.show import show_standings
        from games import InputError
        from league.store import Store

        if task and tasks:
            raise InputError("give either --task or --tasks, not both")
        draft = Draft(Path(game) if game.endswith(_CONFIGURATIONS) else None)
        if not game.endswith(_CONFIGURATIONS):
            draft.put(("game",), game, "")
        draft.embed("agents", agents_file)
        draft.append("agents", agents)
        draft.put(("format",), format and {"kind": format}, f"--format {format}")
        draft.document.data.setdefault("format", {"kind": "round_robin"})
        draft.put(("format", "encounters"), encounters, f"--encounters {encounters}")
        draft.assign(("format",), "--option", option)
        draft.put(("tasks",), [{}] if task else None, "--task")
        draft.assign(("tasks", 0), "--task", task)
        draft.embed("tasks", tasks)
        draft.embed("openings", openings)
        draft.assign(("adjudication",), "--adjudicate", adjudicate)
        for key, value in (
            ("games", games),
            ("minutes", minutes),
            ("patience", patience),
            ("seed", seed),
            ("slots", slots),
            ("steps", steps),
            ("replays", replays or None),
            ("anchor", anchor),
        ):
            draft.put((key,), value, f"--{key}")
        cup = cup_of(draft.document)
        contest = contest_of(cup, draft.document)
        folder = out or Path("runs") / f"tournament-{contest.name}"
        contest.play(folder, console, slots=cup.slots, replays=cup.replays, minutes=cup.minutes)
        with Store(folder) as store:
            result = standings_in(store)
        console.emit(result.plain() | {"game": contest.tournament.game.name, "folder": str(folder)})
        show_standings(result, console)
        console.say(f"records: {folder}")
        if report:
            from arena.report import write_report

            console.say(f"report:  {write_report([folder], folder / 'report.html')}")
