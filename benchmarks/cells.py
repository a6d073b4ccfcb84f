"""Cells: parts of a long benchmark that are run one by one, written down, and not run again when the benchmark goes on."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import t

__all__ = ["Cell", "mean_interval", "run_cells"]

Cell = dict[str, Any]
"""What to run, in plain JSON values: the whole of it is the key under which its figures are kept."""


def run_cells(
    work: Callable[[Cell], dict[str, Any]], cells: Sequence[Cell], *, file: Path | None, seconds: float | None = None
) -> list[tuple[Cell, dict[str, Any]]]:
    """Return the cells and their figures, running those that the file does not have.

    Each core that this process may use runs one cell at a time (`taskset` says which cores those are).

    Args:
        work: a function of a module, from a cell to its figures; `seconds` is added to them.
        cells: in the order in which they are run.
        file: JSON lines, one a cell, appended as the cells end; None keeps nothing and runs them in this process.
        seconds: no cell begins after so long; those that are left are missing in what is returned.
    """
    known = {} if file is None else _known(file)
    late = None if seconds is None else time.monotonic() + seconds
    waiting = [cell for cell in cells if _key(cell) not in known]
    done = _one_by_one(work, waiting, late) if file is None else _side_by_side(work, waiting)
    for cell, figures in done:
        known[_key(cell)] = figures
        if file is not None:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"cell": cell, "figures": figures}) + "\n")
    return [(cell, known[_key(cell)]) for cell in cells if _key(cell) in known]


def mean_interval(values: Sequence[float]) -> list[float]:
    """Return mean, low and high of the 95 % interval of the mean by Student's t; without width for a single value."""
    x = np.asarray(values, dtype=np.float64)
    half = 0.0 if len(x) < 2 else float(t.ppf(0.975, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))
    return [float(x.mean()), float(x.mean()) - half, float(x.mean()) + half]


def _key(cell: Cell) -> str:
    return json.dumps(cell, sort_keys=True)


def _known(file: Path) -> dict[str, dict[str, Any]]:
    """Read what was written; a line that a kill cut short is cut off, so that the next one begins on a line of its own."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        return {}
    text = file.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        file.write_text(whole, encoding="utf-8")
    lines = [json.loads(line) for line in whole.splitlines()]
    return {_key(line["cell"]): line["figures"] for line in lines}


def _one_by_one(
    work: Callable[[Cell], dict[str, Any]], cells: Sequence[Cell], late: float | None
) -> Iterator[tuple[Cell, dict[str, Any]]]:
    for cell in cells:
        if late is not None and time.monotonic() > late:
            return
        yield cell, _timed(work, cell)


def _side_by_side(
    work: Callable[[Cell], dict[str, Any]], cells: Sequence[Cell]
) -> Iterator[tuple[Cell, dict[str, Any]]]:
    if not cells:
        return
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(cores, len(cells)), mp_context=context) as pool:
        running = {pool.submit(_timed, work, cell): cell for cell in cells}
        for finished in as_completed(running):
            yield running[finished], finished.result()


def _timed(work: Callable[[Cell], dict[str, Any]], cell: Cell) -> dict[str, Any]:
    torch.set_num_threads(1)
    start = time.perf_counter()
    return work(cell) | {"seconds": round(time.perf_counter() - start, 1)}
