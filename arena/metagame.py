"""What ratings cannot say: who is good whoever else takes part, and whether agents beat each other in circles."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval import advantage, alpha_rank, bootstrap_table, cycle_test, effective_diversity, nash_average

__all__ = ["MetaGame", "meta_game"]

_MOST = 100  # agents beyond which it takes too long
_SAMPLES = 100  # tables that are drawn; of many agents fewer
_PRIOR = 0.5  # virtual wins each way of every pair
_SURE = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class MetaGame:
    """Agents as the actions of a game in which everybody picks one.

    Attributes:
        nash: [n] Nash averages: rate above one half against the equilibrium of maximum entropy; 0 in its support.
        nash_low, nash_high: [n] 95 % intervals of these.
        weight: [n] probabilities of the agents at equilibrium.
        alpha_rank: [n] stationary distribution of alpha-Rank.
        transitive: share of all differences that strengths alone explain, on the scale of log-odds, with the share that noise
            makes taken out.
        p_value: chance of so much cyclic play among agents that differ in strength alone.
        cycles: triples that beat each other in a circle, and expected_cycles: how many of them noise would make.
        diversity: effective diversity at the equilibrium; 0 where one agent is the best; with its 95 % interval.
        samples: how many tables the intervals and the p-value rest on.
    """

    nash: NDArray[np.float64]
    nash_low: NDArray[np.float64]
    nash_high: NDArray[np.float64]
    weight: NDArray[np.float64]
    alpha_rank: NDArray[np.float64]
    transitive: float
    p_value: float
    cycles: int
    expected_cycles: float
    diversity: tuple[float, float, float]
    samples: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """What must be known to read it, and what it says, in words."""
        left = "more than" if self.p_value < _SURE else "no more than"
        mean, low, high = self.diversity
        explained = (
            "No two agents differ: there is nothing for strengths to explain."
            if np.isnan(self.transitive)
            else f"Strengths alone explain {100 * self.transitive:.0f} % of the differences (Hodge split of log-odds, noise"
            f" taken out); what they leave is {left} noise makes (p = {self.p_value:.2g})."
        )
        return (
            "Nash: rate above one half against the equilibrium of maximum entropy, with 95 % intervals; weight: share of the"
            " equilibrium; alpha-Rank: in the limit of strong selection. From rates with one virtual draw for every pair,"
            f" resampled {self.samples} times, matches taken as independent.",
            f"{explained} {self.cycles:,} circles of three, {self.expected_cycles:,.1f} expected from noise.",
            f"Effective diversity {mean:.3f} [{low:.3f}, {high:.3f}]; 0 where one agent is best.",
        )

    def plain(self) -> dict[str, Any]:
        """Return everything as values for JSON."""
        return {"method": self.sentences, **asdict(self)}


def meta_game(wins: NDArray[np.float64], draws: NDArray[np.float64]) -> MetaGame | None:
    """Return the meta-game of three or more agents who all met; None for others.

    Args:
        wins: [n, n] how often row beat column.
        draws: [n, n] symmetric.
    """
    met = wins + wins.T + draws
    n = len(met)
    if not 3 <= n <= _MOST or np.any(met[~np.eye(n, dtype=bool)] == 0):
        return None

    def measured(table: NDArray[np.float64]) -> NDArray[np.float64]:
        found = nash_average(table)
        return np.concatenate([found.score, found.weight, [effective_diversity(table)]])

    samples = max(min(_SAMPLES, 1000 // n), 20)
    spread = bootstrap_table(measured, wins, draws, prior=_PRIOR, samples=samples)
    circles = cycle_test(wins, draws, prior=_PRIOR, samples=samples)
    return MetaGame(
        nash=spread.value[:n],
        nash_low=spread.low[:n],
        nash_high=spread.high[:n],
        weight=spread.value[n : 2 * n],
        alpha_rank=alpha_rank(advantage(wins, draws, prior=_PRIOR)).distribution,
        transitive=circles.split.transitive_share_without_noise,
        p_value=circles.p_value,
        cycles=circles.cycles,
        expected_cycles=circles.expected_cycles,
        diversity=(float(spread.value[-1]), float(spread.low[-1]), float(spread.high[-1])),
        samples=samples,
    )
