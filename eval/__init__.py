"""How good: pure measures over outcomes. Takes arrays and gives numbers with their uncertainty; knows no game, agent or file.

Start with `cluster_bradley_terry` (one rating per agent, of matches that share seeds) and `rank_intervals` (which places that
leaves to each), `payoff_matrix` (who scores what against whom), `wilson` (how sure a win rate is) and `nash_conv` (how far a
policy is from equilibrium in a small game). Matches are three arrays: the first agent, the second, and the score of the
first (1, 0.5 or 0). Whether one agent is better than another is decided by `Sprt` with as few games as it takes, and
`elo_difference` says by how much; `rate_teams` rates agents from games of teams and free-for-alls; `iqm` and
`stratified_bootstrap` sum up a few runs on many tasks. `elo_update`, `glicko_update` and `skill_update` move with every
result: for live display and choosing opponents, never for a published table.

Where agents beat each other in circles, start from a table of `advantage`: `nash_average` (who is good whoever else takes
part), `cycle_test` (are there circles at all), `alpha_rank`, `deviation_ratings`; over tasks without a common scale, from
`preferences`. `bootstrap_table` tells how far their numbers can be trusted. Solvers for populations that grow by best
responses are in `eval.meta_solvers`.
"""

from eval.advantage import Bootstrap, advantage, bootstrap_table
from eval.aggregates import (
    Profile,
    iqm,
    optimality_gap,
    performance_profile,
    probability_of_improvement,
    stratified_bootstrap,
)
from eval.alpha_rank import AlphaRank, alpha_rank, alpha_rank_profiles
from eval.bradley_terry import (
    Disconnected,
    Ratings,
    bootstrap_bradley_terry,
    cluster_bradley_terry,
    components,
    fit_bradley_terry,
)
from eval.deviation import deviation_ratings
from eval.elo import EloDifference, elo_difference, pair_counts
from eval.hodge import CycleTest, Hodge, cycle_test, hodge, schur_spectrum, three_cycles
from eval.intervals import Interval, clopper_pearson, cluster_mean, wilson
from eval.matches import aggregate
from eval.nash import (
    Equilibrium,
    NashAverage,
    NashTasks,
    effective_diversity,
    nash_average,
    nash_average_tasks,
    nash_clusters,
    relative_population_performance,
    zero_sum_equilibrium,
)
from eval.nash_conv import GameTree, NashConv, average_policy, best_response, expected_returns, nash_conv
from eval.online import Glicko, elo_update, glicko_update
from eval.payoff import PayoffMatrix, payoff_matrix
from eval.ranks import RankIntervals, rank_intervals
from eval.skill import Skill, skill_chances, skill_update
from eval.sprt import Sprt, Verdict
from eval.teams import TeamRatings, rate_teams
from eval.voting import borda, copeland, maximal_lottery, preferences, schulze

__all__ = [
    "AlphaRank",
    "Bootstrap",
    "CycleTest",
    "Disconnected",
    "EloDifference",
    "Equilibrium",
    "GameTree",
    "Glicko",
    "Hodge",
    "Interval",
    "NashAverage",
    "NashConv",
    "NashTasks",
    "PayoffMatrix",
    "Profile",
    "RankIntervals",
    "Ratings",
    "Skill",
    "Sprt",
    "TeamRatings",
    "Verdict",
    "advantage",
    "aggregate",
    "alpha_rank",
    "alpha_rank_profiles",
    "average_policy",
    "best_response",
    "bootstrap_bradley_terry",
    "bootstrap_table",
    "borda",
    "clopper_pearson",
    "cluster_bradley_terry",
    "cluster_mean",
    "components",
    "copeland",
    "cycle_test",
    "deviation_ratings",
    "effective_diversity",
    "elo_difference",
    "elo_update",
    "expected_returns",
    "fit_bradley_terry",
    "glicko_update",
    "hodge",
    "iqm",
    "maximal_lottery",
    "nash_average",
    "nash_average_tasks",
    "nash_clusters",
    "nash_conv",
    "optimality_gap",
    "pair_counts",
    "payoff_matrix",
    "performance_profile",
    "preferences",
    "probability_of_improvement",
    "rank_intervals",
    "rate_teams",
    "relative_population_performance",
    "schulze",
    "schur_spectrum",
    "skill_chances",
    "skill_update",
    "stratified_bootstrap",
    "three_cycles",
    "wilson",
    "zero_sum_equilibrium",
]
