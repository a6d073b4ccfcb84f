import numpy as np

from league.matchmakers import Pool, SelfPlay
from league.payoff import PayoffTable


def test_history_does_not_matter():
    pool = Pool({"me": "main", "you": "main"}, {"me-1": "me"}, ("bot",), PayoffTable())
    for seed in range(10):
        assert SelfPlay().opponents("you", 2, pool, np.random.default_rng(seed))[0].opponents == ("you", "you")
