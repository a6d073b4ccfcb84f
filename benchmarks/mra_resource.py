"""Who plays populations it has not trained on? Every method on the resource game, trained on 3, 6 and 9 agents.

Equal decisions in all; held out are 4, 5 and 8 (between) and 12, 18 and 24 (beyond). Scores are normalised for each
population: 0 is the random agent, 1 the assignment controller. Interquartile means over seeds with 95 % bootstrap intervals.
Latents are drawn as the agent does; what the best single one gets stands beside, as an upper bound.
Every run is a line of `results/cells/mra_resource.jsonl`; tables are in `results/mra-resource.md`, the picture in
`results/mra-resource.html`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import games
from benchmarks.cells import Cell, run_cells
from benchmarks.mra import METHODS, measured, picture, summary, table, train
from benchmarks.mra.measure import HELD_OUT, MATCHES
from benchmarks.mra.methods import TRAIN
from league.yardstick import self_play
from populations.agents import load_agent

SEEDS = (1, 2, 3, 4, 5)
STEPS = 1_000_000
QUICK_STEPS, QUICK_MATCHES, QUICK_SECONDS = 15_000, 20, 30.0
RESULTS = Path(__file__).parent / "results"
POPULATIONS = (*TRAIN, *HELD_OUT)


def run(quick: bool) -> dict[str, Any]:
    steps, matches = (QUICK_STEPS, QUICK_MATCHES) if quick else (STEPS, MATCHES)
    cells = [
        {"method": method, "seed": seed, "steps": steps, "matches": matches, "learner": METHODS[method]}
        for seed in (SEEDS[:1] if quick else SEEDS)
        for method in METHODS
    ]
    file = None if quick else RESULTS / "cells" / "mra_resource.jsonl"
    done = run_cells(work, cells, file=file, seconds=QUICK_SECONDS if quick else None)
    figures = summary(done, [*METHODS], references(matches))
    if file is not None:
        (RESULTS / "mra-resource.md").write_text(table(figures), encoding="utf-8")
        picture(figures).write_html(RESULTS / "mra-resource.html", include_plotlyjs="cdn")
    return {"runs": len(done), "of": len(cells), "steps": steps, "methods": figures}


def work(cell: Cell) -> dict[str, Any]:
    """Return the figures of one run."""
    return train(
        cell["method"], cell["seed"], cell["steps"], lambda run: measured(run, POPULATIONS, matches=cell["matches"])
    )


def references(matches: int) -> dict[str, tuple[float, float]]:
    """Return population to the return of a seat of the random agent and of the assignment controller."""
    game = games.make("markov/resource-v0")
    pair = [load_agent(uri, game) for uri in ("random", "scripted:resource-assignment")]
    found = {}
    for n in POPULATIONS:
        task = game.task_space.task({"population": n})
        low, high = (float(np.mean(self_play(game, agent, task, matches=matches))) for agent in pair)
        found[str(n)] = (low, high)
    return found
