"""alpha-Rank: how long evolution dwells on each agent when better ones keep taking over populations.

A population of copies of one agent now and then meets a single mutant, which either spreads through all of it or dies
out. The chain of takeovers has a stationary distribution, and that ranks the agents (Omidshafiei et al., "alpha-Rank:
multi-agent evaluation by evolution", Scientific Reports 2019). It exists for any number of players and any payoffs.

Only alpha times a difference of payoffs counts, so the same alpha means another selection where payoffs have other units:
divide payoffs by their range before comparing games, and report alpha and the population's size with every ranking.

We differ from common code in two ways, for the sake of large alpha, where takeovers by the worse get as rare as e^-1000.
Rates stay logarithms throughout. And the distribution comes by eliminating one state after the other (Grassmann, Taksar
and Heyman, "Regenerative analysis and steady state distributions for Markov chains", Operations Research 1985), which
never subtracts, instead of searching for an eigenvalue near 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

__all__ = ["AlphaRank", "alpha_rank", "alpha_rank_profiles"]

Array = NDArray[np.float64]

_EQUAL = 1e-14  # payoffs as close as this are equal where alpha is infinite
_STRONG = 10.0  # alpha times a difference from which on selection leaves nothing to chance
_STABLE = 1e-4  # change of a probability over a doubling of alpha, below which the sweep stops
_DOUBLINGS = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class AlphaRank:
    """A stationary distribution and what it depends on.

    Attributes:
        distribution: [n] over agents, or [n_1, ..., n_k] over profiles of agents; higher is better.
        alpha: strength of selection, in units of one over the payoffs'; infinite for the limit model.
        population: m, the size of each population.
    """

    distribution: Array
    alpha: float
    population: int


def alpha_rank(
    payoff: ArrayLike,
    *,
    alpha: float | None = None,
    population: int = 50,
    local: bool = True,
    epsilon: float = 1e-6,
) -> AlphaRank:
    """Return alpha-Rank of agents that all come from one population, in a symmetric two-player game.

    Args:
        payoff: [n, n] what the row earns against the column; not necessarily zero-sum.
        alpha: strength of selection; `numpy.inf` for the limit model of section 2.5.3; None to double alpha until the
            distribution stays as it is and every difference of payoffs is decisive.
        population: m, at least 2.
        local: whether the fitness of an agent is its payoff against the one that it competes with (the default of most
            code), or else its mean payoff in the whole population as it is then (as in the paper).
        epsilon: in the limit model, the rate of takeovers by the worse; by the better it is 1 - epsilon, by equals 1/2.

    Raises:
        ValueError: for a table that is not square and finite, or options out of range.
    """
    table = np.asarray(payoff, dtype=np.float64)
    _check(table, table.ndim == 2 and table.shape[0] == table.shape[1], alpha, population, epsilon)
    ahead = table.T - table  # [resident, mutant] what the mutant has ahead
    if local:
        return _solve(lambda a: _takeover(ahead, a, population, epsilon), ahead, table, alpha, population)
    if alpha == np.inf:
        raise ValueError("the limit model of infinite alpha has local selection only")
    mutants = np.arange(1, population)[:, None, None]
    own = np.diag(table)
    fitness = (mutants - 1) * own[None, None, :] + (population - mutants) * table.T
    resident = mutants * table + (population - mutants - 1) * own[None, :, None]
    lead = np.concatenate([np.zeros((1, *table.shape)), np.cumsum(fitness - resident, axis=0) / (population - 1)])
    return _solve(lambda a: -logsumexp(-a * lead, axis=0), ahead, table, alpha, population)


def alpha_rank_profiles(
    payoffs: ArrayLike, *, alpha: float | None = None, population: int = 50, epsilon: float = 1e-6
) -> AlphaRank:
    """Return alpha-Rank of profiles, where each of k players is drawn from a population of its own.

    The time is cubic in the number of profiles: a thousand take seconds.

    Args:
        payoffs: [k, n_1, ..., n_k] what each player earns in each profile.
        alpha: as for `alpha_rank`.
        population: as for `alpha_rank`.
        epsilon: as for `alpha_rank`.

    Raises:
        ValueError: for payoffs of another shape or not finite, or options out of range.
    """
    table = np.asarray(payoffs, dtype=np.float64)
    _check(table, table.ndim >= 2 and table.ndim == len(table) + 1, alpha, population, epsilon)
    shape = table.shape[1:]
    states = np.arange(np.prod(shape)).reshape(shape)
    ahead = np.full((states.size, states.size), np.nan)  # NaN between profiles that are not neighbours
    for player in range(len(shape)):
        lines = np.moveaxis(states, player, -1).reshape(-1, shape[player])
        mine = table[player].ravel()[lines]
        ahead[lines[:, :, None], lines[:, None, :]] = mine[:, None, :] - mine[:, :, None]

    def rates(strength: float) -> Array:
        return np.where(np.isnan(ahead), -np.inf, _takeover(np.nan_to_num(ahead), strength, population, epsilon))

    found = _solve(rates, ahead, table, alpha, population)
    return AlphaRank(distribution=found.distribution.reshape(shape), alpha=found.alpha, population=population)


def _solve(
    rates: Callable[[float], Array], ahead: Array, payoff: Array, alpha: float | None, population: int
) -> AlphaRank:
    """Return the distribution at alpha, or at the first alpha from which on it is stable."""
    if alpha is not None:
        return AlphaRank(distribution=_stationary(rates(alpha)), alpha=alpha, population=population)
    differences = np.abs(ahead[np.abs(ahead) > _EQUAL * np.ptp(payoff)])  # without the NaN
    if not differences.size:
        return AlphaRank(distribution=_stationary(rates(1.0)), alpha=1.0, population=population)
    strength = 1.0 / float(differences.max())
    before = _stationary(rates(strength))
    for _ in range(_DOUBLINGS):
        strength *= 2.0
        now = _stationary(rates(strength))
        if np.abs(now - before).max() < _STABLE and strength * differences.min() > _STRONG:
            break
        before = now
    return AlphaRank(distribution=now, alpha=strength, population=population)


def _takeover(ahead: Array, alpha: float, population: int, epsilon: float) -> Array:
    """Return the log-probability that a mutant takes over, from what it has ahead, whatever its number.

    That is (1 - exp(-u)) / (1 - exp(-m u)) with u = alpha * ahead (equation 6 of the paper), and 1 / m for u = 0.
    """
    if alpha == np.inf:
        chance = np.where(ahead > 0, 1.0 - epsilon, epsilon)
        return np.log(np.where(np.abs(ahead) <= _EQUAL, 0.5, chance))
    u = alpha * ahead
    size = np.maximum(np.abs(u), 1e-12 / population)
    return np.log(np.expm1(-size) / np.expm1(-population * size)) + (population - 1) * np.minimum(u, 0.0)


@njit(cache=True)
def _add(x: float, y: float) -> float:
    """Return log(exp(x) + exp(y))."""
    high, low = max(x, y), min(x, y)
    if low < high - 40.0 or low == -np.inf:
        return high
    return high + np.log1p(np.exp(low - high))


@njit(cache=True)
def _stationary(rates: Array) -> Array:
    """Return [n] the stationary distribution of an irreducible chain, from the logarithms of its rates."""
    n = len(rates)
    a = rates.copy()
    for k in range(n - 1, 0, -1):
        out = -np.inf
        for j in range(k):
            out = _add(out, a[k, j])
        for i in range(k):
            if a[i, k] > -np.inf:
                a[i, k] -= out
                for j in range(k):
                    through = a[i, k] + a[k, j]
                    if through > a[i, j] - 40.0:
                        a[i, j] = _add(a[i, j], through)
    weight = np.zeros(n)
    for k in range(1, n):
        weight[k] = -np.inf
        for i in range(k):
            weight[k] = _add(weight[k], weight[i] + a[i, k])
    chances = np.exp(weight - weight.max())
    return chances / chances.sum()


def _check(table: Array, shaped: bool, alpha: float | None, population: int, epsilon: float) -> None:
    if not shaped or not table.size or not np.all(np.isfinite(table)):
        raise ValueError(f"payoffs must be finite, [n, n] or [players, n_1, ..., n_k], not of shape {table.shape}")
    if alpha is not None and not alpha > 0.0:
        raise ValueError(f"alpha must be above 0, not {alpha}")
    if population < 2 or not 0.0 < epsilon < 0.5:
        raise ValueError(f"population must be at least 2 and epsilon between 0 and 1/2, not {population} and {epsilon}")
