"""Bradley-Terry ratings in Elo units: one number per agent that explains who beats whom, with its uncertainty.

The model (Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 1952) gives agent i strength x_i and
says that i beats j with probability sigma(x_i - x_j). Elo is C * x, with C = 400 / ln 10, so 400 points are odds of ten to
one. Added to it here: an advantage of the first seat, rules for draws (`draws`), a prior, and anchors.

Only differences of strengths show in results. The free constant is fixed by anchors, agents whose rating is given, or by a
mean of zero. The choice changes the standard errors: an anchor has none, and the others carry its doubt.

Three functions give the same ratings and differ in where the errors come from: `fit_bradley_terry` takes tables of counts
and games as independent; `cluster_bradley_terry` takes matches, and those that share a seed as one; so does
`bootstrap_bradley_terry`, by resampling.
"""

from eval.bradley_terry.fit import bootstrap_bradley_terry, cluster_bradley_terry, fit_bradley_terry
from eval.bradley_terry.ratings import ELO, Draws, Estimate, Method, Ratings
from eval.bradley_terry.results import Disconnected, components

__all__ = [
    "ELO",
    "Disconnected",
    "Draws",
    "Estimate",
    "Method",
    "Ratings",
    "bootstrap_bradley_terry",
    "cluster_bradley_terry",
    "components",
    "fit_bradley_terry",
]
