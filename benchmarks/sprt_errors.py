"""How often the sequential test errs: runs at each bound, the share of wrong answers beside the nominal 5 %.

A run draws results until the test decides, which it is asked after every eight units. `H0_true` is the share of runs that take
H1 although H0 is exactly true, `H1_true` that of runs that take H0 although H1 is; each with its exact 95 % interval, the
nominal rate and the mean number of units that a run took. A run is cut at `MOST` units, which counts as a wrong answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from benchmarks.harness import versions
from eval import Sprt, Verdict, clopper_pearson

Array = NDArray[np.float64]

EVERY = 8
MOST = 20_000

TESTS = {
    "normalized_pairs": Sprt(elo0=0, elo1=30),
    "normalized_games": Sprt(elo0=-10, elo1=30),
    "logistic_pairs": Sprt(elo0=0, elo1=20, scale="logistic"),
    "logistic_games": Sprt(elo0=0, elo1=30, alpha=0.1, beta=0.02, scale="logistic"),
    "bayesian_games": Sprt(elo0=0, elo1=40, scale="bayesian"),
}
PAIRS = np.array([0.04, 0.18, 0.5, 0.22, 0.06])  # of which truths are made, as GAMES are
GAMES = np.array([0.25, 0.4, 0.35])


def run(quick: bool) -> dict[str, Any]:
    runs = 50 if quick else 1000
    figures: dict[str, Any] = {"runs": runs, "versions": versions("scipy")}
    for name, test in TESTS.items():
        shape = PAIRS if name.endswith("pairs") else GAMES
        for truth, elo, wrong, nominal in (("H0", test.elo0, "H1", test.alpha), ("H1", test.elo1, "H0", test.beta)):
            rng = np.random.default_rng(0)
            chances = exactly(shape, elo, test.scale)
            ends = [decide(test, chances, rng) for _ in range(runs)]
            errors = sum(end.decision in (wrong, "continue") for end in ends)
            low, high = clopper_pearson(errors, runs)
            figures[f"{name}_{truth}_true"] = {
                "wrong": errors / runs,
                "interval": [float(low), float(high)],
                "nominal": nominal,
                "units": float(np.mean([end.count for end in ends])),
            }
    return figures


def decide(test: Sprt, chances: Array, rng: np.random.Generator) -> Verdict:
    """Draw results until the test decides, or there are too many."""
    counts = np.zeros(len(chances), dtype=np.int64)
    while True:
        counts += rng.multinomial(EVERY, chances)
        verdict = test.test(counts)
        if verdict.decision != "continue" or verdict.count >= MOST:
            return verdict


def exactly(shape: Array, elo: float, scale: str) -> Array:
    """Return chances of outcomes, tilted from a shape, that are worth so much on a scale."""
    atoms = np.linspace(0.0, 1.0, len(shape))

    def tilted(slope: float) -> Array:
        chances = shape * np.exp(slope * atoms)
        return chances / chances.sum()

    def worth(chances: Array) -> float:
        mean = chances @ atoms
        if scale == "logistic":
            return float(400.0 * np.log10(mean / (1.0 - mean)))
        if scale == "normalized":
            per_game = 800.0 / np.log(10.0) / np.sqrt(2.0 if len(chances) == 5 else 1.0)
            return float(per_game * (mean - 0.5) / np.sqrt(chances @ (atoms - mean) ** 2))
        lost, _, won = chances
        return float(200.0 * np.log10(won / (1.0 - won) * (1.0 - lost) / lost))

    return tilted(brentq(lambda slope: worth(tilted(slope)) - elo, -3.0, 3.0, xtol=1e-12))
