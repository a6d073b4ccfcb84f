"""How fast the agents of a run adapt to a task, from its folder; nothing is written there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from arena.build import plan
from arena.config import load
from arena.console import Console
from arena.history import history_of
from arena.tasks import task_of
from games import at_most, make
from league.adaptation import Curve, adapt, points

__all__ = ["show_adapted"]


def show_adapted(run: Path, console: Console, *, updates: int, task: Sequence[str], rounds: int, seed: int) -> None:
    """Let the last snapshot of each learner adapt to a task, and print its curves; see `league.adaptation.adapt`.

    The game is that of the run without its `task_ranges`, so that the task may lie beyond them. Learners are of the make of
    each snapshot's own parent, and their updates as large as in training.

    Args:
        run: the folder of a training run.
        console: what is printed to.
        updates: at most so many.
        task: `name=value` each; none for the tasks that the run is evaluated on.
        rounds: of matches in each measurement.
        seed: of everything.

    Raises:
        InputError: for a folder without snapshots, a task that the game does not have, or one that they cannot play.
    """
    config, document = load(run / "config.yaml")
    last = {str(frozen.lineage.parent): frozen for frozen in history_of(run)}
    rules = make(config.game)
    tasks = (task_of(rules, task),) if task else config.tasks(rules)
    game = at_most(rules, max(len(rules.seats(one)) for one in tasks))
    parts = plan(config, document)
    curves: dict[str, list[Curve]] = {}
    for name, frozen in last.items():
        population = name if name in config.learners else name.rpartition(".")[0]
        curves[frozen.id] = adapt(
            game,
            frozen.load(game),
            parts.make(f"adaptation of {name}", population, {}),
            tasks=tasks,
            updates=points(updates),
            rounds=rounds,
            slots=config.slots,
            fragment=config.fragment,
            seed=seed,
        )
    told = {name: [asdict(curve) for curve in found] for name, found in curves.items()}
    console.emit({"game": game.name, "tasks": [dict(one) for one in tasks], "rounds": rounds, "adapted": told})
    columns = ["agent", "method", ">updates", ">decisions", ">return", ">95 %", ">gain", ">95 %"]
    by_modes = any(curve.method == "selection" for found in curves.values() for curve in found)
    console.table([*columns, *(["mode"] if by_modes else [])], _rows(curves, by_modes))
    of = "; ".join(", ".join(f"{key} {value}" for key, value in one.items()) for one in tasks)
    equal = (
        " `selection` had as many decisions to choose a mode by as `gradient` had to learn from." if by_modes else ""
    )
    console.say(
        f"Mean return of a seat in {game.name} ({of}), over {rounds:,} rounds of fresh matches. Intervals are over rounds; they"
        f" do not tell the luck of the one adaptation that was run.{equal}"
    )


def _rows(curves: dict[str, list[Curve]], by_modes: bool) -> Iterator[list[Any]]:
    for name, found in curves.items():
        for curve in found:
            for point in curve.points:
                value, gain = point.value, point.gain
                row = [
                    name,
                    curve.method,
                    f"{point.updates:,}",
                    f"{point.decisions:,}",
                    f"{value.mean:.4f}",
                    f"[{value.low:.4f}, {value.high:.4f}]",
                    f"{gain.mean:+.4f}",
                    f"[{gain.low:+.4f}, {gain.high:+.4f}]",
                ]
                yield row + ([", ".join(map(str, point.modes))] if by_modes else [])
