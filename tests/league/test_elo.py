import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import InputError
from league.elo import Elo, expected_score


def test_expected_scores():
    assert expected_score(0.0) == 0.5
    assert expected_score(400.0) == pytest.approx(10 / 11)
    assert expected_score(-400.0) == pytest.approx(1 / 11)


def test_the_weaker_one_wins():
    """1500 beats 1600 with 32 points a match: 1520.482080."""
    elo = Elo(step=32)
    elo.load_state_dict({"a": 1500.0, "b": 1600.0})
    elo.book(("a", "b"), (1.0, 0.0))
    assert elo.rating("a") == pytest.approx(1520.482080, abs=5e-7)
    assert elo.rating("b") == pytest.approx(1579.517920, abs=5e-7)


def test_many_sides_are_rated_at_once():
    elo = Elo(step=16)
    elo.book(("a", "b", "c"), (3.0, 1.0, 1.0))
    np.testing.assert_allclose(elo.ratings(("a", "b", "c")), [8.0, -4.0, -4.0])


def test_oneself_is_no_opponent():
    elo = Elo()
    elo.book(("a", "a"), (1.0, 0.0))
    assert elo.rating("a") == 0.0


def test_a_copy_begins_where_its_original_stands():
    elo = Elo()
    elo.book(("a", "b"), (1.0, 0.0))
    elo.enter("a-000", like="a")
    assert elo.rating("a-000") == elo.rating("a") == 8.0


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.permutations("abcd"), st.lists(st.integers(0, 2), min_size=4, max_size=4)), max_size=20))
def test_what_one_gains_others_lose_and_ratings_come_back(matches):
    elo = Elo()
    for agents, scores in matches:
        elo.book(agents, scores)
    everybody = ("a", "b", "c", "d")
    assert elo.ratings(everybody).sum() == pytest.approx(0.0, abs=1e-9)
    again = Elo()
    again.book(("x", "a"), (1.0, 0.0))
    again.load_state_dict(json.loads(json.dumps(elo.state_dict())))
    np.testing.assert_array_equal(again.ratings((*everybody, "x")), elo.ratings((*everybody, "x")))


def test_equal_strength_is_found():
    """Results drawn at a true difference of 200 points: the ratings come to stand about there."""
    elo, rng = Elo(step=4), np.random.default_rng(1)
    for won in rng.random(20_000) < expected_score(200.0):
        elo.book(("strong", "weak"), (float(won), float(not won)))
    assert elo.rating("strong") - elo.rating("weak") == pytest.approx(200, abs=40)


def test_many_agents_find_room():
    elo = Elo()
    names = tuple(f"a{k}" for k in range(300))
    assert not elo.ratings(names).any()
    elo.book((names[-1], names[0]), (1.0, 0.0))
    assert list(elo.ratings((names[0], names[1], names[-1]))) == [-8.0, 0.0, 8.0]


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan")])
def test_wrong_steps(step):
    with pytest.raises(InputError, match="elo step must be above 0"):
        Elo(step=step)
