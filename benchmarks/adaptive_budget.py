"""How many games an adaptive tournament needs for a ranking as sure as that of a round robin.

A simulation: 20 agents whose true ratings are drawn from a normal distribution, outcomes drawn from Bradley-Terry, through the
contract that real tournaments use. The uncertainty of a ranking is the expected number of pairs of agents in the wrong order,
by a fit that judges both formats alike; each is stopped at the first look, one for about every 20 pairs, at which it is at
most 1.5 % of all pairs. Whether that is true is told, too: the number of pairs that are really in the wrong order then.
"""

from __future__ import annotations

from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from eval import cluster_mean, fit_bradley_terry
from league.formats import Adaptive, Field, Format, Pair, Played, Results, RoundRobin

Array = NDArray[np.float64]

AGENTS = 20
SPREADS = (150.0, 300.0, 600.0)  # standard deviation of the true ratings, in Elo
SHARE = 0.015
SEEDS, QUICK_SEEDS = 24, 4


def run(quick: bool) -> dict[str, Any]:
    seeds = range(QUICK_SEEDS if quick else SEEDS)
    figures: dict[str, Any] = {"agents": AGENTS, "seeds": len(seeds), "uncertainty": SHARE * AGENTS * (AGENTS - 1) / 2}
    for spread in SPREADS:
        runs = [_compare(spread, seed) for seed in seeds]
        ratio = cluster_mean([adaptive / robin for (adaptive, _), (robin, _) in runs], list(seeds))
        name = f"spread_{spread:.0f}"
        figures[f"{name}_ratio"] = ratio.mean
        figures[f"{name}_interval"] = [ratio.low, ratio.high]
        for kind, column in (("adaptive", 0), ("round_robin", 1)):
            figures[f"{name}_{kind}_games"] = mean(run[column][0] for run in runs)
            figures[f"{name}_{kind}_wrong"] = mean(run[column][1] for run in runs)
    figures["ratio"] = max(figures[f"spread_{spread:.0f}_ratio"] for spread in SPREADS)
    return figures


def _compare(spread: float, seed: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (games, pairs of agents in the wrong order) of an adaptive tournament and of a round robin."""
    true = np.random.default_rng([seed, 0]).normal(0.0, spread, AGENTS)
    return (
        _games(Adaptive(encounters=None), true, np.random.default_rng([seed, 1])),
        _games(RoundRobin(encounters=None), true, np.random.default_rng([seed, 2])),
    )


def _games(form: Format, true: Array, rng: np.random.Generator) -> tuple[int, int]:
    agents = tuple(f"agent{k}" for k in range(len(true)))
    index = {agent: k for k, agent in enumerate(agents)}
    wins = np.zeros((len(agents), len(agents)))
    results = Results()
    number = looked = 0
    open_: list[Pair] = []
    for pair in form.pairs(Field(agents=agents), results):
        if pair is not None:
            open_.append(pair)
        if pair is None or len(open_) == AGENTS:
            for asked in open_:
                results.played[number] = _draw(asked, index, true, rng, wins)
                number += 1
            open_ = []
        if number - looked >= AGENTS and number > len(agents) ** 2 / 4:
            looked = number
            rating, uncertainty = _uncertainty(wins)
            if uncertainty <= SHARE * len(agents) * (len(agents) - 1) / 2:
                return 2 * number, _wrong(rating, true)
    raise AssertionError("an endless format ended")


def _draw(pair: Pair, index: dict[str, int], true: Array, rng: np.random.Generator, wins: Array) -> Played:
    i, j = (index[agent] for agent in pair.group)
    chance = 1.0 / (1.0 + 10.0 ** ((true[j] - true[i]) / 400.0))
    won = rng.random(2) < chance
    wins[i, j] += won.sum()
    wins[j, i] += 2 - won.sum()
    return Played(pair, tuple((1.0, -1.0) if first else (-1.0, 1.0) for first in won), (0, 0))


def _uncertainty(wins: Array) -> tuple[Array, float]:
    """Return ratings, and the expected number of pairs of agents in the wrong order.

    Everybody drew once with an average player, so that there are ratings whoever has met.
    """
    n = len(wins)
    draws = np.zeros((n + 1, n + 1))
    draws[n, :n] = draws[:n, n] = 1.0
    found = fit_bradley_terry(np.pad(wins, (0, 1)), draws, anchor=(n, 0.0), method="fisher")
    i, j = np.triu_indices(n, 1)
    variance = np.diag(found.covariance)
    error = np.sqrt(variance[i] + variance[j] - 2.0 * found.covariance[i, j])
    return found.rating[:n], float(ndtr(-np.abs(found.rating[i] - found.rating[j]) / error).sum())


def _wrong(rating: Array, true: Array) -> int:
    i, j = np.triu_indices(len(true), 1)
    return int(np.sum((rating[i] - rating[j]) * (true[i] - true[j]) < 0.0))
