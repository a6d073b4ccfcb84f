"""What every matchmaker promises, and how they are found."""

import numpy as np
import pytest

from games import InputError
from league.matchmakers import Pool, matchmakers
from league.payoff import PayoffTable

OURS = ["alphastar", "cross_play", "elo_window", "fictitious", "pfsp", "psro", "self_play"]


def pool(snapshots=None, fixed=()):
    return Pool({"me": "main", "you": "main"}, snapshots or {}, fixed, PayoffTable())


def test_frozen_agents_are_snapshots_in_order_then_fixed_ones():
    assert pool({"me-1": "me", "you-1": "you", "me-2": "me"}, ("bot",)).frozen == ("me-1", "you-1", "me-2", "bot")


def test_ours_are_known():
    assert set(matchmakers.names()) >= set(OURS)
    with pytest.raises(InputError, match=r"unknown matchmaker 'pfps'; did you mean 'pfsp'\?"):
        matchmakers.make("pfps")


@pytest.mark.parametrize("name", OURS)
class TestEveryMatchmaker:
    @pytest.mark.parametrize("seats", [1, 3])
    def test_fills_every_side_from_the_pool(self, name, seats):
        there = pool({"me-1": "me", "you-1": "you"}, ("bot",))
        for ordinal in range(20):
            chosen = matchmakers.make(name).opponents("me", seats, there, np.random.default_rng(ordinal))[0].opponents
            assert len(chosen) == seats
            assert set(chosen) <= {"me", "you", "me-1", "you-1", "bot"}

    def test_makes_many_matches_at_once(self, name):
        there = pool({"me-1": "me", "you-1": "you"}, ("bot",))
        many = matchmakers.make(name).opponents("me", 2, there, np.random.default_rng(1), matches=7)
        assert [len(match.opponents) for match in many] == [2] * 7

    def test_meets_itself_while_there_is_nobody_else(self, name):
        alone = Pool({"me": "main"}, {}, (), PayoffTable())
        assert matchmakers.make(name).opponents("me", 2, alone, np.random.default_rng(0))[0].opponents == ("me", "me")

    def test_the_generator_decides(self, name):
        there = pool({f"me-{k}": "me" for k in range(50)})
        maker = matchmakers.make(name)
        first = maker.opponents("me", 30, there, np.random.default_rng(5))[0]
        maker.opponents("me", 30, there, np.random.default_rng(6))
        assert maker.opponents("me", 30, there, np.random.default_rng(5))[0] == first
