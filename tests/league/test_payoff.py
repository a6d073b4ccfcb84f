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
@given(games, games, st.sampled_from([{}, {"decay": 0.9}, {"window": 3}]))
def test_a_table_goes_on_from_its_state(before, after, options):
    table = PayoffTable(**options)
    for game in before:
        table.update(*game)
    again = PayoffTable(**options)
    again.update("a", "z", 1.0)
    again.load_state_dict(json.loads(json.dumps(table.state_dict())))
    assert again.rate("a", "z") == 0.5
    for game in after:
        table.update(*game)
        again.update(*game)
    assert again.state_dict() == table.state_dict()
    assert all(again.rate(a, b) == table.rate(a, b) for a in "abc" for b in "abc")


class Plain:
    """All games of all pairs, in order: rates by counting them again at every question."""

    def __init__(self, decay=1.0, window=None, minimum=0.0):
        self.decay, self.window, self.minimum, self.games = decay, window, minimum, []

    def rate(self, a, b):
        scores = [x if home == a else 1 - x for home, away, x in self.games if {home, away} == {a, b}]
        if self.window:
            scores = scores[-self.window :]
        weights = self.decay ** np.arange(len(scores))[::-1]
        if a == b or not scores or weights.sum() < self.minimum:
            return 0.5
        return float(np.dot(weights, scores) / weights.sum())


@settings(deadline=None, derandomize=True)
@given(
    games,
    st.sampled_from([{}, {"decay": 0.9}, {"window": 1}, {"window": 3}]),
    st.sampled_from([0.0, 1.0, 2.5]),
    st.integers(0, 20),
)
def test_rows_of_rates_keep_up_with_what_is_booked(rows, options, minimum, when):
    """Asked before, between and after bookings, and after a restart, a row is what a plain count gives."""
    table, plain = PayoffTable(**options, minimum=minimum), Plain(**options, minimum=minimum)
    others = ("b", "new", "c", "a")
    for k, (home, away, outcome) in enumerate(rows):
        if k >= when:
            table.rates("a", others)
            table.rates("new", ("a", f"new-{k}"))
        table.update(home, away, outcome)
        plain.games.append((home, away, outcome))
        if k % 7 == 6:
            again = PayoffTable(**options, minimum=minimum)
            again.load_state_dict(json.loads(json.dumps(table.state_dict())))
            table = again
        if k % 5 == 4:
            home, away, outcome = "new", "a", 1.0
            table.update(home, away, outcome)
            plain.games.append((home, away, outcome))
    for a in others:
        np.testing.assert_allclose(table.rates(a, others), [plain.rate(a, b) for b in others], atol=1e-12)
        np.testing.assert_array_equal(table.rates(a, others), [table.rate(a, b) for b in others])


def test_a_window_counts_the_last_games_over_both_seat_orders():
    table = PayoffTable(window=2)
    table.update("a", "b", 1.0, (5.0, -5.0))
    table.update("b", "a", 1.0, (1.0, -1.0))
    table.update("a", "c", 0.0)
    table.update("a", "b", 0.5)
    assert table.tally("a", "b") == Tally(draws=1)
    assert table.tally("b", "a") == Tally(wins=1, home_return=1.0, away_return=-1.0)
    assert table.rate("a", "b") == 0.25
    assert table.games("a", "c") == 1


def test_too_few_games_say_nothing():
    table = PayoffTable(minimum=3)
    for k in range(4):
        assert table.rate("a", "b") == (1.0 if k >= 3 else 0.5)
        assert table.rates("b", ("a",))[0] == (0.0 if k >= 3 else 0.5)
        table.update("a", "b", 1.0)


def test_who_is_reset_is_unknown_again():
    for options in ({}, {"window": 5}):
        table = PayoffTable(**options)
        for pair in (("a", "b"), ("c", "a"), ("b", "c")):
            table.update(*pair, 1.0)
        assert list(table.rates("b", ("a", "c"))) == [0.0, 1.0]
        table.forget("a")
        assert table.rate("a", "b") == table.rate("a", "c") == 0.5
        assert list(table.rates("b", ("a", "c"))) == [0.5, 1.0]
        table.update("a", "b", 1.0)
        assert table.tally("a", "b") == Tally(wins=1)


class TestLeastKnown:
    def test_the_fewest_games_come_first_and_running_ones_count(self):
        table = PayoffTable()
        pairs = [("a", "b"), ("a", "c"), ("b", "c")]
        assert table.least_known(pairs) == pairs
        table.update("b", "a", 1.0)
        assert table.least_known(pairs) == [("a", "c"), ("b", "c"), ("a", "b")]
        table.start(("c", "a"))
        table.start(("c", "a"))
        assert table.least_known(pairs) == [("b", "c"), ("a", "b"), ("a", "c")]
        table.finish(("c", "a"))
        assert table.least_known(pairs)[0] == ("b", "c")
        table.finish(("c", "a"))
        assert table.least_known(pairs) == [("a", "c"), ("b", "c"), ("a", "b")]

    def test_idle_workers_get_different_pairs(self):
        table = PayoffTable()
        pairs = [(a, b) for a in "abcd" for b in "abcd" if a < b]
        given = []
        for _ in range(2 * len(pairs)):
            given.append(table.least_known(pairs)[0])
            table.start(given[-1])
        assert sorted(given[: len(pairs)]) == sorted(given[len(pairs) :]) == pairs

    def test_matches_of_many_sides_run_for_every_two(self):
        table = PayoffTable()
        table.start(("a", "b", "c"))
        assert table.least_known([("a", "b"), ("a", "d")])[0] == ("a", "d")
        assert json.loads(json.dumps(table.state_dict()))["running"] == [["a", "b", 1], ["a", "c", 1], ["b", "c", 1]]
        again = PayoffTable()
        again.load_state_dict(json.loads(json.dumps(table.state_dict())))
        again.finish(("a", "b", "c"))
        assert again.state_dict()["running"] == []

    def test_what_never_began_cannot_end(self):
        table = PayoffTable()
        table.start(("a", "b"))
        with pytest.raises(ValueError, match="no match of b, a has been started"):
            table.finish(("b", "a"))


def test_only_line_ups_of_frozen_agents_are_kept_whole():
    table = PayoffTable()
    table.book(("a", "b"), (1.0, 0.0))
    assert list(table.joint) == []
    table.book(("a", "b", "c"), (1.0, 3.0, 1.0), (10.0, 30.0, 11.0), frozen=True)
    table.book(("a", "b", "c"), (0.0, 2.0, 3.0), (0.0, 10.0, 31.0), frozen=True)
    assert table.joint.result(("a", "b", "c")) == (2, (5.0, 20.0, 21.0), (0.125, 0.75, 0.625))
    assert table.games("a", "b") == 3


def test_matches_of_two_move_elo():
    table = PayoffTable()
    table.book(("a", "b"), (1.0, 0.0))
    assert table.elo.rating("a") == -table.elo.rating("b") == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 0}, "window must be at least 1 game, not 0"),
        ({"window": 5, "decay": 0.9}, r"a decay \(0\.9\) or a window \(5\), not both"),
        ({"minimum": -1}, "minimum must be 0 games or more, not -1"),
        ({"minimum": float("nan")}, "minimum must be 0 games or more"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        PayoffTable(**options)


@pytest.mark.parametrize("decay", [0.0, -0.1, 1.01, float("nan")])
def test_wrong_decay(decay):
    with pytest.raises(InputError, match="decay must be above 0 and at most 1"):
        PayoffTable(decay=decay)
