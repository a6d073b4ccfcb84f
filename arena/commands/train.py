"""`arena train`: keep a population learning, and lose nothing."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.console import Console, Interrupted, Json, Meter, opened, same_command
from arena.interrupt import until_interrupt

if TYPE_CHECKING:
    from league.training import Progress, Training

__all__ = ["train"]

_EMIT_SECONDS = 1.0


def train(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The configuration, a YAML file; see docs/configuration.md.")
    ],
    run: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The run's folder. Default: runs/NAME-OF-CONFIG.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override one key, as in --set seed=2; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a population as a configuration says, in one folder.

    The same command goes on where the run stopped, whatever stopped it; a longer --set steps=... makes it longer.

    Example: arena train examples/leduc.yaml --run runs/leduc --set seed=2
    """
    with opened(as_json) as console:
        from arena.build import plan
        from arena.config import load
        from arena.runs import claim, open_run

        settings, document = load(config, sets or [])
        parts = plan(settings, document)
        folder = run or Path("runs") / config.stem
        with open_run(folder) as store:
            resumed = claim(store, settings)
            training = parts.training(store)
            with closing(training):
                console.say(
                    f"{'going on with' if resumed else 'starting'} {folder}: {settings.game}, {settings.steps:,} steps"
                )
                stopped = _run(training, console)
                summary = {"folder": str(folder), "steps": training.steps, "total": settings.steps}
                console.emit({"event": "stopped" if stopped else "done"} | summary)
        if stopped:
            done = f"{training.steps:,} of {settings.steps:,} steps"
            raise Interrupted(f"stopped after {done}, all saved; go on with: {same_command()}")
        console.say(f"done: {training.steps:,} steps; `arena evaluate {folder}` tells how good it became")


def _run(training: Training, console: Console) -> bool:
    """Train, showing how it goes; return whether the user stopped it."""
    stopping = until_interrupt("finishing this update")
    with stopping as stop, console.meter("steps", training.schedule.steps, done=training.steps) as meter:
        last = 0.0

        def watch(progress: Progress) -> bool:
            nonlocal last
            meter.to(progress.steps, _note(progress))
            if time.monotonic() - last > _EMIT_SECONDS:
                last = time.monotonic()
                console.emit(_event(progress, meter))
            return not stop

        training.run(watch)
    return bool(stop) and training.steps < training.schedule.steps


def _note(progress: Progress) -> str:
    """The figures that tell most, for the live line."""
    short = {name.partition("/")[2]: value for name, value in progress.figures.items()}
    chosen = {
        "NashConv": short.get("nash_conv/last"),
        "average": short.get("nash_conv/average"),
        **{name.rpartition("/")[2]: value for name, value in short.items() if name.startswith("evaluation/")},
    }
    return ", ".join(f"{name} {value:.3g}" for name, value in chosen.items() if value is not None)


def _event(progress: Progress, meter: Meter) -> dict[str, Any]:
    return {
        "event": "progress",
        "steps": progress.steps,
        "total": progress.total,
        "matches": progress.matches,
        "steps_per_second": meter.rate,
        "seconds_left": meter.seconds_left,
        "seconds": progress.seconds,
        "figures": progress.figures,
    }
