import numpy as np
import pytest

from league.matchmakers import Pool, SelfPlay
from league.payoff import PayoffTable


def test_history_does_not_matter():
    pool = Pool({"me": "main", "you": "main"}, {"me-1": "me"}, ("bot",), PayoffTable())
    for seed in range(10):
        assert SelfPlay().opponents("you", 2, pool, np.random.default_rng(seed))[0].opponents == ("you", "you")


def test_delta_uniform_draws_from_the_last_versions():
    pool = Pool({"me": "main"}, {f"me-{k}": "me" for k in range(4)} | {"you-0": "you"}, (), PayoffTable())
    for delta, expected in (
        (0.0, {"me-0", "me-1", "me-2", "me-3", "me"}),
        (0.5, {"me-2", "me-3", "me"}),
        (1.0, {"me"}),
    ):
        drawn = SelfPlay(delta=delta).opponents("me", 9000, pool, np.random.default_rng(0))[0].opponents
        assert set(drawn) == expected
        assert all(drawn.count(name) / 9000 == pytest.approx(1 / len(expected), abs=0.03) for name in expected)
