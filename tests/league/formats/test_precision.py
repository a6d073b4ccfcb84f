import numpy as np
import pytest

from eval import cluster_bradley_terry, fit_bradley_terry
from league.formats import Pair, Played
from league.formats.precision import Comparisons, least_sure, widest

AGENTS = ("a", "b", "c")


def known(*games):
    """Comparisons of pairs (group, scores of each game)."""
    found = Comparisons(AGENTS)
    for number, (group, scores) in enumerate(games):
        found.add(number, Played(Pair(0, tuple(group)), scores, (0,) * len(group)))
    return found


WIN, DRAW, LOSS = (1.0, -1.0), (0.5, 0.5), (0.0, 3.0)


def test_every_two_agents_of_a_game_are_compared():
    found = known(("ab", (WIN, DRAW)), ("cab", ((3.0, 2.0, 2.0),) * 3))
    wins, draws = found.tables()
    assert wins.tolist() == [[0, 1, 0], [0, 0, 0], [3, 3, 0]]
    assert draws.tolist() == [[0, 4, 0], [4, 0, 0], [0, 0, 0]]
    assert found.pairs.tolist() == [2, 2, 1]


def test_nobody_or_strangers_have_no_ratings():
    assert known().ratings() is None
    assert known(("ab", (WIN, WIN))).ratings() is None
    assert widest(None) == np.inf
    assert least_sure(None) == 0.5


def test_few_pairs_have_errors_of_games_and_many_of_pairs():
    few = [("ab", (WIN, DRAW)), ("bc", (WIN, LOSS)), ("ca", (DRAW, LOSS)), ("bc", (LOSS, DRAW))]
    expected = fit_bradley_terry(*known(*few).tables(), method="fisher")
    assert known(*few).ratings().high == pytest.approx(expected.high)
    many = known(*few * 5)
    rows = [(0, 1, 1.0), (0, 1, 0.5), (1, 2, 1.0), (1, 2, 0.0), (2, 0, 0.5), (2, 0, 0.0), (1, 2, 0.0), (1, 2, 0.5)]
    first, second, score = zip(*rows * 5, strict=True)
    clustered = cluster_bradley_terry(first, second, score, np.repeat(range(20), 2))
    assert many.ratings().high == pytest.approx(clustered.high)
    assert widest(many.ratings()) == pytest.approx(np.max(clustered.high - clustered.low))


def test_who_won_all_has_a_rating_by_a_prior():
    games = [("ab", (WIN, WIN)), ("bc", (WIN, DRAW)), ("ac", (WIN, WIN))] * 6
    expected = fit_bradley_terry(*known(*games).tables(), prior=0.5, method="fisher")
    assert known(*games).ratings().high == pytest.approx(expected.high)


def test_pairs_that_all_agree_are_no_proof():
    """The scatter between pairs is nil, but ratings are not exact for that."""
    found = known(*[(group, (WIN, LOSS)) for group in ("ab", "bc", "ca")] * 10).ratings()
    assert found.method == "fisher"
    assert widest(found) > 50.0


def test_the_least_sure_neighbours():
    found = known(*[("ab", (WIN, WIN)), ("bc", (WIN, DRAW)), ("ca", (LOSS, LOSS))] * 4).ratings()
    assert np.argsort(-found.rating).tolist() == [0, 1, 2]
    assert least_sure(found) == min(found.better(0, 1), found.better(1, 2))
    assert least_sure(found) == found.better(1, 2)
