from collections import Counter
from itertools import combinations, groupby, islice
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import InputError
from league.formats import Field, Pair, Results, RoundRobin
from league.formats.round_robin import berger


def agents(n):
    return tuple(f"agent{k}" for k in range(n))


def pairs_of(names, *, encounters=1, **field):
    return list(RoundRobin(encounters=encounters).pairs(Field(agents=tuple(names), **field), Results()))


def test_the_table_of_six_is_the_one_that_chess_uses():
    rounds = [
        [(1, 6), (2, 5), (3, 4)],
        [(6, 4), (5, 3), (1, 2)],
        [(2, 6), (3, 1), (4, 5)],
        [(6, 5), (1, 4), (2, 3)],
        [(3, 6), (4, 2), (5, 1)],
    ]
    expected = [(turn, first - 1, second - 1) for turn, games in enumerate(rounds) for first, second in games]
    assert list(berger(6)) == expected


@pytest.mark.parametrize("n", range(2, 41))
def test_berger_tables(n):
    table = list(berger(n))
    assert {frozenset(game[1:]) for game in table} == {frozenset(two) for two in combinations(range(n), 2)}
    assert len(table) == n * (n - 1) // 2
    rounds = [[players for _, *players in games] for _, games in groupby(table, key=lambda game: game[0])]
    assert len(rounds) == n - 1 + n % 2
    for games in rounds:
        assert len(games) == n // 2
        assert len({player for game in games for player in game}) == 2 * len(games)
    first, second = Counter(a for _, a, _ in table), Counter(b for _, _, b in table)
    assert all(abs(first[k] - second[k]) <= 1 for k in range(n))


@pytest.mark.parametrize("n", [2, 3, 4, 7, 12])
@pytest.mark.parametrize("encounters", [1, 2, 3])
@pytest.mark.parametrize("conditions", [1, 2])
def test_two_sides(n, encounters, conditions):
    pairs = pairs_of(agents(n), encounters=encounters, conditions=conditions, seed=5)
    turns = encounters * conditions
    assert Counter(frozenset(pair.group) for pair in pairs) == {
        frozenset(two): turns for two in combinations(agents(n), 2)
    }
    for _, games in groupby(pairs, key=lambda pair: pair.round):
        seats = [agent for pair in games for agent in pair.group]
        assert len(set(seats)) == len(seats)
    assert [pair.round for pair in pairs] == sorted(pair.round for pair in pairs)
    assert pairs[-1].round == turns * (n - 1 + n % 2) - 1


def test_first_seats_take_turns_over_encounters():
    pairs = pairs_of(agents(4), encounters=2)
    assert [pair.group for pair in pairs[:6]] == [pair.group[::-1] for pair in pairs[6:]]


@pytest.mark.parametrize(("n", "sides"), [(3, 3), (5, 3), (6, 4), (2, 5), (4, 1)])
def test_many_sides(n, sides):
    pairs = pairs_of(agents(n), encounters=2, sides=sides)
    size = min(n, sides)  # fewer agents than sides take turns around the table
    assert Counter(frozenset(pair.group) for pair in pairs) == {
        frozenset(group): 2 for group in combinations(agents(n), size)
    }
    assert len(pairs) == 2 * comb(n, size)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(9, 16), st.integers(4, 6), st.integers(1, 2), st.integers(0, 2**32))
def test_many_agents_at_a_large_table_meet_in_a_balanced_sample(n, sides, encounters, seed):
    if comb(n, sides) <= 20 * n:
        return
    pairs = pairs_of(agents(n), encounters=encounters, sides=sides, seed=seed)
    assert len(pairs) == encounters * 20 * n
    played = Counter(agent for pair in pairs for agent in pair.group)
    counts = [played[a] for a in agents(n)]
    assert max(counts) - min(counts) <= 1
    assert all(len(set(pair.group)) == sides for pair in pairs)
    met = Counter(frozenset(two) for pair in pairs for two in combinations(pair.group, 2))
    assert len(met) == comb(n, 2)
    assert max(met.values()) <= 1.5 * min(met.values())


def test_a_sample_cut_short_is_balanced_and_the_seed_mixes_it():
    def first(seed):
        return list(islice(RoundRobin().pairs(Field(agents=agents(12), sides=5, seed=seed), Results()), 31))

    played = Counter(agent for pair in first(1) for agent in pair.group)
    assert max(played.values()) - min(played.values()) <= 1
    assert first(1) == first(1)
    assert first(1) != first(2)


def test_no_end_but_that_of_the_budget():
    endless = RoundRobin(encounters=None).pairs(Field(agents=agents(5)), Results())
    assert list(islice(endless, 50)) == pairs_of(agents(5), encounters=5)


def test_the_ratings_say_it_all():
    assert RoundRobin().verdict(Field(agents=agents(3)), Results()) is None


@pytest.mark.parametrize("encounters", [0, -3])
def test_wrong_input(encounters):
    with pytest.raises(InputError, match=f"encounters of a round robin must be at least 1, not {encounters}"):
        RoundRobin(encounters=encounters)


def test_pairs_are_told_as_data():
    assert pairs_of(("x", "y", "z")) == [Pair(0, ("y", "z")), Pair(1, ("x", "y")), Pair(2, ("z", "x"))]
