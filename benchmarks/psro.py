"""Policy-space response oracles: NashConv by round with exact responses in Kuhn and Leduc poker, and with PPO's in Leduc.

With exact responses, for every meta-solver, and for rectified targets with Nash mixtures. With PPO: three runs of
`examples/psro.yaml`, as `arena train` makes them; the mixture is the matchmaker's, its NashConv exact. Every curve is a line of
`results/cells/psro.jsonl`; what is there is not run again. The quick form leaves PPO out.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from arena.build import plan
from arena.config import load
from benchmarks.cells import Cell, mean_interval, run_cells
from eval import meta_solvers
from games import make
from league.exact import Exact
from league.psro import psro
from league.store import Store

EXAMPLE = Path(__file__).parents[1] / "examples" / "psro.yaml"
RESULTS = Path(__file__).parent / "results"
SEEDS = (1, 2, 3)
KUHN_ROUNDS = 24
LEDUC_ROUNDS = {"uniform": 400, "nash": 200, "replicator": 100, "regret_matching": 100, "cce": 100, "alpha_rank": 36}
"""As many as take minutes: solvers are slower the more policies there are, and alpha-Rank by far the most."""
RECTIFIED_ROUNDS = 30
QUICK = {"uniform": 60, "nash": 110, "replicator": 50, "regret_matching": 50}


def run(quick: bool) -> dict[str, Any]:
    cells = [_exact("kuhn_poker", solver, KUHN_ROUNDS) for solver in LEDUC_ROUNDS]
    cells += [_exact("leduc_poker", solver, rounds) for solver, rounds in (QUICK if quick else LEDUC_ROUNDS).items()]
    if not quick:
        cells.append(_exact("leduc_poker", "nash", RECTIFIED_ROUNDS, target="rectified"))
        cells += [{"game": "leduc_poker", "oracle": "ppo", "seed": seed, "run": EXAMPLE.read_text()} for seed in SEEDS]
    done = run_cells(measure, cells, file=None if quick else RESULTS / "cells" / "psro.jsonl")
    figures: dict[str, Any] = {}
    for cell, found in done:
        if cell["oracle"] == "exact":
            target = "" if cell["target"] == "full" else f"_{cell['target']}"
            figures[f"{cell['game']}_{cell['solver']}{target}"] = _by_round(found)
    trained = [found for cell, found in done if cell["oracle"] == "ppo"]
    if trained:
        figures["leduc_poker_ppo"] = {
            "nash_conv": mean_interval([found["curve"][-1][1] for found in trained]),
            "ends": [found["curve"][-1][1] for found in trained],
            "steps": [found["steps"] for found in trained],
            "seconds": [found["seconds"] for found in trained],
        }
    return figures


def measure(cell: Cell) -> dict[str, Any]:
    """Return the curve of one cell."""
    return _solve(cell) if cell["oracle"] == "exact" else _train(cell["seed"])


def _exact(game: str, solver: str, rounds: int, target: str = "full") -> Cell:
    return {"game": game, "oracle": "exact", "solver": solver, "target": target, "rounds": rounds}


def _solve(cell: Cell) -> dict[str, Any]:
    """Return NashConv by round, and the seconds from the beginning to it."""
    tree = Exact(make(f"openspiel/{cell['game']}")).tree
    solver = getattr(meta_solvers, cell["solver"])
    start, curve, seconds = time.perf_counter(), [], []
    for found in psro(tree, solver, rounds=cell["rounds"], target=cell["target"]):
        curve.append(round(found.nash_conv, 6))
        seconds.append(round(time.perf_counter() - start, 2))
    return {"curve": curve, "at": seconds, "policies": list(found.joint.shape)}


def _train(seed: int) -> dict[str, Any]:
    """Return [(step, NashConv of the mixture)] of one training run."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder), write=True, create=True) as store:
        training = plan(*load(EXAMPLE, (f"seed={seed}",))).training(store, tensorboard=False)
        training.run()
        training.close()
        return {"curve": store.curve("league/nash_conv/mixture"), "steps": training.steps}


def _by_round(found: dict[str, Any]) -> dict[str, Any]:
    """Return where a curve ends, and in which round it first falls below what is asked for."""
    curve = found["curve"]
    below = {
        f"first_below_{bound}": next((number for number, value in enumerate(curve) if value < bound), None)
        for bound in (0.3, 0.05)
    }
    return {
        "rounds": len(curve) - 1,
        "nash_conv": curve[-1],
        **below,
        "policies": found["policies"],
        "seconds": found["seconds"],
    }
