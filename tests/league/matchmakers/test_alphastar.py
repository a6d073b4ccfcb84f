from collections import Counter

import numpy as np
import pytest

from games import InputError
from league.matchmakers import AlphaStar, Pool
from league.matchmakers.alphastar import still_hard
from league.payoff import PayoffTable

ROLES = {"main": "main", "rival": "main", "hunter": "main_exploiter", "finder": "league_exploiter"}
SNAPSHOTS = {"main-0": "main", "rival-0": "rival", "hunter-0": "hunter", "main-1": "main", "main-2": "main"}
N = 40_000


def pool(rates, learners=ROLES, snapshots=SNAPSHOTS):
    """A pool in which (agent, other) has this rate, in tenths; pairs that are not named have one half."""
    table = PayoffTable()
    for (agent, other), tenths in rates.items():
        for game in range(10):
            table.update(agent, other, float(game < tenths))
    return Pool(dict(learners), dict(snapshots), (), table)


def chosen(learner, there, *, seats=1, **options):
    choices = AlphaStar(epsilon=0.0, **options).opponents(learner, seats, there, np.random.default_rng(1), matches=N)
    assert all(len(choice.opponents) == seats for choice in choices)
    return choices


def shares(choices):
    return {why: count / N for why, count in Counter(choice.why for choice in choices).items()}


def names(choices, why):
    return Counter(choice.opponents[0] for choice in choices if choice.why == why)


def near(share):
    return pytest.approx(share, abs=4 * np.sqrt(0.25 / N))


def test_a_main_that_has_forgotten_nothing():
    """Rates fall from version to version, so nothing was forgotten; nobody exploits it."""
    rates = {("main", f"main-{k}"): 9 - k for k in range(3)} | {("main", "hunter-0"): 5}
    found = chosen("main", pool(rates))
    assert shares(found) == {
        "pfsp squared over the history": near(0.5),
        "self-play": near(0.25),
        "plays rival": near(0.25),
    }
    assert all(choice.shared for choice in found)
    weights = {"main-0": 0.01, "main-1": 0.04, "main-2": 0.09, "rival-0": 0.25, "hunter-0": 0.25}
    met = names(found, "pfsp squared over the history")
    for name, weight in weights.items():
        assert met[name] / met.total() == pytest.approx(weight / sum(weights.values()), abs=0.02)


def test_a_main_that_is_exploited():
    found = chosen("main", pool({("main", "hunter-0"): 2}))
    assert shares(found)["verification: exploited"] == near(0.15)
    assert set(names(found, "verification: exploited")) == {"hunter-0"}
    assert "verification: exploited" not in shares(chosen("main", pool({("main", "hunter-0"): 3})))


def test_a_main_that_has_forgotten_how_to_beat_itself():
    rates = {("main", "main-0"): 6, ("main", "main-1"): 8, ("main", "main-2"): 5}
    found = chosen("main", pool(rates))
    assert shares(found)["verification: forgot how to beat main"] == near(0.075), "when itself is drawn, not its rival"
    assert set(names(found, "verification: forgot how to beat main")) == {"main-0", "main-1"}
    rates[("main", "main-0")] = 7  # the bound is 0.7
    assert "verification: forgot how to beat main" not in shares(chosen("main", pool(rates)))


def test_a_main_meets_the_past_of_one_that_is_too_strong():
    found = chosen("main", pool({("main", "rival"): 3}))
    assert shares(found)["rival is too strong: its past"] == near(0.25)
    assert set(names(found, "rival is too strong: its past")) == {"rival-0"}
    assert shares(chosen("main", pool({("main", "rival"): 4})))["plays rival"] == near(0.25)


def test_a_main_exploiter_meets_mains_that_learn_nothing_from_it():
    found = chosen("hunter", pool({}))
    assert shares(found) == {"exploits main": near(0.5), "exploits rival": near(0.5)}
    assert not any(choice.shared for choice in found)


def test_a_main_exploiter_without_hope_meets_the_past():
    there = pool({("hunter", "main"): 1, ("hunter", "main-0"): 5, ("hunter", "main-1"): 10, ("hunter", "main-2"): 1})
    found = chosen("hunter", there)
    met = names(found, "main is too strong: its past")
    assert shares(found)["main is too strong: its past"] == near(0.5)
    assert set(met) == {"main-0", "main-2"}, "x(1-x) is zero for whom it always beats"
    assert met["main-0"] / met.total() == pytest.approx(0.25 / 0.34, abs=0.02)
    assert all(choice.shared for choice in found if "past" in choice.why)


def test_a_league_exploiter_meets_the_history():
    found = chosen("finder", pool({("finder", "main-0"): 0, ("finder", "main-1"): 5, ("finder", "main-2"): 10}))
    assert shares(found) == {"pfsp linear_capped over the history": 1.0}
    met = names(found, "pfsp linear_capped over the history")
    assert met["main-0"] / met.total() == pytest.approx(0.25, abs=0.02), (
        "a hopeless one is not preferred to an even one"
    )
    assert met["main-1"] / met.total() == pytest.approx(0.25, abs=0.02)
    assert "main-2" not in met


@pytest.mark.parametrize("learner", ROLES)
def test_whom_all_are_always_beaten_by_meets_them_evenly(learner):
    there = pool({(learner, name): 10 for name in [*SNAPSHOTS, *ROLES] if name != learner})
    for choice in chosen(learner, there):
        assert choice.opponents[0] in {*SNAPSHOTS, *ROLES}


def test_more_sides_are_drawn_from_one_branch():
    for choice in chosen("main", pool({}), seats=3)[:2000]:
        if choice.why.startswith("pfsp"):
            assert set(choice.opponents) <= set(SNAPSHOTS)
        else:
            assert len(set(choice.opponents)) == 1


def test_without_a_history_there_is_self_play():
    there = pool({}, snapshots={})
    assert {c.opponents for c in chosen("finder", there)} == {("finder",)}


def test_still_hard():
    assert still_hard(np.array([]), ()) == ()
    assert still_hard(np.array([0.5]), ("a",)) == ()
    assert still_hard(np.array([0.9, 0.8, 0.7]), ("a", "b", "c")) == ()
    assert still_hard(np.array([0.8, 0.9, 0.7]), ("a", "b", "c")) == ("a", "b")
    assert still_hard(np.array([0.8, 0.7, 0.9]), ("a", "b", "c")) == ("a", "b", "c")


def test_options_out_of_range_are_told():
    with pytest.raises(InputError, match="alphastar forgotten must be a number from 0 to 1, not 2"):
        AlphaStar(forgotten=2)
    with pytest.raises(InputError, match=r"must sum to at most 1, not 0.9 \+ 0.15"):
        AlphaStar(pfsp=0.9)
