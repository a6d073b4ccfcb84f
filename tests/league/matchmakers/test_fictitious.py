import numpy as np
from scipy.stats import chisquare

from league.matchmakers import Fictitious, Pool
from league.payoff import PayoffTable


def test_every_frozen_agent_is_equally_likely():
    table = PayoffTable()
    table.update("me", "me-1", 1.0)
    pool = Pool({"me": "main", "you": "main"}, {"me-1": "me", "you-1": "you", "you-2": "you"}, ("bot",), table)
    drawn = Fictitious().opponents("me", 8000, pool, np.random.default_rng(1))[0].opponents
    counts = [drawn.count(name) for name in pool.frozen]
    assert sum(counts) == 8000
    assert chisquare(counts).pvalue > 0.01
