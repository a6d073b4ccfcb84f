import numpy as np
import pytest

from benchmarks import adaptive_budget
from league.formats import Adaptive, RoundRobin


@pytest.mark.parametrize("form", [Adaptive, RoundRobin])
def test_games_are_counted_until_the_ranking_is_sure(monkeypatch, form):
    monkeypatch.setattr(adaptive_budget, "AGENTS", 4)
    true = np.array([0.0, 900.0, 300.0, 600.0])
    games, wrong = adaptive_budget._games(form(encounters=None), true, np.random.default_rng(0))
    assert 8 <= games < 400
    assert wrong == 0


def test_the_uncertainty_is_that_of_differences():
    wins = np.array([[0.0, 30.0], [10.0, 0.0]])
    rating, uncertain = adaptive_budget._uncertainty(wins)
    assert rating[0] > rating[1]
    # by the normal approximation alone, without the draws with an average player: p = 3/4, error = sqrt(1 / (40 p q))
    assert uncertain == pytest.approx(0.0013, rel=0.5)
    assert adaptive_budget._wrong(rating, np.array([0.0, 1.0])) == 1
    assert adaptive_budget._wrong(rating, np.array([1.0, 0.0])) == 0
