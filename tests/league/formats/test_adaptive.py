from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from scipy.special import expit

from games import InputError
from league.formats import Adaptive, Field, Results, RoundRobin
from league.formats.adaptive import _best, _in_doubt
from league.formats.precision import Comparisons, least_sure, widest


def field(n, **options):
    return Field(agents=tuple(f"agent{k:02d}" for k in range(n)), **options)


def spread(n, gap):
    return {agent: -gap * k for k, agent in enumerate(field(n).agents)}


@pytest.fixture
def drawn(outcomes):
    """Outcomes by Bradley-Terry with these strengths."""

    def make(strength, seed=0, draws=0.0):
        return lambda pair, number: outcomes["draw"](pair, (seed, number), strength, draws)

    return make


def ratings_of(n, results):
    known = Comparisons(field(n).agents)
    for number, played in results.played.items():
        known.add(number, played)
    return known.ratings()


@pytest.mark.parametrize("n", [2, 3, 6, 13])
def test_everybody_plays_and_the_cap_is_that_of_a_round_robin(n, hold, drawn):
    pairs, _ = hold(Adaptive(encounters=3), field(n, conditions=2), drawn(spread(n, 50.0)), seed=n)
    assert len(pairs) == 3 * 2 * n * (n - 1) // 2
    assert all(len(set(pair.group)) == 2 for pair in pairs)
    first = [frozenset(pair.group) for pair in pairs if pair.round == 0]
    assert first == [frozenset((f"agent{k:02d}", f"agent{k + 1:02d}")) for k in range(n - 1)]
    for group, count in Counter(frozenset(pair.group) for pair in pairs).items():
        begins = sum(pair.group[0] == min(group) for pair in pairs if frozenset(pair.group) == group)
        assert count < 8 or count / 5 < begins < count * 4 / 5


def test_games_go_where_the_order_is_in_doubt(hold, drawn):
    """Two groups of equals, far apart: who is in which group is soon clear, and nobody asks again."""
    strength = {agent: 0.0 if k < 4 else -600.0 for k, agent in enumerate(field(8).agents)}
    pairs, _ = hold(Adaptive(encounters=20), field(8), drawn(strength, 3))
    between = sum(len({strength[agent] for agent in pair.group}) == 2 for pair in pairs)
    assert between < 0.1 * len(pairs)  # of a round robin's pairs 57 %


def test_it_stops_when_the_order_is_sure(hold, drawn):
    form = Adaptive(certainty=0.9)
    pairs, results = hold(form, field(6), drawn(spread(6, 120.0), 1), seed=1)
    assert len(pairs) < 50 * 15
    assert least_sure(ratings_of(6, results)) >= 0.9
    last = pairs[-1].round
    earlier = Results({k: results.played[k] for k, pair in enumerate(pairs) if pair.round < last})
    assert least_sure(ratings_of(6, earlier)) < 0.9
    verdict = form.verdict(field(6), results)
    assert verdict.order == field(6).agents
    assert min(row[1] for row in verdict.rows[:-1]) >= 0.9
    assert verdict.rows[-1][1] is None
    assert sum(row[0] for row in verdict.rows) == 2 * len(pairs)


@pytest.mark.parametrize("gap", [0.0, 150.0])
def test_it_stops_when_intervals_are_narrow(hold, drawn, gap):
    """Also where the order is clear at once: then games go to those whose ratings are not known well."""
    strength = spread(5, gap)
    pairs, results = hold(Adaptive(width=90.0), field(5), drawn(strength, 2), seed=2)
    assert len(pairs) < 50 * 10
    assert widest(ratings_of(5, results)) <= 90.0
    robin, their = hold(RoundRobin(width=90.0, encounters=200), field(5), drawn(strength, 2), seed=2)
    assert widest(ratings_of(5, their)) <= 90.0
    assert len(robin) % 10 == 0
    assert len(pairs) <= 1.1 * len(robin)
    earlier = Results({k: their.played[k] for k in range(len(robin) - 10)})
    assert widest(ratings_of(5, earlier)) > 90.0


