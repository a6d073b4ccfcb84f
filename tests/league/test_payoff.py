import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import InputError
from league.payoff import PayoffTable, Tally

agents = st.sampled_from(["a", "b", "c"])
games = st.lists(st.tuples(agents, agents, st.sampled_from([0.0, 0.5, 1.0])), max_size=50)


def test_seat_orders_are_kept_apart():
    table = PayoffTable()
    table.update("a", "b", 1.0, (3.0, -3.0))
    table.update("a", "b", 0.5, (1.0, 0.5))
    table.update("b", "a", 1.0)
    assert table.tally("a", "b") == Tally(1, 1, 0, home_return=4.0, away_return=-2.5)
    assert table.tally("b", "a") == Tally(1, 0, 0)
    assert table.games("a", "b") == table.games("b", "a") == 3


def test_rate_is_over_both_seat_orders():
    table = PayoffTable()
    table.update("a", "b", 1.0)
    table.update("b", "a", 0.5)
    table.update("b", "a", 0.0)
    assert table.rate("a", "b") == pytest.approx(2.5 / 3)
    assert table.rate("b", "a") == pytest.approx(0.5 / 3)


def test_what_is_unknown_is_even():
    table = PayoffTable()
    table.update("a", "b", 1.0)
    assert table.rate("a", "x") == table.rate("x", "a") == table.rate("x", "y") == 0.5
    assert table.tally("a", "x").games == table.games("a", "x") == 0
    np.testing.assert_array_equal(table.rates("a", ["b", "x"]), [1.0, 0.5])
    np.testing.assert_array_equal(table.rates("x", ["a", "b"]), [0.5, 0.5])


def test_games_against_oneself_show_only_the_worth_of_a_seat():
    table = PayoffTable()
    table.update("a", "a", 1.0)
    assert table.rate("a", "a") == 0.5
    assert table.tally("a", "a") == Tally(wins=1)
    assert table.games("a", "a") == 1


def test_a_match_of_many_sides_is_a_game_of_every_two():
    table = PayoffTable()
    table.book(("a", "b", "c"), (1.0, 3.0, 1.0), (10.0, 30.0, 11.0))
    assert table.tally("a", "b") == Tally(losses=1, home_return=10.0, away_return=30.0)
    assert table.tally("a", "c") == Tally(draws=1, home_return=10.0, away_return=11.0)
    assert table.tally("b", "c") == Tally(wins=1, home_return=30.0, away_return=11.0)
    assert len(table.state_dict()["rows"]) == 3


def test_decay_forgets_a_pair_when_it_plays_again():
    table = PayoffTable(decay=0.5)
    table.update("a", "b", 1.0, (2.0, 1.0))
    table.update("a", "c", 1.0)
    table.update("b", "a", 1.0)
    table.update("b", "a", 0.0)
    assert table.tally("a", "b") == Tally(wins=0.25, home_return=0.5, away_return=0.25)
    assert table.tally("b", "a") == Tally(wins=0.5, losses=1.0)
    assert table.tally("a", "c") == Tally(wins=1.0)
    assert table.rate("a", "b") == pytest.approx(1.25 / 1.75)
    table.update("a", "a", 1.0)
    table.update("a", "a", 0.5)
    assert table.tally("a", "a") == Tally(wins=0.5, draws=1.0)


def test_memory_is_as_long_as_decay_says():
    table = PayoffTable(decay=0.99)
    for _ in range(2000):
        table.update("a", "b", 1.0)
    assert table.games("a", "b") == pytest.approx(100, rel=1e-6)


@settings(deadline=None, derandomize=True)
@given(games, st.sampled_from([1.0, 0.9]))
def test_rates_are_those_of_a_plain_count(rows, decay):
    table = PayoffTable(decay=decay)
    for home, away, outcome in rows:
        table.update(home, away, outcome)
    for a in "abc":
        for b in "abc":
            points = total = 0.0
            for home, away, outcome in rows:
                if {home, away} == {a, b}:
                    points, total = points * decay, total * decay
                    points += outcome if home == a else 1 - outcome
                    total += 1
            expected = 0.5 if a == b or not total else points / total
            assert table.rate(a, b) == pytest.approx(expected)
            assert table.games(a, b) == pytest.approx(total)


@settings(deadline=None, derandomize=True)
@given(games, games, st.sampled_from([1.0, 0.9]))
def test_a_table_goes_on_from_its_state(before, after, decay):
    table = PayoffTable(decay=decay)
    for game in before:
        table.update(*game)
    again = PayoffTable(decay=decay)
    again.update("a", "z", 1.0)
    again.load_state_dict(json.loads(json.dumps(table.state_dict())))
    assert again.rate("a", "z") == 0.5
    for game in after:
        table.update(*game)
        again.update(*game)
    assert again.state_dict() == table.state_dict()
    assert all(again.rate(a, b) == table.rate(a, b) for a in "abc" for b in "abc")


@pytest.mark.parametrize("decay", [0.0, -0.1, 1.01, float("nan")])
def test_wrong_decay(decay):
    with pytest.raises(InputError, match="decay must be above 0 and at most 1"):
        PayoffTable(decay=decay)
