"""From counts of wins, draws and losses to tables of advantages, and from there to numbers with their uncertainty.

An advantage is above zero where the row is better than the column. The measures of meta-games (`nash_average`, `hodge` and
so on) start from such tables. Some of them jump when a single entry moves a little, so their values on one noisy table
say little: `bootstrap_table` shows how they spread over the tables that the counts leave possible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Bootstrap", "Scale", "advantage", "bootstrap_table"]

Array = NDArray[np.float64]
Scale = Literal["rate", "logit"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bootstrap:
    """How a statistic of a table spreads over the tables that the counts leave possible.

    Attributes:
        value: of the table as counted; a number or an array, as the statistic gives it.
        mean: over the resampled tables, of the shape of `value`.
        low, high: the interval between percentiles of the resampled tables, of the shape of `value`.
        confidence: what the interval covers.
        samples: how many tables were drawn.
    """

    value: Array
    mean: Array
    low: Array
    high: Array
    confidence: float
    samples: int


def advantage(
    wins: ArrayLike,
    draws: ArrayLike | None = None,
    losses: ArrayLike | None = None,
    *,
    prior: float = 0.0,
    scale: Scale = "rate",
) -> Array:
    """Return [n, m] how much better each row is than each column.

    Args:
        wins: [n, m] how often the row beat the column.
        draws: [n, m] how often they drew.
        losses: [n, m] how often the row lost; by default rows and columns are the same agents, and it is wins.T.
        prior: virtual wins and losses added to every pair (0.5 each is one virtual draw).
        scale: "rate" is the score rate minus one half, from -1/2 to 1/2; "logit" is the log-odds of the score rate, in
            which a table of Bradley-Terry strengths is a table of differences.

    Raises:
        ValueError: for tables that are no counts; for pairs that never met, without a prior; on the logit scale also for
            pairs of which one never scored.
    """
    won, drawn, lost, _ = _counts(wins, draws, losses)
    return _table(won + prior, drawn, lost + prior, losses is None, scale)


def bootstrap_table(
    statistic: Callable[[Array], ArrayLike],
    wins: ArrayLike,
    draws: ArrayLike | None = None,
    losses: ArrayLike | None = None,
    *,
    prior: float = 0.5,
    scale: Scale = "rate",
    samples: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> Bootstrap:
    """Return the spread of a statistic over resampled tables of advantages.

    Each pair's shares of wins, draws and losses come from the Dirichlet distribution with its counts (Rubin, "The
    Bayesian bootstrap", Annals of Statistics 1981) and the prior, so that pairs with few games vary much, and a pair
    that never met may turn out either way. Games are taken as independent.

    Args:
        statistic: takes an advantage table [n, m] and returns a number or an array of a fixed shape, for example
            `lambda table: nash_average(table).score`.
        wins: as for `advantage`.
        draws: as for `advantage`.
        losses: as for `advantage`.
        prior: as for `advantage`.
        scale: as for `advantage`.
        samples: number of tables, at least 2.
        seed: of the resampling; the same seed gives the same interval.
        confidence: coverage of the interval between percentiles.

    Raises:
        ValueError: as for `advantage`, and for options out of range.
    """
    if samples < 2 or not 0.0 < confidence < 1.0:
        raise ValueError(f"samples must be at least 2 and confidence between 0 and 1, not {samples} and {confidence}")
    won, drawn, lost, drawable = _counts(wins, draws, losses)
    square = losses is None
    value = np.asarray(statistic(_table(won + prior, drawn, lost + prior, square, scale)), dtype=np.float64)
    shapes = np.stack([won + prior, drawn, lost + prior])[:, drawable]
    rng = np.random.default_rng(seed)
    drawn_values = np.empty((samples, *value.shape))
    for sample in range(samples):
        tables = np.zeros((3, *won.shape))
        tables[:, drawable] = rng.standard_gamma(shapes)
        if square:
            tables += tables[::-1].transpose(0, 2, 1)
        drawn_values[sample] = statistic(_table(tables[0], tables[1], tables[2], square, scale))
    low, high = np.quantile(drawn_values, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0], axis=0)
    return Bootstrap(
        value=value, mean=drawn_values.mean(axis=0), low=low, high=high, confidence=confidence, samples=samples
    )


def _table(won: Array, drawn: Array, lost: Array, square: bool, scale: Scale) -> Array:
    if scale not in ("rate", "logit"):
        raise ValueError(f"scale must be 'rate' or 'logit', not {scale!r}")
    up, down = won + drawn / 2.0, lost + drawn / 2.0
    if square:  # nobody meets itself
        up[np.diag_indices_from(up)] = down[np.diag_indices_from(down)] = 1.0
    if np.any(up + down <= 0.0):
        i, j = np.argwhere(up + down <= 0.0)[0]
        raise ValueError(
            f"{i} and {j} never met, so their advantage is unknown; a prior such as 0.5 would make it zero"
        )
    if scale == "rate":
        return up / (up + down) - 0.5
    if np.any(up <= 0.0) or np.any(down <= 0.0):
        i, j = np.argwhere((up <= 0.0) | (down <= 0.0))[0]
        raise ValueError(f"of {i} and {j} one never scored, so their log-odds are infinite; a prior would mend that")
    return np.log(up) - np.log(down)


def _counts(
    wins: ArrayLike, draws: ArrayLike | None, losses: ArrayLike | None
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Return [n, m] wins, draws and losses, and which cells are independent of each other."""
    won = np.array(wins, dtype=np.float64)
    drawn = np.zeros_like(won) if draws is None else np.array(draws, dtype=np.float64)
    lost = won.T.copy() if losses is None else np.array(losses, dtype=np.float64)
    if won.ndim != 2 or drawn.shape != won.shape or lost.shape != won.shape:
        raise ValueError(
            f"wins, draws and losses must be tables of one shape: {won.shape}, {drawn.shape}, {lost.shape}"
        )
    if not all(np.all(np.isfinite(table)) and np.all(table >= 0.0) for table in (won, drawn, lost)):
        raise ValueError("wins, draws and losses must be finite counts from 0 upwards")
    if losses is not None:
        return won, drawn, lost, np.ones(won.shape, dtype=bool)
    if np.any(np.diag(won)) or np.any(np.diag(drawn)) or not np.array_equal(drawn, drawn.T):
        raise ValueError("among the same agents, draws must be symmetric and nobody may have met itself")
    return won, drawn, lost, np.triu(np.ones(won.shape, dtype=bool), 1)
