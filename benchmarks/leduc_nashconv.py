"""NashConv in Leduc poker over a training run by self-play: of the last policy, and of the average over snapshots.

The run is the one of `examples/leduc.yaml`, with another seed and length: what `arena train` would do, evaluation and records
included. Both figures are exact; the average is the policy that draws one of the snapshots at the start of each match. The
quick form stops after 45 seconds of training; schedules then have gone only part of their way.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from arena.build import plan
from arena.config import load
from league.store import Store

EXAMPLE = Path(__file__).parents[1] / "examples" / "leduc.yaml"
SEEDS = (1, 2, 3)
STEPS = 3_000_000
QUICK_SECONDS = 45.0


def run(quick: bool) -> dict[str, Any]:
    torch.set_num_threads(1)
    runs = [_train(seed, QUICK_SECONDS if quick else None) for seed in (SEEDS[:1] if quick else SEEDS)]
    figures: dict[str, Any] = {"steps": [r["steps"] for r in runs], "seeds": [r["seed"] for r in runs]}
    for name in ("average", "last"):
        ends = [r[name][-1][1] for r in runs]
        figures[name] = statistics.mean(ends)
        figures[f"{name}_min"], figures[f"{name}_max"] = min(ends), max(ends)
        figures[f"{name}_curves"] = [r[name] for r in runs]
    figures["training_seconds"] = [r["seconds"] for r in runs]
    return figures


def _train(seed: int, limit: float | None) -> dict[str, Any]:
    """Return the curves [(step, NashConv)] of one run."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder), write=True, create=True) as store:
        overrides = (f"seed={seed}", f"steps={STEPS}")
        training = plan(*load(EXAMPLE, overrides)).training(store, tensorboard=False)
        start = time.perf_counter()
        training.run(lambda _: limit is None or time.perf_counter() - start < limit)
        seconds = time.perf_counter() - start
        training.close()
        curves = {name: store.curve(f"main/nash_conv/{name}") for name in ("average", "last")}
        return {"seed": seed, "steps": training.steps, "seconds": round(seconds, 1), **curves}
