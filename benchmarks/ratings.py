"""Seconds from arrays of matches to ratings with cluster-robust intervals: 1e5 games of 50 agents, 1e6 of 1,000.

Matches come in pairs of one seed with seats swapped, a fifth of them drawn; intervals take pairs as independent. OpenSpiel's
Elo fits the same games, without errors, as a check of the result and to show what errors cost. `covered` is the share of
agents whose true rating lies in its 95 % interval, of one data set, so it is rough for 50 agents.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import absent, versions
from eval import Ratings, aggregate, cluster_bradley_terry

SIZES = {"1e5": (50, 100_000), "1e6": (1000, 1_000_000)}
DRAWN = 0.2

Array = NDArray[np.float64]


def run(quick: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {"versions": versions("scipy")}
    for name, (agents, games) in SIZES.items():
        truth, *arrays = matches(agents, games)
        seconds, ratings = timed(partial(cluster_bradley_terry, *arrays, agents=agents), 3 if quick else 9)
        figures |= {f"seconds_{name}": min(seconds), f"seconds_{name}_median": statistics.median(seconds)}
        figures[f"covered_{name}"] = float(np.mean((ratings.low < truth) & (truth < ratings.high)))
        figures |= {f"{key}_{name}": value for key, value in against(ratings, arrays, min(seconds)).items()}
    return figures


def matches(agents: int, games: int) -> tuple[Array, NDArray[np.int64], NDArray[np.int64], Array, NDArray[np.int64]]:
    """Return the true ratings, and first, second, score and cluster of games between agents drawn at random."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=agents)
    one = rng.integers(agents, size=games // 2)
    other = (one + 1 + rng.integers(agents - 1, size=games // 2)) % agents
    first, second = np.concatenate([one, other]), np.concatenate([other, one])
    mean = 1.0 / (1.0 + np.exp(truth[second] - truth[first]))
    half = DRAWN * np.minimum(mean, 1.0 - mean)  # a draw takes half from each side, so the mean stays
    chance = rng.random(games)
    score = np.where(chance < mean - half, 1.0, np.where(chance < mean + half, 0.5, 0.0))
    rating = 400.0 / np.log(10.0) * (truth - truth.mean())
    return rating, first, second, score, np.tile(np.arange(games // 2), 2)


def timed(work: Callable[[], Ratings], times: int) -> tuple[list[float], Ratings]:
    """Return the seconds of each of several runs, and what the last one gave."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - start)
    return seconds, found


def against(ratings: Ratings, arrays: list[NDArray[Any]], seconds: float) -> dict[str, Any]:
    """Return the peer's time for the same arrays, but without errors, and the largest difference in Elo."""
    try:
        from open_spiel.python.algorithms import elo
    except ImportError as error:
        return absent(error)
    start = time.perf_counter()
    wins, draws = (table.astype(np.int64) for table in aggregate(*arrays[:3], agents=len(ratings.rating)))
    found = elo.compute_ratings_from_matrices(wins, draws, smoothing_factor=1e-9)
    taken = time.perf_counter() - start
    return {
        "against": "OpenSpiel's Elo, ratings only",
        "peer_seconds": taken,
        "ratio": taken / seconds,
        "largest_difference_elo": float(np.max(np.abs(found - found.mean() - ratings.rating))),
    }
