"""What a task costs: one ask and one tell of every teacher at ten dimensions, over 50,000 results.

`ms` is the mean with all fits and updates in it, `last` over `first` (fifths of the run) says whether it grows with the
number of results, and so does `state` in KiB, halfway and at the end. `slowest_ms` leaves the published versions out, which
stand beside ours (`faithful`). Results of one teacher are timed in one process of its own.
"""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import Cell, run_cells
from games import Categorical, Real, Task, TaskSpace
from league.teachers import Measure, Result, ValueStatistics, teachers

DIMENSIONS, RESULTS_TOLD, WARM = 10, 50_000, 1_000
QUICK_RESULTS, QUICK_SECONDS = 3_000, 35.0
FIFTHS = 5
RESULTS = Path(__file__).parent / "results"

SPACE = TaskSpace({f"x{k}": Real(0.0, 1.0, 0.5) for k in range(DIMENSIONS)})
LIST = TaskSpace({f"x{k}": Categorical((0, 1), 0) for k in range(DIMENSIONS - 1)})
"""For teachers that need a list of tasks: 512 of them."""

LEARNERS = ("protagonist", "antagonist")
"""Who asks, in turns."""

INNER = {"teachers": {"a": {"kind": "edge"}, "b": {"kind": "uniform"}}}
OPTIONS: dict[str, dict[str, Any]] = {
    "bandit": INNER,
    "mixture": INNER,
    "paired": {"protagonist": LEARNERS[0], "antagonist": LEARNERS[1]},
    "pairs": {"inner": {"kind": "edge"}, "opponents": ("past", "self")},
    "per_learner": {"inner": {"kind": "edge"}},
    "syllabus": {"stages": [{"kind": "uniform", "until": {"results": 10_000}}, {"kind": "edge"}]},
}
"""What some teachers cannot be made without."""

PUBLISHED = ("alp_gmm", "covar_gmm", "riac", "plr", "goal_gan", "setter_solver")
"""Teachers whose published version is timed, too."""


def run(quick: bool) -> dict[str, Any]:
    results = QUICK_RESULTS if quick else RESULTS_TOLD
    cells = [{"teacher": name, "results": results, "options": OPTIONS.get(name, {})} for name in teachers.names()]
    if not quick:
        cells += [{"teacher": name, "results": results, "options": {"faithful": True}} for name in PUBLISHED]
    file = None if quick else RESULTS / "cells" / "teachers_ask_tell.jsonl"
    done = run_cells(measure, cells, file=file, seconds=QUICK_SECONDS if quick else None)
    rows = {_title(cell): figures for cell, figures in done}
    ours = {name: row for name, row in rows.items() if "faithful" not in name}
    slowest = max(ours, key=lambda name: ours[name]["ms"])
    if file is not None:
        (RESULTS / "teachers-ask-tell.md").write_text(_table(rows), encoding="utf-8")
    return {"slowest_ms": ours[slowest]["ms"], "slowest": slowest, "dimensions": DIMENSIONS, "teachers": rows}


def _title(cell: Cell) -> str:
    return cell["teacher"] + (" (faithful)" if cell["options"].get("faithful") else "")


def measure(cell: Cell) -> dict[str, Any]:
    """Return the mean time of ask and tell, its first and last fifth, and the size of the state."""
    name, results, options = cell["teacher"], cell["results"], cell["options"]
    space = LIST if name == "learning_progress" else SPACE
    if "measure" in inspect.signature(teachers.find(name)).parameters:
        options = options | {"measure": Measure(low=0.0, high=1.0)}
    _drive(name, space, options, WARM, 1)  # compiles
    rates, sizes = _drive(name, space, options, results, 0)
    return {
        "ms": float(np.mean(rates)),
        "first": rates[0],
        "last": rates[-1],
        "state_half": sizes[0],
        "state": sizes[1],
    }


def _drive(
    name: str, space: TaskSpace, options: dict[str, Any], results: int, seed: int
) -> tuple[list[float], list[float]]:
    """Return ms a result in each fifth of the run, and the state's KiB halfway and at the end.

    A learner is good where a task is near to what it can do by now, which moves through the space once; results are noisy.
    Only the teacher is timed.
    """
    teacher = teachers.make(name, space, seed, options=options)
    rng = np.random.default_rng(seed)
    noise = 0.05 * rng.standard_normal(results)
    rates, sizes = [], []
    for fifth in range(FIFTHS):
        spent = 0.0
        for k in range(fifth * results // FIFTHS, (fifth + 1) * results // FIFTHS):
            learner = LEARNERS[k % 2]
            start = time.perf_counter()
            (proposal,) = teacher.ask(1, learner)
            spent += time.perf_counter() - start
            gained = min(max(1.2 - 2.0 * abs(_place(proposal.task) - k / results) + float(noise[k]), 0.0), 1.0)
            told = Result(
                id=proposal.id,
                learner=proposal.player or learner,
                score=0.5,
                total_return=gained,
                length=10,
                success=float(gained > 0.5),
                values=ValueStatistics(10, 0.5, gained - 0.5, abs(gained - 0.5), max(gained - 0.5, 0.0), 0.1),
                opponents=proposal.opponents or "past",
            )
            start = time.perf_counter()
            teacher.tell(told)
            spent += time.perf_counter() - start
        rates.append(1000.0 * spent / (results / FIFTHS))
        if fifth in (FIFTHS // 2, FIFTHS - 1):
            sizes.append(len(json.dumps(teacher.state_dict())) / 1024)
    return rates, sizes


def _place(task: Task) -> float:
    return sum(float(value) for value in task.values()) / DIMENSIONS


def _table(rows: dict[str, dict[str, Any]]) -> str:
    lines = ["| teacher | ms | first fifth | last fifth | state, KiB: halfway | at the end |", "| --- " * 6 + "|"]
    for name, row in sorted(rows.items(), key=lambda entry: entry[1]["ms"]):
        times = " | ".join(f"{row[key]:.3f}" for key in ("ms", "first", "last"))
        lines.append(f"| {name} | {times} | {row['state_half']:,.0f} | {row['state']:,.0f} |")
    return "\n".join(lines) + "\n"
