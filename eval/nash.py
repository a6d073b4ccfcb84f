"""Ratings and distances from the Nash equilibrium of the meta-game: who is better when the opponent may be anyone.

The meta-game is played by two people who each send an agent; its payoff is the agents' advantage. A mean win rate changes
when somebody adds ten copies of a weak agent; the equilibrium of maximum entropy does not (Balduzzi et al., "Re-evaluating
evaluation", NeurIPS 2018). In exchange it jumps where results are close, so for noisy tables give the functions here to
`bootstrap_table` and report the mean and the interval of the scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.linear import linear_program
from eval.max_entropy import max_entropy

__all__ = [
    "Equilibrium",
    "NashAverage",
    "NashTasks",
    "effective_diversity",
    "nash_average",
    "nash_average_tasks",
    "nash_clusters",
    "relative_population_performance",
    "zero_sum_equilibrium",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Equilibrium:
    """The equilibrium of maximum entropy of a zero-sum game.

    Attributes:
        value: what the row player earns.
        row: [n] probabilities of the row player's actions.
        column: [m] probabilities of the column player's actions.
    """

    value: float
    row: Array
    column: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class NashAverage:
    """Nash averages of n agents.

    Attributes:
        score: [n] advantage against the equilibrium; 0 in its support, below 0 elsewhere. An agent outside may look bad
            for one lost counter: show the mean advantage beside it.
        weight: [n] probabilities of the agents at equilibrium.
    """

    score: Array
    weight: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class NashTasks:
    """Nash averages of n agents and m tasks.

    Attributes:
        agent_score: [n] normalised score on the equilibrium's tasks; at most `value`.
        task_score: [m] minus the equilibrium's agents' normalised score there (hard tasks score high); at most -`value`.
            NaN for tasks on which all agents are equal.
        agent_weight: [n] probabilities of the agents at equilibrium.
        task_weight: [m] probabilities of the tasks; 0 for tasks on which all agents are equal.
        value: of the game, from 0 to 1.
    """

    agent_score: Array
    task_score: Array
    agent_weight: Array
    task_weight: Array
    value: float


def zero_sum_equilibrium(payoff: ArrayLike) -> Equilibrium:
    """Return the equilibrium of maximum entropy of a zero-sum game.

    Three linear programs: the value (von Neumann, 1928), and the sets of optimal actions on either side.

    Args:
        payoff: [n, m] of the row player, who maximises it.

    Raises:
        ValueError: for a table that is empty or not finite.
    """
    table = _finite(payoff)
    if _antisymmetric(table):
        weight = max_entropy((table - table.T) / 2.0)
        return Equilibrium(value=0.0, row=weight, column=weight.copy())
    n, m = table.shape
    low, high = float(table.min()), float(table.max())
    scaled = (table - low) / (high - low or 1.0)
    found = linear_program(
        np.append(np.zeros(n), -1.0),
        A_ub=np.column_stack([-scaled.T, np.ones(m)]),
        b_ub=np.zeros(m),
        A_eq=np.append(np.ones(n), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[(0.0, None)] * n + [(None, None)],
    )
    value = found.x[n]
    row, column = max_entropy(value - scaled.T), max_entropy(scaled - value)
    return Equilibrium(value=float(row @ table @ column), row=row, column=column)


def nash_average(advantage: ArrayLike) -> NashAverage:
    """Return the Nash averages of agents.

    Source: Balduzzi et al. 2018, section 4. Clones share the weight of the one they copy, and change no score.

    Args:
        advantage: [n, n] antisymmetric, of row over column; see `eval.advantage`.

    Raises:
        ValueError: when the table is not antisymmetric.
    """
    table = _checked(advantage)
    weight = max_entropy(table)
    return NashAverage(score=table @ weight, weight=weight)


def nash_average_tasks(scores: ArrayLike) -> NashTasks:
    """Return the Nash averages of agents against tasks: agents maximise the score, tasks minimise it.

    Source: Balduzzi et al. 2018, section 4. Every task is first stretched to span 0 to 1 over the agents, so what is
    found depends on who takes part. Tasks on which all agents are equal tell nobody apart and are left out.

    Args:
        scores: [n, m] of agents in tasks, higher is better; tasks may have units of their own.

    Raises:
        ValueError: for a table that is empty or not finite, or when all agents are equal everywhere.
    """
    table = _finite(scores)
    low, high = table.min(axis=0), table.max(axis=0)
    told = high > low
    if not told.any():
        raise ValueError("all agents have equal scores on every task")
    normal = (table[:, told] - low[told]) / (high[told] - low[told])
    found = zero_sum_equilibrium(normal)
    task_weight, task_score = np.zeros(len(told)), np.full(len(told), np.nan)
    task_weight[told], task_score[told] = found.column, -(found.row @ normal)
    return NashTasks(
        agent_score=normal @ found.column,
        task_score=task_score,
        agent_weight=found.row,
        task_weight=task_weight,
        value=found.value,
    )


def nash_clusters(advantage: ArrayLike) -> tuple[tuple[int, ...], ...]:
    """Return layers of agents, the strongest first: the support of the equilibrium, then that of the rest, and so on.

    Source: Czarnecki et al., "Real world games look like spinning tops", NeurIPS 2020, definition 3. A layer's place is
    transitive strength, its size the length of cycles there.

    Args:
        advantage: [n, n] antisymmetric, of row over column.

    Raises:
        ValueError: when the table is not antisymmetric.
    """
    table = _checked(advantage)
    left, layers = np.arange(len(table)), []
    while len(left):
        inside = max_entropy(table[np.ix_(left, left)]) > 0.0
        layers.append(tuple(left[inside].tolist()))
        left = left[~inside]
    return tuple(layers)


def relative_population_performance(payoff: ArrayLike) -> float:
    """Return what one population earns from another when both send their best mixtures: above 0, the rows are better.

    Source: Balduzzi et al., "Open-ended learning in symmetric zero-sum games", ICML 2019, definition 3. On a noisy table
    it favours nobody on purpose, but each side picks its lucky cells: more agents gain more by that.

    Args:
        payoff: [n, m] advantage of the first population's agents over the second's.

    Raises:
        ValueError: for a table that is empty or not finite.
    """
    return zero_sum_equilibrium(payoff).value


def effective_diversity(advantage: ArrayLike) -> float:
    """Return how much the agents that matter beat one another: 0 when one is best, larger the longer their cycles.

    Source: Balduzzi et al. 2019, definition 4: p' max(A, 0) p at the equilibrium p.

    Args:
        advantage: [n, n] antisymmetric, of row over column.

    Raises:
        ValueError: when the table is not antisymmetric.
    """
    table = _checked(advantage)
    weight = max_entropy(table)
    return float(weight @ np.maximum(table, 0.0) @ weight)


def _finite(table: ArrayLike) -> Array:
    array = np.array(table, dtype=np.float64)
    if array.ndim != 2 or array.size == 0 or not np.all(np.isfinite(array)):
        raise ValueError(f"a table of finite numbers is needed, not one of shape {array.shape} or with gaps")
    return array


def _antisymmetric(table: Array) -> bool:
    n, m = table.shape
    return n == m and float(np.abs(table + table.T).max()) <= 1e-9 * float(np.abs(table).max())


def _checked(advantage: ArrayLike) -> Array:
    table = _finite(advantage)
    if not _antisymmetric(table):
        raise ValueError("advantages must be antisymmetric: what the row gains the column loses")
    return (table - table.T) / 2.0
