import numpy as np
import pytest

from games import InputError
from league.matchmakers import EloWindow, Pool
from league.payoff import PayoffTable


def pool(ratings):
    table = PayoffTable()
    table.elo.load_state_dict(ratings)
    return Pool({"me": "main", "peer": "main"}, {"me-0": "me", "me-1": "me"}, ("bot",), table)


def test_the_window_is_a_normal_density_of_the_expected_score():
    there = pool({"me": 100.0, "peer": 100.0, "me-0": 0.0, "me-1": 150.0, "bot": 2000.0})
    drawn = EloWindow(sigma=0.1).opponents("me", 50_000, there, np.random.default_rng(0))[0].opponents
    score = {
        name: 1 / (1 + 10 ** (-(100.0 - there.payoff.elo.rating(name)) / 400))
        for name in ("peer", "me-0", "me-1", "bot")
    }
    weight = {name: np.exp(-(((s - 0.5) / 0.1) ** 2) / 2) for name, s in score.items()}
    for name, w in weight.items():
        assert drawn.count(name) / 50_000 == pytest.approx(w / sum(weight.values()), abs=0.01)
    assert drawn.count("bot") == 0


def test_nobody_is_too_far_when_all_are_far():
    there = pool({"me": 4000.0})
    assert EloWindow(sigma=0.01).opponents("me", 1, there, np.random.default_rng(0))[0].opponents[0] != "me"


def test_a_share_is_self_play():
    drawn = EloWindow(self_play=0.25).opponents("me", 1, pool({}), np.random.default_rng(0), matches=8000)
    assert sum(c.opponents == ("me",) for c in drawn) / 8000 == pytest.approx(0.25, abs=0.02)
    assert all((c.why == "self-play") == (c.opponents == ("me",)) for c in drawn)


def test_a_window_without_width_is_told():
    with pytest.raises(InputError, match="elo_window sigma must be above 0, not 0"):
        EloWindow(sigma=0)
