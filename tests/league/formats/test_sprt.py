import random

import pytest

from eval import sprt as exact
from games import InputError
from league.formats import Field, Pair, Played, Results, Sprt

TWO = Field(agents=("new", "old"))
SCORES = {0: (-1.0, -1.0), 1: (-1.0, 0.0), 2: (0.0, 0.0), 3: (1.0, 0.0), 4: (1.0, 1.0)}


def outcome(halves):
    """Pairs whose points of the first agent, in halves, are drawn beforehand."""

    def of(pair, number):
        return Played(pair, tuple((score, -score) for score in SCORES[halves[number]]), (0, 0))

    return of


def drawn(seed, shares, count=2000):
    return random.Random(seed).choices(range(5), shares, k=count)


def crossing(halves, **options):
    """The first pair at which a test of all pairs up to it decides, and what."""
    counts = [0] * 5
    for number, half in enumerate(halves):
        counts[half] += 1
        decision = exact.Sprt(**options).test(counts).decision
        if decision != "continue":
            return number + 1, decision
    return None


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("batch", [1, 7, 50])
def test_the_first_crossing_decides_whatever_the_batch(hold, seed, batch):
    shares = (1, 2, 6, 3, 2) if seed % 2 else (2, 3, 6, 2, 1)
    halves = drawn(seed, shares)
    end, decision = crossing(halves, elo0=0.0, elo1=40.0)
    form = Sprt(elo1=40.0, batch=batch)
    pairs, results = hold(form, TWO, outcome(halves), seed=seed)
    assert len(pairs) == -(-end // batch) * batch  # to the end of the batch, and no further
    assert all(pair.group == TWO.agents for pair in pairs)
    verdict = form.verdict(TWO, results)
    points = sum(halves[:end]) / 2
    assert dict(zip(verdict.order, verdict.rows, strict=True)) == {
        "new": (points, 2 * end, 0),
        "old": (2 * end - points, 2 * end, 0),
    }
    claim = {"H0": 0, "H1": 40}[decision]
    assert verdict.sentences[0].startswith(
        f"{decision} is accepted, that new is {claim} Elo (normalized) better than old: after {end:,} pairs the"
    )
    late = [s for s in verdict.sentences if "do not count" in s]
    assert late == [f"{len(pairs) - end} pairs that were in play when it was decided do not count."] * (
        len(pairs) > end
    )


def test_what_came_later_does_not_change_the_decision(hold):
    """After the crossing the old one wins everything that was in play."""
    halves = drawn(1, (1, 2, 6, 3, 2))
    end, _ = crossing(halves, elo0=0.0, elo1=40.0)
    halves[end:] = [0] * len(halves[end:])
    form = Sprt(elo1=40.0, batch=200)
    _, results = hold(form, TWO, outcome(halves))
    told = form.verdict(TWO, results).sentences
    assert told[0].startswith("H1 is accepted")
    assert f"after {end:,} pairs" in told[0]


@pytest.mark.parametrize("limit", [1, 30, 100])
def test_undecided_after_the_cap(hold, limit):
    form = Sprt(elo1=10.0, max_pairs=limit, batch=32)
    pairs, results = hold(form, TWO, outcome([2] * 200))
    assert len(pairs) == limit
    assert form.verdict(TWO, results).sentences[0].startswith("Undecided between 0 and 10 Elo (normalized): after")


def test_forfeits_are_losses_and_told(hold):
    """The old one fails in every game: that decides, however unlikely such results are under both hypotheses."""

    def failing(pair, number):
        return Played(pair, ((1.0, -1.0), (1.0, -1.0)), (0, 2))

    form = Sprt(max_pairs=2000)
    pairs, results = hold(form, TWO, failing)
    verdict = form.verdict(TWO, results)
    assert verdict.order == ("new", "old")
    assert len(pairs) < 2000
    assert verdict.sentences[0].startswith("H1 is accepted")
    end = verdict.rows[0][1] // 2
    assert f"Forfeited games count as lost: 0 of new, {2 * end} of old." in verdict.sentences


@pytest.mark.parametrize(("elo", "wrong"), [(0.0, "H1"), (60.0, "H0")])
def test_wrong_decisions_are_as_rare_as_asked_for(hold, outcomes, elo, wrong):
    """At the bounds themselves: alpha and beta are 0.1; among 60 runs 6 are expected, and more than 14 in 0.1 % of cases."""
    form = Sprt(elo0=0.0, elo1=60.0, alpha=0.1, beta=0.1, model="logistic", batch=64)
    strength = {"new": elo, "old": 0.0}
    count = 0
    for seed in range(60):
        _, results = hold(form, TWO, lambda pair, number, s=seed: outcomes["draw"](pair, (s, number), strength))
        count += form.verdict(TWO, results).sentences[0].startswith(wrong)
    assert count <= 14


def test_cut_short_it_is_told_as_far_as_it_went(hold):
    halves = drawn(1, (1, 2, 6, 3, 2))
    form = Sprt(elo1=40.0)
    _, results = hold(form, TWO, outcome(halves), limit=20)
    del results.played[15]  # still in play when it was killed
    verdict = form.verdict(TWO, results)
    assert verdict.rows[0][1] == 30
    assert verdict.sentences[0].startswith("Undecided")
    assert form.verdict(TWO, Results()).sentences == ("Undecided: no pair of games has been played.",)


def test_pairs_are_told_as_data():
    asked = Sprt(batch=2).pairs(TWO, Results())
    assert [next(asked) for _ in range(3)] == [Pair(0, TWO.agents), Pair(1, TWO.agents), None]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"elo0": 5.0, "elo1": 5.0}, "sequential test: elo0 must be less than elo1"),
        ({"alpha": 0.0}, "sequential test: alpha and beta must lie between 0 and 1"),
        ({"model": "bayesian"}, "model of a sequential test must be 'normalized' or 'logistic', not 'bayesian'"),
        ({"max_pairs": 0}, "max_pairs of a sequential test must be at least 1, not 0"),
        ({"batch": 0}, "batch of a sequential test must be at least 1, not 0"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        Sprt(**options)


def test_wrong_fields():
    with pytest.raises(InputError, match="a sequential test compares two agents, not 3"):
        Sprt().pairs(Field(agents=("a", "b", "c")), Results())
    with pytest.raises(InputError, match="a sequential test needs at least two sides"):
        Sprt().pairs(Field(agents=("a", "b"), sides=1), Results())
