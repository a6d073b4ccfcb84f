from types import SimpleNamespace

import pytest

from league.matchmakers import Pool
from league.opponents import opponents_class
from league.payoff import PayoffTable


@pytest.fixture
def members():
    payoff = PayoffTable()
    pool = Pool({"me": "main", "rival": "main_exploiter"}, {"me-000": "me"}, ("random",), payoff)
    return SimpleNamespace(pool=pool, payoff=payoff)


@pytest.mark.parametrize(
    ("opponents", "expected"),
    [
        (["me"], "self"),
        (["rival"], "main_exploiter"),
        (["me-000"], "past"),
        (["random"], "fixed"),
        (["random", "me", "random"], "fixed+self"),
        ([], ""),
    ],
)
def test_by_kind(members, opponents, expected):
    assert opponents_class("kind", "me", opponents, members) == expected


def test_by_rating(members):
    assert opponents_class("rating", "me", ["random"], members) == "elo 0"
    for _ in range(90):
        members.payoff.elo.book(["me", "random"], [1.0, 0.0])
    assert members.payoff.elo.rating("random") < -200.0
    assert opponents_class("rating", "me", ["random"], members) == "elo -400"
    assert opponents_class("rating", "me", ["me"], members) == "elo 200"


def test_none_are_told_apart(members):
    assert opponents_class("none", "me", ["random"], members) == ""
