"""Seconds from starting a process: to the end of `arena --help`, and to the first step of a compiled game.

Every figure is from fresh processes, one after another. The first step is taken once with an empty folder for numba's
cache (cold: everything is compiled), and then with the folder as that run left it. `interpreter_s` is what Python itself
takes to start and end.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

FIRST_STEP = """
import numpy as np
import games

game = games.make("markov/resource-v0")
task = game.task_space.task()
vector = game.vector(1, games.Limits(seats=len(game.seats(task))))
vector.assign(np.zeros(1, np.int64), [task], np.zeros(1, np.uint64))
vector.step(game.actions.empty(1, len(game.seats(task))))
print("stepped", flush=True)
"""


def run(quick: bool) -> dict[str, Any]:
    repeats = 5 if quick else 15
    figures: dict[str, Any] = _figures("interpreter", [_finish([sys.executable, "-c", ""]) for _ in range(repeats)])
    command = [sys.executable, "-m", "arena", "--help"]
    try:
        _finish(command)  # writes what Python keeps of modules
        figures |= _figures("help", [_finish(command) for _ in range(repeats)])
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        figures["help"] = f"absent: python -m arena --help ended with {error.returncode}: {last}"
    with tempfile.TemporaryDirectory() as cache:
        figures["first_step_cold_s"] = _first_step(cache)
        figures |= _figures("first_step", [_first_step(cache) for _ in range(repeats)])
    return figures


def _figures(name: str, seconds: list[float]) -> dict[str, float]:
    return {f"{name}_s": min(seconds), f"{name}_s_median": statistics.median(seconds)}


def _finish(command: list[str]) -> float:
    """Seconds until a process has ended.

    Raises:
        CalledProcessError: when it failed.
    """
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - start


def _first_step(cache: str) -> float:
    """Seconds from starting Python until it says that the first step is done."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", FIRST_STEP],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"NUMBA_CACHE_DIR": cache},
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        elapsed = time.perf_counter() - start
    if line != "stepped\n":
        raise RuntimeError(f"the first step failed with exit code {process.returncode}")
    return elapsed
