"""How good: pure measures over outcomes. Takes arrays and gives numbers with their uncertainty; knows no game, agent or file.

Start with `fit_bradley_terry` (one rating per agent), `payoff_matrix` (who scores what against whom), `wilson` (how sure a
win rate is) and `nash_conv` (how far a policy is from equilibrium in a small game). Matches are three arrays: the first
agent, the second, and the score of the first (1, 0.5 or 0).
"""

from eval.bradley_terry import (
    Disconnected,
    Ratings,
    bootstrap_bradley_terry,
    cluster_bradley_terry,
    components,
    fit_bradley_terry,
)
from eval.intervals import Interval, clopper_pearson, cluster_mean, wilson
from eval.matches import aggregate
from eval.nash_conv import GameTree, NashConv, average_policy, best_response, expected_returns, nash_conv
from eval.payoff import PayoffMatrix, payoff_matrix

__all__ = [
    "Disconnected",
    "GameTree",
    "Interval",
    "NashConv",
    "PayoffMatrix",
    "Ratings",
    "aggregate",
    "average_policy",
    "best_response",
    "bootstrap_bradley_terry",
    "clopper_pearson",
    "cluster_bradley_terry",
    "cluster_mean",
    "components",
    "expected_returns",
    "fit_bradley_terry",
    "nash_conv",
    "payoff_matrix",
    "wilson",
]
