from collections import Counter, defaultdict
from fractions import Fraction
from itertools import groupby
from math import ceil, log2

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import InputError
from league.formats import Field, Pair, Played, Results, Swiss
from league.formats.swiss import Rank, matching, rematch, weights


def field(n, **options):
    return Field(agents=tuple(f"agent{k:03d}" for k in range(n)), **options)


def rounds_of(pairs):
    return [list(group) for _, group in groupby(pairs, key=lambda pair: pair.round)]


def matchings(players):
    """All ways to put players (an even number) in twos."""
    if not players:
        yield []
        return
    first, *rest = players
    for k, partner in enumerate(rest):
        for others in matchings(rest[:k] + rest[k + 1 :]):
            yield [(first, partner), *others]


def cost(two, ranks, met):
    """Rematches, squared differences of points, distance from the fold: what `weights` adds up, kept apart."""
    i, j = two
    group = [k for k, rank in enumerate(ranks) if rank.quarters == ranks[i].quarters]
    fold = abs(j - i - len(group) // 2) if j in group else j - i
    difference = ranks[i].quarters - ranks[j].quarters
    return (met.get(frozenset((ranks[i].agent, ranks[j].agent)), 0), difference**2, fold)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_the_matching_is_the_best_of_all(data):
    n = data.draw(st.sampled_from([2, 4, 6, 8]))
    points = sorted(data.draw(st.lists(st.integers(0, 12), min_size=n, max_size=n)), reverse=True)
    ranks = [Rank(f"a{k}", quarters) for k, quarters in enumerate(points)]
    met = {frozenset((f"a{i}", f"a{j}")): data.draw(st.integers(0, 2), label="met") for i in range(n) for j in range(i)}
    weight = weights(ranks, met, "key")
    found = matching(n, weight, dear=rematch(ranks))
    every = list(matchings(list(range(n))))
    assert found == min(every, key=lambda twos: sum(weight[two] for two in twos))
    tiers = {tuple(twos): tuple(map(sum, zip(*(cost(two, ranks, met) for two in twos), strict=True))) for twos in every}
    assert tiers[tuple(found)] == min(tiers.values())  # and so, count by count


def test_ties_are_broken_by_the_key_alone():
    ranks = [Rank(f"a{k}", 0) for k in range(8)]
    met = {frozenset((f"a{k}", f"a{k + 4}")): 1 for k in range(4)}
    seen = {tuple(matching(8, weights(ranks, met, key), dear=rematch(ranks))) for key in range(30)}
    assert len(seen) > 1


def test_fewer_opponents_are_looked_at_only_among_many():
    """The sum is near the least, and a rematch is taken only where it must be."""
    n = 80
    ranks = [Rank(f"a{k:02d}", 12 - k // 7) for k in range(n)]
    met = {frozenset((ranks[i].agent, ranks[j].agent)): 1 for j in range(n) for i in range(j) if (i * j) % 5 == 1}
    weight = weights(ranks, met, 0)
    found = matching(n, weight, dear=rematch(ranks))
    graph = networkx.Graph()
    graph.add_weighted_edges_from((i, j, w) for (i, j), w in weight.items())
    best = sum(weight[min(two), max(two)] for two in networkx.min_weight_matching(graph))
    assert sorted(k for two in found for k in two) == list(range(n))
    assert best <= sum(weight[two] for two in found) < 1.05 * best
    # all of the 40 best have met each other and the other 39 of the rest: the first must look far down
    hub = {frozenset((ranks[0].agent, ranks[j].agent)): 1 for j in range(1, n - 1)}
    found = matching(n, weights(ranks, hub, 0), dear=rematch(ranks))
    assert (0, n - 1) in found


@pytest.mark.parametrize("n", range(2, 41))
@pytest.mark.parametrize("each", [1, 2])
def test_every_size(n, each, hold, outcomes):
    strength = {agent: -60.0 * k for k, agent in enumerate(field(n).agents)}
    form = Swiss(pairs_per_round=each, rounds=min(9, n - 1) if each == 1 else None)
    pairs, results = hold(
        form, field(n, seed=n), lambda pair, number: outcomes["draw"](pair, number, strength, 0.3), seed=n
    )
    rounds = rounds_of(pairs)
    assert len(rounds) == (min(9, n - 1) if each == 1 else ceil(log2(n)))
    met, rests, began = set(), Counter(), Counter()
    for games in rounds:
        groups = Counter(frozenset(pair.group) for pair in games)
        assert set(groups.values()) == {each}
        agents = {agent for group in groups for agent in group}
        assert len(agents) == 2 * len(groups) == n - n % 2  # everybody once, but one when the number is odd
        rests.update(set(field(n).agents) - agents)
        if met & groups.keys():  # a rematch: there must have been no way around it
            fresh = networkx.Graph()
            fresh.add_nodes_from(agents)
            fresh.add_edges_from((a, b) for a in agents for b in agents if a < b and frozenset((a, b)) not in met)
            free = len(networkx.max_weight_matching(fresh, maxcardinality=True))
            assert len(met & groups.keys()) == len(groups) - free
        met |= groups.keys()
        began.update(pair.group[0] for pair in games)
        began.subtract(pair.group[1] for pair in games)
    assert max(rests.values(), default=0) <= 1
    assert all(abs(began[agent]) <= 3 for agent in field(n).agents)  # games have both orders
    verdict = form.verdict(field(n), results)
    assert sorted(verdict.order) == sorted(field(n).agents)
    assert sum(row[0] for row in verdict.rows) == pytest.approx(
        len(rounds) * ((n + n % 2) // 2) - sum(rests.values()) * 0
    )
    assert verdict.rows == slow_table(n, each, results, verdict.order)


def slow_table(n, each, results, order):
    """Points, Buchholz, Sonneborn-Berger and rests by their definitions, in fractions."""
    points, rests = defaultdict(Fraction), Counter()
    shares = defaultdict(lambda: defaultdict(list))
    for _, played in groupby(results, key=lambda played: played.pair.round):
        games = list(played)
        there = set()
        for played in games:
            for agent, share in zip(played.pair.group, played.points, strict=True):
                (other,) = set(played.pair.group) - {agent}
                shares[agent][other].append(Fraction(share))
                points[agent] += Fraction(share) / each
                there.add(agent)
        for agent in set(field(n).agents) - there:
            rests[agent] += 1
            points[agent] += 1
    rows = []
    for agent in order:
        buchholz = sum(points[b] * len(x) / each for b, x in shares[agent].items()) + rests[agent] * points[agent]
        berger = sum(points[b] * sum(x) / each for b, x in shares[agent].items()) + rests[agent] * points[agent]
        rows.append((*(round(float(x), 3) for x in (points[agent], buchholz, berger)), rests[agent]))
    return tuple(rows)


@pytest.mark.parametrize("n", range(2, 41))
def test_the_strongest_of_transitive_agents_wins(n, hold, outcomes):
    """Whatever place it has in the field."""
    for best in (0, n // 2, n - 1):
        strength = {agent: (k - best) % n * -1.0 for k, agent in enumerate(field(n).agents)}
        _, results = hold(Swiss(), field(n), lambda pair, number, s=strength: outcomes["better"](pair, number, s))
        verdict = Swiss().verdict(field(n), results)
        assert verdict.order[0] == f"agent{best:03d}"
        assert verdict.rows[0][0] == ceil(log2(n))
        if n % 2 == 0:  # else a rest may be as good as the win that is missing
            assert all(row[0] < ceil(log2(n)) for row in verdict.rows[1:])


def test_the_first_round_folds_the_field():
    first = []
    for pair in Swiss().pairs(field(8), Results()):
        if pair is None:
            break
        first.append(frozenset(pair.group))
    assert set(first) == {frozenset((f"agent{k:03d}", f"agent{k + 4:03d}")) for k in range(4)}


def test_results_after_a_wait_alone_decide(hold, outcomes):
    strength = {agent: -25.0 * k for k, agent in enumerate(field(17).agents)}

    def run(seed):
        return hold(Swiss(), field(17), lambda pair, number: outcomes["draw"](pair, number, strength), seed=seed)[0]

    whole = run(None)
    assert all(run(seed) == whole for seed in range(5))


def test_more_rounds_than_opponents_repeat_everybody_equally(hold, outcomes):
    strength = {agent: -25.0 * k for k, agent in enumerate(field(4).agents)}
    pairs, _ = hold(Swiss(rounds=9), field(4), lambda pair, number: outcomes["draw"](pair, number, strength))
    assert set(Counter(frozenset(pair.group) for pair in pairs).values()) == {3}


def table_of(*results):
    """Results of (round, first, second, points of the first in its two games)."""
    scores = {0: (-1.0, -1.0), 1: (-1.0, 0.0), 2: (0.0, 0.0), 3: (1.0, 0.0), 4: (1.0, 1.0)}
    found = Results()
    for number, (turn, first, second, half) in enumerate(results):
        games = tuple((score, -score) for score in scores[half])
        found.played[number] = Played(Pair(turn, (first, second)), games, (0, 0))
    return found


def test_ties_are_broken_by_buchholz_then_berger_then_each_other_then_the_field():
    names = Field(agents=("a", "b", "c", "d", "e"))
    verdict = Swiss().verdict(names, table_of((0, "a", "c", 4), (0, "d", "b", 0), (1, "a", "b", 2), (1, "e", "c", 1)))
    # points: a 1.5; b 1 + 0.5; c 0 + 0.75; d 0 and a rest; e a rest and 0.25
    # Buchholz: a 0.75 + 1.5; b 1 + 1.5; c 1.5 + 1.25; d 1.5 + 1 (rest); e 1.25 (rest) + 0.75
    assert verdict.order == ("b", "a", "e", "d", "c")
    assert verdict.rows == (
        (1.5, 2.5, 1.75, 0),
        (1.5, 2.25, 1.5, 0),
        (1.25, 2.0, 1.438, 1),
        (1.0, 2.5, 1.0, 1),
        (0.75, 2.75, 0.938, 0),
    )
    assert verdict.sentences == (
        "b is first with 1.5 points after 2 complete rounds, level with a and before them by Buchholz or what comes after it.",
    )
    # in a circle all are level, and the field decides; with one more win, what they did against each other
    circle = [(0, "x", "y", 4), (1, "y", "z", 4), (2, "z", "x", 4)]
    assert Swiss().verdict(Field(agents=("z", "y", "x")), table_of(*circle)).order == ("z", "y", "x")


def test_a_round_that_is_cut_gives_no_rests(hold, outcomes):
    strength = dict.fromkeys(field(7).agents, 0.0)
    pairs, results = hold(Swiss(), field(7), lambda pair, number: outcomes["draw"](pair, number, strength), limit=5)
    assert len(pairs) == 5
    verdict = Swiss().verdict(field(7), results)
    assert sum(row[3] for row in verdict.rows) == 1
    assert verdict.sentences[1].startswith("Points of a round that is not complete are counted")


def test_nothing_played_says_nothing():
    verdict = Swiss().verdict(field(3), Results())
    assert verdict.order == field(3).agents
    assert verdict.sentences == ()


def test_wrong_input():
    with pytest.raises(InputError, match="rounds of a Swiss tournament must be at least 1, not 0"):
        Swiss(rounds=0)
    with pytest.raises(InputError, match="pairs_per_round of a Swiss tournament must be at least 1, not 0"):
        Swiss(pairs_per_round=0)
    with pytest.raises(InputError, match="a Swiss tournament needs at least two sides"):
        Swiss().pairs(field(3, sides=1), Results())
