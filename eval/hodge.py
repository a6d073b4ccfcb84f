"""How much of a table of advantages is a ladder, and how much goes in circles.

A table of differences of ratings is a gradient; what no ratings explain is cyclic: it adds up to nothing around every
agent (Jiang, Lim, Yao and Ye, "Statistical ranking and combinatorial Hodge theory", Mathematical Programming 2011;
Candogan et al., "Flows and decompositions of games", 2011; Balduzzi et al. 2018, section 3). Sampling noise looks
cyclic too, so before cycles are claimed its share must be taken off, which `hodge` does, and `cycle_test` decides.

Take advantages as log-odds (`advantage(..., scale="logit")`): in win rates even a pure ladder bends into cycles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from eval.advantage import advantage
from eval.bradley_terry import ELO, fit_bradley_terry

__all__ = ["CycleTest", "Hodge", "cycle_test", "hodge", "schur_spectrum", "three_cycles"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Hodge:
    """The split of a table into a gradient and a cyclic part.

    Energies are sums over all cells of weight times square; those of the two parts add up to that of the table.

    Attributes:
        rating: [n] mean zero, in the units of the table.
        cyclic: [n, n] what the differences of ratings leave over; zero where the weight is.
        gradient_energy: of the differences of ratings.
        cyclic_energy: of the rest.
        gradient_noise: expected share of sampling noise in `gradient_energy`; 0 when no variances were given.
        cyclic_noise: the same of `cyclic_energy`.
    """

    rating: Array
    cyclic: Array
    gradient_energy: float
    cyclic_energy: float
    gradient_noise: float
    cyclic_noise: float

    @property
    def transitive_share(self) -> float:
        """The gradient's share of the table's energy as it is, noise and all; NaN for a table of zeros."""
        total = self.gradient_energy + self.cyclic_energy
        return self.gradient_energy / total if total > 0.0 else float("nan")

    @property
    def transitive_share_without_noise(self) -> float:
        """The same after the expected noise is taken off both parts; NaN when nothing is left."""
        gradient = max(self.gradient_energy - self.gradient_noise, 0.0)
        cyclic = max(self.cyclic_energy - self.cyclic_noise, 0.0)
        return gradient / (gradient + cyclic) if gradient + cyclic > 0.0 else float("nan")


@dataclass(frozen=True, kw_only=True, eq=False)
class CycleTest:
    """Whether results go in circles more than games between agents on a ladder would by chance.

    Attributes:
        split: of the log-odds, weighted by games, with the noise that follows from the counts.
        cycles: triples of which each beat the next in more than half of the points.
        expected_cyclic_energy: its mean over tables simulated on the fitted ladder.
        expected_cycles: the same of `cycles`.
        p_value: how often the simulated cyclic energy is as large.
        cycles_p_value: how often there are as many simulated cycles.
        samples: how many tables were simulated; no p-value is below 1 / (samples + 1).
    """

    split: Hodge
    cycles: int
    expected_cyclic_energy: float
    expected_cycles: float
    p_value: float
    cycles_p_value: float
    samples: int


def hodge(advantages: ArrayLike, weights: ArrayLike | None = None, *, variances: ArrayLike | None = None) -> Hodge:
    """Split a table into the gradient that is nearest to it, by weighted least squares, and the cyclic rest.

    Args:
        advantages: [n, n] antisymmetric, of row over column; cells of weight 0 may be NaN.
        weights: [n, n] symmetric, not negative, for example games; by default 1 everywhere.
        variances: [n, n] symmetric, sampling variances of the cells, for the expected noise.

    Raises:
        ValueError: for tables that are not as described, or weights that leave groups of agents unrelated.
    """
    table = np.asarray(advantages, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not table.size:
        raise ValueError(f"advantages must be a square table, not of shape {table.shape}")
    n = len(table)
    weight = _symmetric("weights", np.ones((n, n)) if weights is None else weights, n)
    variance = _symmetric("variances", np.zeros((n, n)) if variances is None else variances, n)
    np.fill_diagonal(weight, 0.0)
    table = np.where(weight > 0, table, 0.0)
    if not np.all(np.isfinite(table)) or np.abs(table + table.T).max() > 1e-9 * np.abs(table).max():
        raise ValueError("advantages must be finite and antisymmetric: what the row gains the column loses")
    if connected_components(weight > 0, directed=False)[0] > 1:
        raise ValueError("some groups of agents are not related by any weight, so one rating cannot cover them")
    inverse = np.linalg.pinv(np.diag(weight.sum(axis=1)) - weight, hermitian=True)
    rating = inverse @ (weight * table).sum(axis=1)
    gradient = rating[:, None] - rating[None, :]
    cyclic = np.where(weight > 0, table - gradient, 0.0)
    # of the noise in a cell, the gradient takes the cell's leverage
    spread = np.diag(inverse)[:, None] + np.diag(inverse)[None, :] - 2.0 * inverse
    gradient_noise = float(np.sum(weight * variance * weight * spread))
    return Hodge(
        rating=rating,
        cyclic=cyclic,
        gradient_energy=float(np.sum(weight * gradient**2)),
        cyclic_energy=float(np.sum(weight * cyclic**2)),
        gradient_noise=gradient_noise,
        cyclic_noise=float(np.sum(weight * variance)) - gradient_noise,
    )


def cycle_test(
    wins: ArrayLike, draws: ArrayLike | None = None, *, prior: float = 0.5, samples: int = 1000, seed: int = 0
) -> CycleTest:
    """Compare results with those of agents that differ in strength only.

    The null hypothesis is the Bradley-Terry model fitted to the same results. From it every pair plays its games again,
    with as many draws as it had.

    Args:
        wins: [n, n] how often row beat column.
        draws: [n, n] symmetric, how often the pair drew.
        prior: virtual wins each way of every pair that met; they keep log-odds finite, in the simulations too.
        samples: number of simulated tables, at least 1.
        seed: of the simulation; the same seed gives the same p-values.

    Raises:
        ValueError: for tables that are no counts, or groups of agents that never met.
    """
    if samples < 1 or not prior > 0.0:
        raise ValueError(f"samples must be at least 1 and prior above 0, not {samples} and {prior}")
    won = np.asarray(wins, dtype=np.float64)
    drawn = np.zeros_like(won) if draws is None else np.asarray(draws, dtype=np.float64)
    strength = fit_bradley_terry(won, drawn, prior=prior).rating / ELO
    decisive = won + won.T
    games = decisive + drawn
    points = games * expit(strength[:, None] - strength[None, :]) - drawn / 2.0
    chance = np.clip(np.divide(points, decisive, out=np.zeros_like(won), where=decisive > 0), 0.0, 1.0)
    split, cycles = _measure(won, drawn, prior)
    rng = np.random.default_rng(seed)
    energies, counts = np.empty(samples), np.empty(samples)
    for sample in range(samples):
        upper = np.triu(rng.binomial(decisive.astype(np.int64), chance), 1).astype(np.float64)
        simulated, counts[sample] = _measure(upper + np.tril(decisive - upper.T, -1), drawn, prior)
        energies[sample] = simulated.cyclic_energy
    return CycleTest(
        split=split,
        cycles=cycles,
        expected_cyclic_energy=float(energies.mean()),
        expected_cycles=float(counts.mean()),
        p_value=float(1 + np.count_nonzero(energies >= split.cyclic_energy)) / (samples + 1),
        cycles_p_value=float(1 + np.count_nonzero(counts >= cycles)) / (samples + 1),
        samples=samples,
    )


def schur_spectrum(advantages: ArrayLike) -> Array:
    """Return [n // 2] the strengths of the planes in which a table turns, the largest first.

    They are the pairs of singular values of an antisymmetric table, the off-diagonal entries of its real Schur form
    (Balduzzi et al. 2018, section 3). A table of differences of ratings has one plane; more of them are cyclic.

    Args:
        advantages: [n, n] antisymmetric, of row over column.
    """
    table = np.asarray(advantages, dtype=np.float64)
    turns: Array = np.linalg.eigvalsh(1j * (table - table.T) / 2.0).astype(np.float64)
    return turns[::-1][: len(table) // 2]


def three_cycles(advantages: ArrayLike) -> int:
    """Return how many triples of agents beat each other in a circle.

    Args:
        advantages: [n, n] antisymmetric, of row over column; only signs count.
    """
    beats = (np.asarray(advantages, dtype=np.float64) > 0).astype(np.float64)
    return round(np.sum((beats @ beats) * beats.T) / 3.0)


def _measure(won: Array, drawn: Array, prior: float) -> tuple[Hodge, int]:
    """Return the split of a table of counts, and its three-cycles."""
    games = won + won.T + drawn
    up, down = won + prior, won.T + prior
    total = up + down + drawn
    rate = (up + drawn / 2.0) / total
    scatter = (up * (1.0 - rate) ** 2 + drawn * (0.5 - rate) ** 2 + down * rate**2) / total**2
    variance = scatter / (rate * (1.0 - rate)) ** 2  # of log-odds, to first order
    table = advantage(won, drawn, prior=prior, scale="logit")
    return hodge(table, games, variances=variance), three_cycles(won - won.T)


def _symmetric(name: str, values: ArrayLike, n: int) -> Array:
    table = np.array(values, dtype=np.float64)
    if table.shape != (n, n) or not np.all(np.isfinite(table)) or np.any(table < 0) or not np.allclose(table, table.T):
        raise ValueError(f"{name} must be symmetric, finite and not negative, of shape ({n}, {n})")
    return table
