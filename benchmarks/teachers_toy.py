"""What teachers are worth where nothing is learned but by visits: mastered cells of the toy world, every teacher.

Four worlds, five seeds. With `faithful` settings the figures of the published algorithms must come out (`bands`); beside
them stand our own versions, and what is better than all published ones. Every trial is a line of
`results/cells/teachers_toy.jsonl`; what is there is not run again. The table is `results/teachers-toy.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import Cell, mean_interval, run_cells
from league.teachers import Measure, teachers
from league.teachers.toy_world import ToyWorld, trial

SEEDS = (1, 2, 3, 4, 5)
QUICK_SECONDS = 35.0
RESULTS = Path(__file__).parent / "results"

WORLDS: dict[str, dict[str, int]] = {
    "d=2 n=10": {"dimensions": 2, "side": 10, "irrelevant": 0, "episodes": 20_000},
    "d=2 n=5": {"dimensions": 2, "side": 5, "irrelevant": 0, "episodes": 5_000},
    "d=3 n=5": {"dimensions": 3, "side": 5, "irrelevant": 0, "episodes": 20_000},
    "10 irrelevant": {"dimensions": 2, "side": 10, "irrelevant": 10, "episodes": 20_000},
}
"""Dimensions of the cells, cells a side, parameters without effect, and matches."""

FAITHFUL = {"faithful": True}
TEACHERS: dict[str, dict[str, Any]] = {
    "random": {"kind": "uniform"},
    "RIAC, published": {"kind": "riac"} | FAITHFUL,
    "Covar-GMM, published": {"kind": "covar_gmm"} | FAITHFUL,
    "ALP-GMM, published": {"kind": "alp_gmm"} | FAITHFUL,
    "ALP-GMM, published, history 500": {"kind": "alp_gmm", "history": 500} | FAITHFUL,
    "RIAC": {"kind": "riac"},
    "Covar-GMM": {"kind": "covar_gmm"},
    "ALP-GMM": {"kind": "alp_gmm"},
    "edge": {"kind": "edge"},
    "GoalGAN": {"kind": "goal_gan"},
    "setter-solver": {"kind": "setter_solver"},
    "self-paced": {"kind": "self_paced"},
    "PLR": {"kind": "plr"},
    "robust PLR": {"kind": "plr", "robust": True},
    "PLR by p (1 - p)": {
        "kind": "plr",
        "score": "success",
        "priority": "match",
        "buffer": 100,
        "fill": 0.1,
        "staleness": 0.3,
    },
    "ACCEL": {"kind": "accel"},
    "SFL": {"kind": "sfl"},
    "XLand": {"kind": "xland"},
    "IWOCS": {"kind": "iwocs"},
    "oracle (told the direction)": {"kind": "oracle"},
    "ADR (told where to begin)": {"kind": "adr"},
}
"""Name to its configuration."""

MEASURED: dict[tuple[str, str], tuple[float, float, int]] = {
    ("random", "d=2 n=10"): (4.3, 0.6, 10),
    ("RIAC, published", "d=2 n=10"): (47.4, 1.6, 5),
    ("Covar-GMM, published", "d=2 n=10"): (66.6, 2.3, 5),
    ("ALP-GMM, published", "d=2 n=10"): (34.4, 5.5, 5),
    ("ALP-GMM, published, history 500", "d=2 n=10"): (71.0, 1.4, 3),
    ("random", "d=2 n=5"): (16.0, 0.0, 5),
    ("RIAC, published", "d=2 n=5"): (39.2, 3.0, 5),
    ("Covar-GMM, published", "d=2 n=5"): (72.0, 4.4, 5),
    ("ALP-GMM, published", "d=2 n=5"): (36.0, 0.0, 5),
    ("random", "d=3 n=5"): (3.7, 2.0, 3),
    ("RIAC, published", "d=3 n=5"): (24.0, 4.0, 2),
    ("Covar-GMM, published", "d=3 n=5"): (68.0, 0.8, 2),
    ("ALP-GMM, published", "d=3 n=5"): (42.4, 4.0, 2),
    ("RIAC, published", "10 irrelevant"): (16.5, 1.5, 2),
    ("ALP-GMM, published", "10 irrelevant"): (52.5, 1.5, 2),
}
"""Mean, standard deviation and seeds that an independent version of the published algorithms got."""

BANDS = ("random", "RIAC, published", "Covar-GMM, published", "ALP-GMM, published")
"""Teachers whose figure at d=2 n=10 must lie within two standard errors of the one above."""


def run(quick: bool) -> dict[str, Any]:
    cells = [
        {"world": world, "teacher": name, "seed": seed, "episodes": WORLDS[world]["episodes"], **TEACHERS[name]}
        for seed in (SEEDS[:1] if quick else SEEDS)
        for world in (("d=2 n=5",) if quick else WORLDS)
        for name in TEACHERS
    ]
    file = None if quick else RESULTS / "cells" / "teachers_toy.jsonl"
    done = run_cells(teach, cells, file=file, seconds=QUICK_SECONDS if quick else None)
    found = {name: {world: values for world in WORLDS if (values := _finals(done, name, world))} for name in TEACHERS}
    if file is not None:
        (RESULTS / "teachers-toy.md").write_text(_table(found), encoding="utf-8")
    return {
        "trials": len(done),
        "of": len(cells),
        "seeds": [*(SEEDS[:1] if quick else SEEDS)],
        "mastered": {n: {w: [*mean_interval(v), _deviation(v)] for w, v in row.items()} for n, row in found.items()},
        "bands": {name: _in_band(name, "d=2 n=10", found[name].get("d=2 n=10", [])) for name in BANDS},
        "seconds_of_trials": round(sum(figures["seconds"] for _, figures in done), 1),
    }


def teach(cell: Cell) -> dict[str, Any]:
    """Return the mastered share in per cent after each thousand matches."""
    toy = ToyWorld(**{name: value for name, value in WORLDS[cell["world"]].items() if name != "episodes"})
    named = ("world", "teacher", "seed", "kind", "episodes")
    options = {name: value for name, value in cell.items() if name not in named}
    options["measure"] = Measure(low=0.0, high=1.0)
    if cell["kind"] == "adr":
        options["start"] = dict.fromkeys(toy.space, 0.0)
    teacher = teachers.make(cell["kind"], toy.space, cell["seed"], options=options)
    return {"mastered": [round(share, 2) for share in trial(teacher, toy, episodes=cell["episodes"])]}


def _finals(done: list[tuple[Cell, dict[str, Any]]], name: str, world: str) -> list[float]:
    return [figures["mastered"][-1] for cell, figures in done if cell["teacher"] == name and cell["world"] == world]


def _deviation(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _in_band(name: str, world: str, values: list[float]) -> bool | None:
    """Return whether the means differ by at most two standard errors of their difference; None without trials."""
    if len(values) < 2:
        return None
    mean, deviation, seeds = MEASURED[name, world]
    error = np.sqrt(deviation**2 / seeds + np.var(values, ddof=1) / len(values))
    return bool(abs(np.mean(values) - mean) <= 2 * error)


def _table(found: dict[str, dict[str, list[float]]]) -> str:
    """Return a table in Markdown: mean and standard deviation over seeds, in brackets what the other version got."""
    lines = ["| teacher | " + " | ".join(WORLDS) + " |", "| --- " * (len(WORLDS) + 1) + "|"]
    for name, row in found.items():
        shown = []
        for world in WORLDS:
            values = row.get(world)
            text = f"{np.mean(values):.1f} ({_deviation(values):.1f})" if values else ""
            if (name, world) in MEASURED:
                mean, deviation, _ = MEASURED[name, world]
                text += f" [{mean:.1f} ({deviation:.1f})]"
            shown.append(text)
        lines.append(f"| {name} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"