def doubt(n, results):
    """The expected number of pairs of agents in the wrong order."""
    found = ratings_of(n, results)
    order = np.argsort(-found.rating).tolist()
    return sum(1.0 - found.better(i, j) for i, j in combinations(order, 2))


def test_as_many_games_leave_less_in_doubt_than_in_a_round_robin(hold, drawn):
    strength, ratios = spread(12, 50.0), []
    for seed in range(5):
        robin, results = hold(RoundRobin(encounters=10), field(12), drawn(strength, seed))
        _, mine = hold(Adaptive(), field(12), drawn(strength, 100 + seed), limit=len(robin))
        ratios.append(doubt(12, mine) / doubt(12, results))
    assert np.mean(ratios) < 0.8


def test_choices_are_those_of_a_search_without_shortcuts():
    rng = np.random.default_rng(0)
    for n in (2, 3, 7):
        strength = rng.normal(0.0, 1.0, n)
        root = rng.normal(0.0, 0.4, (n, n + 2))
        covariance = root @ root.T
        target = _in_doubt(strength, covariance)
        found = _best(strength, covariance, target, 9)
        centre = np.eye(n) - 1.0 / n
        information = np.linalg.pinv(centre @ covariance @ centre)
        for i, j in found:
            values = {}
            for a in range(n):
                for b in range(a + 1, n):
                    p = expit(strength[a] - strength[b])
                    e = np.eye(n)[a] - np.eye(n)[b]
                    more = information + 2 * p * (1 - p) * np.outer(e, e)
                    values[a, b] = -np.trace(target @ np.linalg.pinv(more))
            assert values[i, j] >= max(values.values()) - 1e-9
            p, e = expit(strength[i] - strength[j]), np.eye(n)[i] - np.eye(n)[j]
            information = information + 2 * p * (1 - p) * np.outer(e, e)


def test_doubt_adds_up_weighted_variances():
    strength, covariance = np.array([1.0, 0.2, -0.5]), np.diag([0.3, 0.2, 0.1])
    target = _in_doubt(strength, covariance)
    expected = 0.0
    for i in range(3):
        for j in range(i):
            variance = covariance[i, i] + covariance[j, j]
            expected += np.exp(-((strength[i] - strength[j]) ** 2) / variance / 2) * variance
    assert np.trace(target @ covariance) == pytest.approx(expected)


def test_results_after_a_wait_alone_decide(hold, drawn):
    def run(seed):
        return hold(Adaptive(certainty=0.95), field(9), drawn(spread(9, 60.0), draws=0.3), seed=seed)[0]

    whole = run(None)
    assert all(run(seed) == whole for seed in range(3))


def test_an_unbeatable_agent_does_not_take_all_games(hold, outcomes):
    strength = dict.fromkeys(field(6).agents, 0.0) | {"agent02": 1.0}
    pairs, results = hold(Adaptive(encounters=10), field(6), lambda pair, n: outcomes["better"](pair, n, strength))
    assert sum("agent02" in pair.group for pair in pairs) < len(pairs) / 3
    assert Adaptive().verdict(field(6), results).order[0] == "agent02"


def test_nothing_played_says_nothing():
    verdict = Adaptive().verdict(field(3), Results())
    assert verdict.order == field(3).agents
    assert verdict.rows == ((0, None),) * 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encounters": 0}, "encounters of an adaptive tournament must be at least 1, not 0"),
        ({"width": 0.0}, "width of an adaptive tournament must be above 0 Elo, not 0.0"),
        ({"certainty": 0.5}, "certainty of an adaptive tournament must lie between 0.5 and 1, not 0.5"),
        ({"certainty": 1.0}, "certainty of an adaptive tournament must lie between 0.5 and 1, not 1.0"),
    ],
)
def test_wrong_input(options, message):
    with pytest.raises(InputError, match=message):
        Adaptive(**options)


def test_wrong_fields():
    with pytest.raises(InputError, match="an adaptive tournament needs at least two sides"):
        Adaptive().pairs(field(3, sides=1), Results())
