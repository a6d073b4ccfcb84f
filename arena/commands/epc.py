"""`arena epc`: an evolutionary population curriculum."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from arena.console import Interrupted, Json, opened, same_command
from arena.interrupt import until_interrupt

__all__ = ["epc"]


def epc(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a YAML file.")],
    run: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The folder. Default: runs/NAME-OF-CONFIG.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train populations that double from stage to stage, and are crossed on the way.

    The same command goes on after the last set that was trained. Snapshots are in FOLDER/snapshots.

    Example: arena epc examples/populations/grassland_epc.yaml
    """
    with opened(as_json) as console:
        from arena.epc import load
        from league.store import Store

        opened_in = load(config)  # mistakes are told before there is a folder
        folder = run or Path("runs") / config.stem
        with Store(folder, write=True, create=True) as store:
            curriculum = opened_in(store)
            with until_interrupt("finishing this update") as stop, console.status() as show:

                def watch(what: str, done: int, total: int) -> bool:
                    show(f"{what}: {done:,} of {total:,} steps" if total else what)
                    return not stop

                outcomes = curriculum.run(watch)
        told = [asdict(outcome) for outcome in outcomes]
        console.emit({"folder": str(folder), "done": len(outcomes) == len(curriculum.tasks), "stages": told})
        rows = [
            [
                outcome.stage,
                role,
                outcome.sets[k].id,
                f"{outcome.fitness[role][k].mean:.3f}",
                f"[{outcome.fitness[role][k].low:.3f}, {outcome.fitness[role][k].high:.3f}]",
                " + ".join(outcome.sets[k].parents.get(role, ())),
            ]
            for outcome in outcomes
            for role in curriculum.roles
            for k in outcome.ranked(role)
        ]
        console.table([">stage", "role", "set", ">return", ">95 %", "from"], rows)
        steps = sum(outcome.steps for outcome in outcomes)
        console.say(
            "Return of a role's seats together, against every set's team of the other role where there are two;"
            f" {curriculum.settings.matches:,} matches of each pair, intervals over seeds. {steps:,} decisions of learners in"
            " all sets."
        )
        if len(outcomes) < len(curriculum.tasks):
            raise Interrupted(f"stopped; every set that was finished is saved; go on with: {same_command()}")
        console.say(f"records and snapshots: {folder}")
