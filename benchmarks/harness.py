"""What benchmarks share: the list of them, one report a run, and slices that are timed in turn with a peer's.

The machine may be busy, so a figure on its own means little. A peer is therefore run in the same process, in slices of a
fraction of a second that alternate with ours, and the ratio is what counts. A peer that is not installed is reported as
absent; no figure from elsewhere stands in for it.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games.errors import InputError, suggestion

__all__ = ["Moving", "Rate", "Rates", "absent", "benchmarks", "interleave", "report", "versions"]

Work = Callable[[], int]
"""Does one portion of work and returns how much that was, in the unit of the figure."""


# The list and the report


def benchmarks() -> dict[str, str]:
    """Return name to description of every file here that defines `run`, without importing any."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
            found[path.stem.replace("_", "-")] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def report(name: str, *, quick: bool) -> dict[str, Any]:
    """Run one benchmark and return its figures and the circumstances.

    What `run` gives comes first. Beside it: `versions` (those that it gives are added to ours), `cores` that the measured
    code could use (1 unless `run` says otherwise), `cores_available`, `load` (one-minute averages before and after, our
    own process included) and `seconds` of the whole run. What a benchmark prints goes to stderr.

    Raises:
        InputError: for an unknown name, with the nearest known one.
    """
    known = benchmarks()
    if name not in known:
        raise InputError(f"unknown benchmark {name!r}{suggestion(name, known)} (known: {', '.join(known)})")
    load, start = os.getloadavg()[0], time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):
        figures = dict(importlib.import_module(f"benchmarks.{name.replace('-', '_')}").run(quick))
    seconds = time.perf_counter() - start
    return {
        "name": name,
        "quick": quick,
        **figures,
        "versions": versions("numpy", "numba", "torch") | figures.get("versions", {}),
        "cores": figures.get("cores", 1),
        "cores_available": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": [round(load, 2), round(os.getloadavg()[0], 2)],
        "seconds": round(seconds, 1),
    }


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python and of these distributions; "absent" for one that is not installed."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def absent(error: ImportError) -> dict[str, str]:
    """Return the field that stands where a ratio would, had the peer been installed."""
    return {"peer": f"absent: {error}"}


# Time


@dataclass(frozen=True, slots=True)
class Rate:
    """Units a second in the best slice and in the median one."""

    best: float
    median: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Ours and the peer's, if there is one, from slices that took turns."""

    ours: Rate
    peer: Rate | None

    def fields(self, unit: str) -> dict[str, float]:
        """Return `{unit}_per_s` and `..._median`; with a peer `peer_...`, and the ratios of bests and of medians."""
        figures = {f"{unit}_per_s": self.ours.best, f"{unit}_per_s_median": self.ours.median}
        if self.peer is not None:
            figures |= {f"peer_{unit}_per_s": self.peer.best, f"peer_{unit}_per_s_median": self.peer.median}
            figures |= {
                "ratio": self.ours.best / self.peer.best,
                "ratio_median": self.ours.median / self.peer.median,
            }
        return figures


def interleave(ours: Work, peer: Work | None = None, *, rounds: int, seconds: float) -> Rates:
    """Time slices of at least `seconds`, ours and the peer's in turn, after one untimed portion of each."""
    workers = [ours] if peer is None else [ours, peer]
    for work in workers:
        work()
    slices: list[list[float]] = [[] for _ in workers]
    for _ in range(rounds):
        for work, rates in zip(workers, slices, strict=True):
            rates.append(_slice(work, seconds))
    found = [Rate(max(rates), statistics.median(rates)) for rates in slices]
    return Rates(found[0], found[1] if peer is not None else None)


def _slice(work: Work, seconds: float) -> float:
    done, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        done += work()
    return done / elapsed


# The guard


class Moving:
    """Sees to it that what is timed is a world in motion: a rate of a world that stands still is void.

    `look` costs microseconds and belongs into the timed work, after every step; `check` comes at the end.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.looks = self.changes = self.ended = 0
        self._places: NDArray[np.int64] | None = None
        self._before: NDArray[Any] | None = None

    def look(self, observation: NDArray[Any], ended: int) -> None:
        """Compare some entries of an observation, always of one size, with the last look's; count matches that ended."""
        if self._places is None:
            self._places = np.random.default_rng(0).integers(0, observation.size, 256)
        seen = observation.reshape(-1)[self._places]
        self.looks += 1
        self.changes += self._before is not None and not np.array_equal(seen, self._before)
        self.ended += ended
        self._before = seen

    def check(self) -> None:
        """Raise unless observations changed in most steps and matches ended.

        Raises:
            RuntimeError: for a world that stands still, or plays on for ever.
        """
        if self.changes < self.looks / 2:
            raise RuntimeError(
                f"{self.what}: observations changed in {self.changes} of {self.looks} steps; the rate is void"
            )
        if not self.ended:
            raise RuntimeError(f"{self.what}: no match ended in {self.looks} steps; the rate is void")
