"""Do teachers help to learn? The resource game with a wide task space, measured on held-out tasks at equal steps.

PPO learners that differ in nothing but their teacher, five seeds; populations of 2 to 8 in squares of up to four times the
published side, where most landmarks are out of reach. Every snapshot plays 64 tasks drawn from the whole space, the same
for all runs, with copies of itself. `final` is the mean return a seat over the last quarter of the run, `whole` over all of
it; `beats` are the differences to random tasks with the same seed, with their 95 % intervals. Every run is a line of
`results/cells/teachers_resource.jsonl`. The table is `results/teachers-resource.md`, the picture
`results/teachers-resource.html`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from arena.build import plan
from arena.config import load
from benchmarks.cells import Cell, mean_interval, run_cells
from league.store import Store

SEEDS = (1, 2, 3, 4, 5)
STEPS, SNAPSHOTS = 500_000, 10
QUICK_STEPS, QUICK_SECONDS = 20_000, 35.0
RESULTS = Path(__file__).parent / "results"
POPULATION = (2, 8)
POINTS = 41  # of a curve

TEACHERS: dict[str, dict[str, Any]] = {
    "random": {"kind": "uniform"},
    "edge": {"kind": "edge"},
    "edge, by progress": {"kind": "edge", "signal": "progress"},
    "ALP-GMM": {"kind": "alp_gmm"},
    "Covar-GMM": {"kind": "covar_gmm"},
    "RIAC": {"kind": "riac"},
    "ADR, told where to begin": {"kind": "adr", "start": {"population": 2, "extent": 1.0}},
    "PLR": {"kind": "plr"},
    "ACCEL": {"kind": "accel"},
    "SFL": {"kind": "sfl"},
}
"""Name to its configuration; all options are the defaults. The learner's were chosen with random tasks alone, for speed."""


def run(quick: bool) -> dict[str, Any]:
    cells = [
        {"teacher": teacher, "name": name, "seed": seed, "steps": QUICK_STEPS if quick else STEPS}
        for seed in (SEEDS[:1] if quick else SEEDS)
        for name, teacher in TEACHERS.items()
    ]
    file = None if quick else RESULTS / "cells" / "teachers_resource.jsonl"
    done = run_cells(train, cells, file=file, seconds=QUICK_SECONDS if quick else None)
    figures = {name: _summary(done, name) for name in TEACHERS}
    if file is not None:
        (RESULTS / "teachers-resource.md").write_text(_table(figures), encoding="utf-8")
        _picture(done).write_html(RESULTS / "teachers-resource.html", include_plotlyjs="cdn")
    return {"runs": len(done), "of": len(cells), "teachers": figures}


def train(cell: Cell) -> dict[str, Any]:
    """Return the mean return a seat at each snapshot."""
    return return_curve(cell["teacher"], cell["seed"], cell["steps"])


def return_curve(teacher: dict[str, Any], seed: int, steps: int, **parts: Any) -> dict[str, Any]:
    """Train one learner and return `steps` and `returns`, the latter by seat on held-out tasks.

    Args:
        teacher: its configuration.
        seed: of the run.
        steps: decisions.
        **parts: of the configuration that differ.
    """
    configuration = {
        "game": "markov/resource-v0",
        "seed": seed,
        "steps": steps,
        "slots": 128,
        "fragment": 20,
        "snapshot_every": steps // SNAPSHOTS,
        "task_ranges": {"population": list(POPULATION)},
        "teacher": teacher,
        "matchmaker": {"kind": "self_play"},
        "learners": {
            "main": {
                "kind": "ppo",
                "network": {"hidden": [64, 64]},
                "settings": {"entropy": 0.01, "learning_rate": 2e-3, "reward_scale": 0.1},
            }
        },
        "evaluation": {"tasks": 64, "matches": 512, "past": 0},
        "checkpoint_seconds": 1e9,
    } | parts
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.yaml"
        file.write_text(yaml.safe_dump(configuration))
        with Store(Path(folder) / "run", write=True, create=True) as store:
            training = plan(*load(file)).training(store, tensorboard=False)
            try:
                training.run(lambda _: True)
            finally:
                training.close()
            curve = store.curve("main/return/mean")
    return {"steps": [step for step, _ in curve], "returns": [round(value, 4) for _, value in curve]}


def _summary(done: list[tuple[Cell, dict[str, Any]]], name: str) -> dict[str, Any]:
    runs = {cell["seed"]: _even(cell, figures) for cell, figures in done if cell["name"] == name}
    base = {cell["seed"]: _even(cell, figures) for cell, figures in done if cell["name"] == "random"}
    if not runs:
        return {}
    both = [seed for seed in runs if seed in base]
    figures: dict[str, Any] = {
        "final": mean_interval([late(curve) for curve in runs.values()]),
        "whole": mean_interval([float(np.mean(curve)) for curve in runs.values()]),
    }
    if name != "random" and both:
        figures["beats"] = {
            "final": mean_interval([late(runs[seed]) - late(base[seed]) for seed in both]),
            "whole": mean_interval([float(np.mean(runs[seed]) - np.mean(base[seed])) for seed in both]),
        }
    return figures


def _even(cell: Cell, figures: dict[str, Any]) -> list[float]:
    """Return a curve at even steps: snapshots are taken when a fragment ends, and once more at the end of a run."""
    grid = np.linspace(0, cell["steps"], POINTS)
    return [float(x) for x in np.interp(grid, figures["steps"], figures["returns"])]


def late(curve: list[float]) -> float:
    """Return the mean of the last quarter of a curve."""
    return float(np.mean(curve[-max(len(curve) // 4, 1) :]))


def _table(figures: dict[str, dict[str, Any]]) -> str:
    titles = ("final", "whole", "final, less random", "whole, less random")
    lines = ["| teacher | " + " | ".join(titles) + " |", "| --- " * (len(titles) + 1) + "|"]
    for name, found in figures.items():
        values = [found.get("final"), found.get("whole"), *(found.get("beats", {}).get(k) for k in ("final", "whole"))]
        shown = ["" if v is None else f"{v[0]:.3f} ({v[1]:.3f} to {v[2]:.3f})" for v in values]
        lines.append(f"| {name} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def _picture(done: list[tuple[Cell, dict[str, Any]]]) -> Any:
    """Return curves of the mean return, a colour a teacher, means over seeds."""
    from plotly.graph_objects import Figure

    figure = Figure()
    for name in TEACHERS:
        runs = [_even(cell, figures) for cell, figures in done if cell["name"] == name]
        if runs:
            figure.add_scatter(x=np.linspace(0, STEPS, POINTS), y=np.mean(runs, axis=0), name=name)
    figure.update_layout(
        title=f"Mean return a seat on held-out tasks over decisions, means over {len(SEEDS)} seeds",
        template="simple_white",
    )
    return figure
