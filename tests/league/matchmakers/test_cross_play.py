import numpy as np
import pytest

from league.matchmakers import CrossPlay, Pool
from league.payoff import PayoffTable


def test_partners_come_from_others():
    there = Pool({"me": "main", "a": "main", "b": "main"}, {"me-0": "me", "a-0": "a"}, ("bot",), PayoffTable())
    drawn = CrossPlay(past=0.25).opponents("me", 40_000, there, np.random.default_rng(0))[0].opponents
    shares = {name: drawn.count(name) / 40_000 for name in set(drawn)}
    assert shares == {
        "a": pytest.approx(0.375, abs=0.01),
        "b": pytest.approx(0.375, abs=0.01),
        "a-0": pytest.approx(0.125, abs=0.01),
        "bot": pytest.approx(0.125, abs=0.01),
    }


@pytest.mark.parametrize(
    ("learners", "snapshots", "expected"),
    [
        ({"me": "main"}, {"me-0": "me"}, {"me"}),
        ({"me": "main"}, {"me-0": "me", "old-0": "old"}, {"old-0"}),
        ({"me": "main", "a": "main"}, {}, {"a"}),
    ],
)
def test_where_one_kind_is_missing_the_other_stands_in(learners, snapshots, expected):
    there = Pool(learners, snapshots, (), PayoffTable())
    assert set(CrossPlay().opponents("me", 50, there, np.random.default_rng(0))[0].opponents) == expected
