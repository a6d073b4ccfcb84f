import numpy as np
import pytest

from games import InputError
from league.matchmakers import PSRO, Mixes, NeedsResults, Pool
from league.matchmakers.psro import meta_game
from league.payoff import PayoffTable

ROCK, PAPER, SCISSORS, DULL = "me-0", "me-1", "me-2", "me-3"
BEATS = {(PAPER, ROCK), (ROCK, SCISSORS), (SCISSORS, PAPER), (ROCK, DULL), (PAPER, DULL), (SCISSORS, DULL)}
SOLVERS = ["uniform", "nash", "replicator", "regret_matching", "alpha_rank", "cce"]


def pool(games=10):
    table = PayoffTable()
    names = (ROCK, PAPER, SCISSORS, DULL)
    for a in names:
        for b in names:
            for _ in range(games if a != b else 0):
                score = 1.0 if (a, b) in BEATS else 0.0
                table.book((a, b), (score, 1 - score), (3 * score, 3 - 3 * score), frozen=True)
    return Pool({"me": "main"}, dict.fromkeys(names, "me"), (), table)


def test_what_it_has_besides():
    assert isinstance(PSRO(), NeedsResults)
    assert isinstance(PSRO(), Mixes)


@pytest.mark.parametrize(("outcome", "scale"), [("return", 3), ("points", 1)])
def test_the_meta_game_has_both_seats_and_the_mean_on_the_diagonal(outcome, scale):
    names = (ROCK, PAPER, SCISSORS, DULL)
    payoffs = meta_game(names, pool().payoff.joint, 2, outcome=outcome) / scale
    expected = [[0.5 if a == b else float((a, b) in BEATS) for b in names] for a in names]
    np.testing.assert_array_equal(payoffs[0], expected)
    np.testing.assert_array_equal(payoffs[1], np.transpose(expected))


def test_the_meta_game_of_three_sides_is_symmetric():
    table = PayoffTable()
    table.book(("a", "a", "b"), (1, 1, 0), frozen=True)
    table.book(("b", "a", "a"), (1, 0, 0), frozen=True)
    payoffs = meta_game(("a", "b"), table.joint, 3, outcome="points")
    # a earned 0.75, 0.75, then 0.25, 0.25; b earned 0, then 1: sums of each match are 1.5
    for side, lineup in ((0, (0, 0, 1)), (1, (0, 0, 1)), (1, (1, 0, 0)), (2, (0, 1, 0))):
        assert payoffs[(side, *lineup)] == pytest.approx(0.5)
    assert payoffs[:, 1, 1, 0] == pytest.approx(0.5), "never played"


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_mixes_the_three_that_matter(solver):
    maker, there = PSRO(solver=solver), pool()
    mixture = maker.mixture(there)
    assert sum(mixture.values()) == pytest.approx(1)
    if solver == "uniform":
        assert mixture == dict.fromkeys(there.snapshots, pytest.approx(0.25))
    else:
        assert mixture.get(DULL, 0) < 0.05
        assert all(mixture[name] == pytest.approx(1 / 3, abs=0.02) for name in (ROCK, PAPER, SCISSORS))
    drawn = maker.opponents("me", 1, there, np.random.default_rng(0), matches=20_000)
    for name in there.snapshots:
        share = sum(c.opponents == (name,) for c in drawn) / 20_000
        assert share == pytest.approx(mixture.get(name, 0), abs=0.02)
    assert {c.why for c in drawn} == {f"psro {solver}"}


def test_rectified_meets_only_whom_the_newest_does_not_lose_to():
    there = pool()
    there.snapshots.pop(DULL)
    drawn = PSRO(target="rectified").opponents(
        "me", 1, Pool({"me": "main"}, dict(there.snapshots), (), there.payoff), np.random.default_rng(0), matches=4000
    )
    met = {c.opponents[0] for c in drawn}
    assert met == {SCISSORS, PAPER}, "the newest are scissors: they tie with themselves and beat paper"


def test_missing_line_ups_are_both_seatings_least_known_first():
    there = pool(games=3)
    there.payoff.book((ROCK, PAPER), (0, 1), (0, 3), frozen=True)
    missing = PSRO(per_entry=5).missing(there, 2)
    assert len(missing) == 12
    assert missing[-1] == ((ROCK, PAPER), 1)
    assert all(n == 2 for _, n in missing[:-1])
    assert PSRO(per_entry=3).missing(there, 2) == []
    assert PSRO().missing(there, 1) == []
    assert len(PSRO(per_entry=4, newest=2).missing(there, 2)) == 2


def test_it_is_solved_again_when_results_change():
    maker, there = PSRO(), pool()
    assert maker.mixture(there)[ROCK] == pytest.approx(1 / 3)
    for _ in range(500):  # scissors now beat rock
        there.payoff.book((SCISSORS, ROCK), (1, 0), (3, 0), frozen=True)
        there.payoff.book((ROCK, SCISSORS), (0, 1), (0, 3), frozen=True)
    assert maker.mixture(there) == {SCISSORS: pytest.approx(1.0)}


def test_a_solver_that_fails_is_told_and_replaced():
    there = pool()
    drawn = PSRO(solver="nash").opponents("me", 2, there, np.random.default_rng(0), matches=50)
    assert all(
        c.why.startswith("psro uniform, since nash failed: the nash meta-solver is for two players") for c in drawn
    )


def test_shares():
    drawn = PSRO(epsilon=0.25, self_play=0.5).opponents("me", 1, pool(), np.random.default_rng(0), matches=20_000)
    why = [c.why for c in drawn]
    assert why.count("self-play") / 20_000 == pytest.approx(0.5, abs=0.02)
    assert why.count("psro even share") / 20_000 == pytest.approx(0.25, abs=0.02)
    assert sum(c.opponents == (DULL,) for c in drawn) / 20_000 == pytest.approx(0.25 / 4, abs=0.01)


def test_before_there_are_snapshots_it_is_self_play():
    there = Pool({"me": "main"}, {}, ("bot",), PayoffTable())
    assert PSRO().opponents("me", 2, there, np.random.default_rng(0))[0].opponents == ("me", "me")
    assert PSRO().mixture(there) == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"solver": "nahs"}, "unknown psro solver 'nahs'; did you mean 'nash'"),
        ({"target": "half"}, "unknown psro target 'half'"),
        ({"per_entry": 0}, "psro per_entry must be at least 1"),
        ({"epsilon": 0.7, "self_play": 0.7}, "must sum to at most 1"),
    ],
)
def test_mistakes_are_told(options, message):
    with pytest.raises(InputError, match=message):
        PSRO(**options)


def test_a_meta_game_that_is_too_large_is_not_played_out():
    there = Pool({"me": "main"}, {f"me-{k}": "me" for k in range(50)}, (), PayoffTable())
    assert PSRO().missing(there, 8) == []
    (choice,) = PSRO().opponents("me", 7, there, np.random.default_rng(0))
    assert choice.why == "psro uniform, the meta-game is too large"
