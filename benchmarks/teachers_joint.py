"""When must a teacher know the opponent? Progress kept apart by opponent class, and not, where opponents differ.

Exactly, in the toy world: a matchmaker draws a weak or a strong opponent at random, and against the strong a match returns
only a part of the competence; teachers that are told the class stand beside the same ones that are not, over how strong the
strong is. And in learning: the resource game with prioritised fictitious self-play, classes told or not, measured on
held-out tasks, five seeds. `told` less `not told` is given with its 95 % interval, paired by seed. Every run is a line of
`results/cells/teachers_joint.jsonl`; the tables are in `results/teachers-joint.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import Cell, mean_interval, run_cells
from benchmarks.teachers_resource import late, return_curve
from league.teachers import Measure, Result, Teacher, teachers
from league.teachers.toy_world import ToyWorld

SEEDS = (1, 2, 3, 4, 5)
EPISODES, SIDE = 20_000, 10
QUICK_EPISODES, QUICK_SECONDS = 3_000, 35.0
STEPS, QUICK_STEPS = 400_000, 10_000
RESULTS = Path(__file__).parent / "results"

RETURNED = {"the same": 1.0, "0.7": 0.7, "0.4": 0.4, "0.1": 0.1}
"""Part of the competence that a match against the strong opponent returns."""

TEACHERS: dict[str, dict[str, Any]] = {
    "ALP-GMM": {"kind": "alp_gmm"},
    "Covar-GMM": {"kind": "covar_gmm"},
    "RIAC": {"kind": "riac"},
    "edge": {"kind": "edge"},
}

LEARNING = {"edge": {"kind": "edge"}, "ALP-GMM": {"kind": "alp_gmm"}}
"""Teachers of the resource game."""


def run(quick: bool) -> dict[str, Any]:
    seeds = SEEDS[:1] if quick else SEEDS
    episodes, steps = (QUICK_EPISODES, QUICK_STEPS) if quick else (EPISODES, STEPS)
    cells: list[Cell] = [
        {"world": "toy", "teacher": name, "returned": returned, "how": how, "seed": seed, "episodes": episodes}
        for seed in seeds
        for name in TEACHERS
        for returned in RETURNED
        for how in ("told", "not told", "pairs")
    ]
    cells += [
        {"world": "resource", "teacher": name, "how": how, "seed": seed, "steps": steps}
        for seed in seeds
        for name in LEARNING
        for how in ("told", "not told", "pairs")
    ]
    file = None if quick else RESULTS / "cells" / "teachers_joint.jsonl"
    done = run_cells(work, cells, file=file, seconds=QUICK_SECONDS if quick else None)
    toy = {n: {r: _compared(done, "toy", n, r) for r in RETURNED} for n in TEACHERS}
    resource = {n: _compared(done, "resource", n) for n in LEARNING}
    if file is not None:
        (RESULTS / "teachers-joint.md").write_text(_tables(toy, resource), encoding="utf-8")
    return {"runs": len(done), "of": len(cells), "toy": toy, "resource": resource}


def work(cell: Cell) -> dict[str, Any]:
    """Return the figure of one run: cells mastered in per cent, or the mean return at the end."""
    if cell["world"] == "toy":
        return {"figure": play_toy(cell)}
    teacher: dict[str, Any] = LEARNING[cell["teacher"]]
    if cell["how"] == "pairs":
        teacher = {"kind": "pairs", "inner": teacher, "opponents": ["self", "past"]}
    found = return_curve(
        teacher,
        cell["seed"],
        cell["steps"],
        matchmaker={"kind": "pfsp"},
        opponent_classes="none" if cell["how"] == "not told" else "kind",
    )
    return {"figure": late(found["returns"])}


def play_toy(cell: Cell) -> float:
    """Return the share of cells that are mastered when opponents come by chance, or as the teacher asks for."""
    world, rng = ToyWorld(side=SIDE), np.random.default_rng(cell["seed"])
    part = {"weak": 1.0, "strong": RETURNED[cell["returned"]]}
    teacher = _teacher(cell, world)
    for _ in range(cell["episodes"]):
        (proposal,) = teacher.ask(1, "toy")
        opponent = proposal.opponents or ("weak", "strong")[int(rng.integers(2))]
        gained = world.play(proposal.task) * part[opponent]
        told = "" if cell["how"] == "not told" else opponent
        teacher.tell(Result(id=proposal.id, learner="toy", score=0.5, total_return=gained, length=1, opponents=told))
    return world.mastered


def _teacher(cell: Cell, world: ToyWorld) -> Teacher:
    measure: dict[str, Any] = {"low": 0.0, "high": 1.0}
    inner = TEACHERS[cell["teacher"]]
    if cell["how"] == "pairs":
        options: dict[str, Any] = {"inner": inner | {"measure": measure}, "opponents": ("weak", "strong")}
        return teachers.make("pairs", world.space, cell["seed"], options=options)
    return teachers.make(inner["kind"], world.space, cell["seed"], options={"measure": Measure(**measure)})


def _compared(
    done: list[tuple[Cell, dict[str, Any]]], world: str, teacher: str, returned: str | None = None
) -> dict[str, Any]:
    """Return means with intervals of each way, and what telling the class is worth."""
    ways: dict[str, dict[int, float]] = {"told": {}, "not told": {}, "pairs": {}}
    for cell, figures in done:
        if (cell["world"], cell["teacher"], cell.get("returned")) == (world, teacher, returned):
            ways[cell["how"]][cell["seed"]] = figures["figure"]
    found: dict[str, Any] = {how: mean_interval([*values.values()]) for how, values in ways.items() if values}
    both = [seed for seed in ways["told"] if seed in ways["not told"]]
    if both:
        found["told less not told"] = mean_interval([ways["told"][s] - ways["not told"][s] for s in both])
    return found


def _tables(toy: dict[str, dict[str, Any]], resource: dict[str, dict[str, Any]]) -> str:
    ways = ("told", "not told", "pairs", "told less not told")
    lines = [
        "| world | teacher | returned by the strong | " + " | ".join(ways) + " |",
        "| --- " * (len(ways) + 3) + "|",
    ]
    for name, row in toy.items():
        for returned, found in row.items():
            lines.append(f"| toy, mastered % | {name} | {returned} | {_row(found, ways, 1)} |")
    for name, found in resource.items():
        lines.append(f"| resource, return | {name} | | {_row(found, ways, 3)} |")
    return "\n".join(lines) + "\n"


def _row(found: dict[str, Any], ways: tuple[str, ...], digits: int) -> str:
    shown = [found.get(way) for way in ways]
    return " | ".join("" if v is None else "{:.{d}f} ({:.{d}f} to {:.{d}f})".format(*v, d=digits) for v in shown)
