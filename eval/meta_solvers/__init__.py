"""Meta-solvers: from what policies earn against one another to how often each should be met (policy-space response oracles).

Every solver takes payoffs [players, n_1, ..., n_k] float64, what each player earns when each plays one of its policies,
and returns a joint distribution [n_1, ..., n_k] over these profiles. They know nothing of how policies are found or
matches played. Which one: `nash` for two-player zero-sum games; `cce` for any number of players and any payoffs;
`alpha_rank`, `replicator` and `regret_matching` run anywhere, without a promise beyond two-player zero-sum games except
that of regret matching, a coarse correlated equilibrium; `uniform` is fictitious play.

What to train against follows from the joint: `opponents_given` (the others as they are drawn together), `marginals` (each
on its own) or `rectified` (only those that a policy does not lose to).
"""

from eval.meta_solvers.alpha_rank import alpha_rank
from eval.meta_solvers.cce import cce
from eval.meta_solvers.joint import MetaSolver, marginals, opponents_given, rectified, symmetric_payoffs
from eval.meta_solvers.nash import nash
from eval.meta_solvers.regret_matching import regret_matching
from eval.meta_solvers.replicator import replicator
from eval.meta_solvers.uniform import uniform

__all__ = [
    # solvers
    "alpha_rank",
    "cce",
    "nash",
    "regret_matching",
    "replicator",
    "uniform",
    # what they take and give
    "MetaSolver",
    "marginals",
    "opponents_given",
    "rectified",
    "symmetric_payoffs",
]
