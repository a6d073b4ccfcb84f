from collections import Counter
from itertools import groupby, islice

import pytest
from scipy.stats import kendalltau

from games import InputError
from league.formats import Field, Ladder, Pair, Played, Results


def field(n, **options):
    return Field(agents=tuple(f"agent{k:02d}" for k in range(n)), **options)


@pytest.mark.parametrize("sides", [2, 3, 4, 8])
@pytest.mark.parametrize("n", [2, 3, 5, 8, 12, 17])
def test_groups_are_full_and_everybody_plays_equally_often(n, sides, hold, outcomes):
    strength = {agent: 50.0 * k for k, agent in enumerate(field(n).agents)}
    form = Ladder(rounds=9, pairs_per_round=2)
    pairs, results = hold(
        form, field(n, sides=sides), lambda pair, number: outcomes["draw"](pair, number, strength), seed=n
    )
    rounds = Counter()
    size = min(n, sides)
    for _, games in groupby(pairs, key=lambda pair: pair.round):
        groups = Counter(frozenset(pair.group) for pair in games)
        assert set(groups.values()) == {2}
        assert all(len(group) == size for group in groups)
        agents = [agent for group in groups for agent in group]
        assert len(set(agents)) == len(agents) == n // size * size
        rounds.update(agents)
        assert max(rounds.values()) - min(rounds[agent] for agent in field(n).agents) <= 1
    assert pairs[-1].round == 8
    verdict = form.verdict(field(n), results)
    assert dict(zip(verdict.order, (row[1] for row in verdict.rows), strict=True)) == rounds
    assert list(verdict.rows) == sorted(verdict.rows, key=lambda row: -row[0])


def test_agents_meet_others_of_their_strength_and_come_out_in_order(hold, outcomes):
    strength = {agent: 100.0 * k for k, agent in enumerate(field(16).agents)}
    form = Ladder(rounds=60)
    pairs, results = hold(
        form, field(16, sides=4), lambda pair, number: outcomes["draw"](pair, number, strength), seed=1
    )
    spread = [max(strength[a] for a in pair.group) - min(strength[a] for a in pair.group) for pair in pairs]
    early, late = spread[:40], spread[-80:]
    assert sum(late) / len(late) < 0.75 * sum(early) / len(early)
    assert len({frozenset(pair.group) for pair in pairs[-80:]}) > 30  # and neighbours change
    order = form.verdict(field(16), results).order
    assert kendalltau(range(16), [field(16).agents.index(a) for a in reversed(order)]).statistic > 0.7


def test_the_ratings_are_those_of_elo():
    results = Results({0: Played(Pair(0, ("a", "b", "c")), ((3.0, 1.0, 1.0),) * 3, (0, 0, 0))})
    verdict = Ladder().verdict(Field(agents=("c", "b", "a")), results)
    # a won all that it expected half of: 64 / 2; b and c drew with each other and lost to a
    assert verdict.order == ("a", "c", "b")
    assert verdict.rows == ((32, 1), (-16, 1), (-16, 1))
    results.played[1] = Played(Pair(1, ("a", "b", "c")), ((1.0, 1.0, 1.0),) * 3, (0, 0, 0))
    expected = 1 / (1 + 10 ** (-48 / 400))  # of a against both
    assert Ladder().verdict(Field(agents=("c", "b", "a")), results).rows[0] == (round(32 - 64 * (expected - 0.5)), 2)


def test_results_after_a_wait_alone_decide(hold, outcomes):
    strength = {agent: -25.0 * k for k, agent in enumerate(field(11).agents)}

    def run(seed):
        outcome = outcomes["draw"]
        return hold(Ladder(rounds=8), field(11, sides=3), lambda pair, n: outcome(pair, n, strength), seed=seed)[0]

    whole = run(None)
    assert all(run(seed) == whole for seed in range(5))


def test_the_seed_of_the_field_mixes_the_first_groups():
    def first(seed):
        return list(islice(Ladder().pairs(field(8, sides=4, seed=seed), Results()), 2))

    assert first(1) == first(1)
    assert len({tuple(first(seed)) for seed in range(8)}) == 8


def test_nothing_played_leaves_the_field_as_it_is():
    verdict = Ladder().verdict(field(3), Results())
    assert verdict.order == field(3).agents
    assert verdict.rows == ((0, 0),) * 3


def test_no_end_but_that_of_the_budget(hold, outcomes):
    strength = dict.fromkeys(field(4).agents, 0.0)
    pairs, _ = hold(Ladder(rounds=None), field(4), lambda p, n: outcomes["draw"](p, n, strength), limit=301)
    assert len(pairs) == 301


def test_wrong_input():
    with pytest.raises(InputError, match="rounds of a ladder must be at least 1, not 0"):
        Ladder(rounds=0)
    with pytest.raises(InputError, match="pairs_per_round of a ladder must be at least 1, not 0"):
        Ladder(pairs_per_round=0)
    with pytest.raises(InputError, match="a ladder needs at least two sides"):
        Ladder().pairs(field(3, sides=1), Results())
