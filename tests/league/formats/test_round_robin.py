from collections import Counter
from itertools import combinations, groupby
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import InputError
from league.matchmakers import schedule
from league.matchmakers.round_robin import berger


def agents(n):
    return [f"agent{k}" for k in range(n)]


def pairs_of(games):
    """The games of each pair, in order."""
    return [list(group) for _, group in groupby(games, key=lambda g: g.pair)]


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
def test_two_sides(n, encounters):
    games = list(schedule(agents(n), encounters=encounters, seed=5))
    pairs = pairs_of(games)
    met = Counter(frozenset(pair[0].seats) for pair in pairs)
    assert met == {frozenset(two): encounters for two in combinations(agents(n), 2)}
    for number, pair in enumerate(pairs):
        assert [g.game for g in pair] == [0, 1]
        assert pair[0].seats == pair[1].seats[::-1]
        assert pair[0].seed == pair[1].seed
        assert pair[0].pair == pair[1].pair == number
    assert len({pair[0].seed for pair in pairs}) == len(pairs)
    for _, games_of_round in groupby(pairs, key=lambda pair: pair[0].round):
        seats = [agent for pair in games_of_round for agent in pair[0].seats]
        assert len(set(seats)) == len(seats)
    assert games[-1].round == encounters * (n - 1 + n % 2) - 1


def test_first_seats_take_turns_over_encounters():
    pairs = pairs_of(schedule(agents(4), encounters=2))
    one, two = pairs[:6], pairs[6:]
    assert [pair[0].seats for pair in one] == [pair[0].seats[::-1] for pair in two]


@pytest.mark.parametrize(("n", "seats"), [(3, 3), (5, 3), (6, 4), (4, 1)])
def test_many_sides_rotate(n, seats):
    pairs = pairs_of(schedule(agents(n), encounters=2, seats=seats))
    met = Counter(frozenset(pair[0].seats) for pair in pairs)
    assert met == {frozenset(group): 2 for group in combinations(agents(n), seats)}
    assert len({pair[0].seed for pair in pairs}) == len(pairs) == 2 * comb(n, seats)
    for pair in pairs:
        assert len({g.seed for g in pair}) == 1
        assert [g.game for g in pair] == list(range(seats))
        for seat in range(seats):
            assert {g.seats[seat] for g in pair} == set(pair[0].seats)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(2, 12), st.integers(2, 5), st.integers(1, 40), st.integers(1, 3), st.integers(0, 2**32))
def test_a_sample_is_balanced(n, seats, maximum, encounters, seed):
    if n < seats:
        return
    pairs = pairs_of(schedule(agents(n), encounters=encounters, seats=seats, maximum=maximum, seed=seed))
    assert len(pairs) == encounters * min(maximum, comb(n, seats))
    played = Counter(agent for pair in pairs for agent in pair[0].seats)
    counts = [played[a] for a in agents(n)]
    assert max(counts) - min(counts) <= 1
    assert all(len(set(pair[0].seats)) == seats for pair in pairs)
    assert len({pair[0].seed for pair in pairs}) == len(pairs)


def test_a_sample_spreads_meetings():
    """24 groups of 3 of 9: each of the 36 twosomes can meet twice; a blind sample would leave some out."""
    pairs = pairs_of(schedule(agents(9), seats=3, maximum=24))
    met = Counter(frozenset(two) for pair in pairs for two in combinations(pair[0].seats, 2))
    assert len(met) == 36
    assert max(met.values()) <= 4


@pytest.mark.parametrize(("seats", "maximum"), [(2, None), (3, None), (3, 5)])
def test_the_seed_of_a_pair_depends_on_its_agents_alone(seats, maximum):
    def seeds(names, **options):
        seen = Counter()
        found = {}
        for pair in pairs_of(schedule(names, encounters=2, seats=seats, **options)):
            group = frozenset(pair[0].seats)
            found[group, seen[group]] = pair[0].seed
            seen[group] += 1
        return found

    whole = seeds(agents(6))
    fewer = seeds(["agent4", "agent0", "agent3", "agent1"], maximum=maximum)
    assert fewer.items() <= whole.items()
    assert seeds(agents(6), seed=1).keys() == whole.keys()
    assert not seeds(agents(6), seed=1).items() & whole.items()


def test_seeds_are_the_same_on_every_machine():
    assert [g.seed for g in schedule(["a", "b"], seed=7)] == [8952256366199905348] * 2


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["a", "b", "a"], {}, "agent 'a' takes part twice"),
        (["a"], {}, "over 2 seats needs at least 2 agents, not 1"),
        (["a", "b"], {"seats": 3}, "over 3 seats needs at least 3 agents, not 2"),
        (["a", "b"], {"encounters": 0}, "encounters of a round robin must be at least 1, not 0"),
        (["a", "b"], {"seats": 0}, "seats of a round robin must be at least 1"),
        (["a", "b"], {"maximum": 0}, "maximum of a round robin must be at least 1"),
    ],
)
def test_wrong_input(names, options, message):
    with pytest.raises(InputError, match=message):
        schedule(names, **options)
