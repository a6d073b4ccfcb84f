"""Brackets by their two formats: knockout and double elimination."""

from collections import Counter
from math import ceil, log2

import pytest

from games import InputError
from league.formats import DoubleElimination, Field, Knockout, Played, Results
from league.formats.bracket import first_round


def field(n, **options):
    return Field(agents=tuple(f"agent{k:03d}" for k in range(n)), **options)


def level(pair, number):
    return Played(pair, ((0.0, 0.0), (0.0, 0.0)), (0, 0))


def by_order(pair, number):
    """The later name is weaker, and loses all."""
    scores = tuple(1.0 if agent == min(pair.group) else -1.0 for agent in pair.group)
    return Played(pair, (scores, scores), (0, 0))


def mean(pair, number):
    """The later name is stronger, whatever the seeding says."""
    scores = tuple(1.0 if agent == max(pair.group) else -1.0 for agent in pair.group)
    return Played(pair, (scores, scores), (0, 0))


def encounters(pairs):
    """(round, two agents) to number of pairs."""
    return Counter((pair.round, frozenset(pair.group)) for pair in pairs)


def test_the_best_seeds_meet_the_weakest_and_the_first_two_last():
    assert first_round(2) == [(0, 1)]
    assert first_round(4) == [(0, 3), (1, 2)]
    assert first_round(8) == [(0, 7), (3, 4), (1, 6), (2, 5)]
    for size in (16, 64):
        pairs = first_round(size)
        while len(pairs) > 1:  # in every round, when the better ones win, the sum of seeds is the same
            assert {a + b for a, b in pairs} == {2 * len(pairs) - 1}
            winners = [min(pair) for pair in pairs]
            pairs = list(zip(winners[::2], winners[1::2], strict=True))
        assert pairs == [(0, 1)]


@pytest.mark.parametrize("n", range(2, 41))
def test_knockouts_of_every_size(n, hold):
    pairs, results = hold(Knockout(pairs_per_round=2), field(n), by_order, seed=n)
    met = encounters(pairs)
    assert len(met) == n - 1
    assert set(met.values()) == {2}
    rounds = ceil(log2(n))
    assert {turn for turn, _ in met} == set(range(rounds))
    # the first round leaves a power of two; those who rest in it are the first seeds
    first = {agent for turn, group in met if turn == 0 for agent in group}
    assert len(first) == 2 * (n - 2 ** (rounds - 1))
    assert not first & set(field(n).agents[: 2**rounds - n])
    for turn in range(rounds):  # nobody meets two others in a round
        agents = [agent for t, group in met if t == turn for agent in group]
        assert len(set(agents)) == len(agents)
    for group in {group for _, group in met}:  # who begins takes turns
        assert {pair.group for pair in pairs if frozenset(pair.group) == group} == {
            tuple(sorted(group)),
            tuple(sorted(group))[::-1],
        }
    verdict = Knockout(pairs_per_round=2).verdict(field(n), results)
    assert verdict.order == field(n).agents  # all went as the seeds have it
    assert verdict.rows[0] == ("final", "", 2.0 * sum("agent000" in g for _, g in met), verdict.rows[0][2])
    assert verdict.sentences == ("agent000 won the knockout; agent001 came second.",)


@pytest.mark.parametrize("n", range(2, 41))
@pytest.mark.parametrize("outcome", [by_order, mean])
def test_double_eliminations_of_every_size(n, outcome, hold):
    form = DoubleElimination(pairs_per_round=1)
    pairs, results = hold(form, field(n), outcome, seed=n)
    met = encounters(pairs)
    lost = Counter()
    for _, group in met:
        lost[(max if outcome is by_order else min)(group)] += 1
    best = (min if outcome is by_order else max)(field(n).agents)
    assert lost == {agent: 2 for agent in field(n).agents if agent != best}
    assert len(met) == 2 * n - 2  # without a second final
    for turn in {turn for turn, _ in met}:
        agents = [agent for t, group in met if t == turn for agent in group]
        assert len(set(agents)) == len(agents)
    verdict = form.verdict(field(n), results)
    assert verdict.order[:2] == tuple(sorted(field(n).agents, reverse=outcome is mean)[:2])
    assert verdict.sentences == (f"{verdict.order[0]} won the double elimination; {verdict.order[1]} came second.",)
    assert "second grand final" not in {row[0] for row in verdict.rows}


@pytest.mark.parametrize(("n", "rounds"), [(2, 0), (4, 2), (8, 4), (16, 6), (32, 8)])
def test_the_losers_bracket_has_as_many_rounds_as_it_should(n, rounds, hold):
    form = DoubleElimination(pairs_per_round=1)
    _, results = hold(form, field(n), by_order)
    reached = {row[0] for row in form.verdict(field(n), results).rows}
    assert {name for name in reached if name.startswith("losers")} == {f"losers' round {k + 1}" for k in range(rounds)}


def test_who_comes_from_below_must_win_the_grand_final_twice(hold):
    """Number 0 beats number 1 at first, loses the grand final to it, and then wins or loses the second."""
    for last in "01":

        def outcome(pair, number, last=last):
            name = {"agent000": "0", "agent001": "1"}
            if set(pair.group) == {*name}:
                best = {1: "0", 3: "1", 4: last}[pair.round]  # winners' final, grand final, second
                scores = tuple(1.0 if name[agent] == best else -1.0 for agent in pair.group)
                return Played(pair, (scores, scores), (0, 0))
            return by_order(pair, number)

        form = DoubleElimination(pairs_per_round=1)
        pairs, results = hold(form, field(4), outcome)
        assert len(pairs) == 7
        verdict = form.verdict(field(4), results)
        assert verdict.order[0] == f"agent00{last}"
        assert verdict.rows[0][0] == verdict.rows[1][0] == "second grand final"


def test_no_rematch_in_the_first_two_rounds_of_losers(hold):
    for n in (8, 16, 32):
        for outcome in (by_order, mean):
            pairs, _ = hold(DoubleElimination(pairs_per_round=1), field(n), outcome)
            early = [group for turn, group in encounters(pairs) if turn <= 2]
            assert len(set(early)) == len(early)


def test_a_level_encounter_goes_on_until_one_leads(hold):
    def outcome(pair, number):
        return by_order(pair, number) if number in (9, 10) else level(pair, number)

    form = Knockout(pairs_per_round=3, extensions=20)
    pairs, results = hold(form, field(4), outcome, seed=3)
    # two encounters of three pairs, each extended: pairs 6, 8, 10 of one and 7, 9 of the other; then the final to its end
    met = encounters(pairs)
    assert met[0, frozenset(("agent000", "agent003"))] == 6
    assert met[0, frozenset(("agent001", "agent002"))] == 5
    assert met[1, frozenset(("agent000", "agent001"))] == 23
    verdict = form.verdict(field(4), results)
    assert verdict.order[0] == "agent000"
    assert verdict.rows[0] == ("final", "", 3.5 + 11.5, 29)
    assert verdict.rows[3] == ("semi-final", "agent000 (2.5 : 3.5)", 2.5, 6)
    assert verdict.sentences[1] == (
        "Level after 3 pairs and 20 extensions, so that the better seed went on: agent000 over agent001 (final)."
    )


@pytest.mark.parametrize("kind", [Knockout, DoubleElimination])
def test_endless_ties_end_with_the_seeds(kind, hold):
    pairs, results = hold(kind(pairs_per_round=2, extensions=3), field(21), level)
    assert set(encounters(pairs).values()) == {5}
    verdict = kind(pairs_per_round=2, extensions=3).verdict(field(21), results)
    assert verdict.order[:2] == ("agent000", "agent001")
    assert verdict.sentences[1].endswith(f" and {len(encounters(pairs)) - 10} more.")


@pytest.mark.parametrize("kind", [Knockout, DoubleElimination])
def test_what_is_cut_short_is_told_as_far_as_it_went(kind, hold):
    form, whole = kind(pairs_per_round=2), None
    for limit in (None, 0, 1, 9, 13):
        pairs, results = hold(form, field(8), by_order, limit=limit)
        whole = whole or pairs
        assert pairs == whole[:limit]
        verdict = form.verdict(field(8), results)
        assert sorted(verdict.order) == list(field(8).agents)
        if limit is None:
            assert "Not finished" not in verdict.sentences[0]
        else:
            finished = sum(count == 2 for count in encounters(pairs).values())
            total = 7 if kind is Knockout else 15
            assert verdict.sentences[0] == (
                f"Not finished: {total - finished} of {total} encounters are still to be decided."
            )


@pytest.mark.parametrize("kind", [Knockout, DoubleElimination])
def test_a_clear_favourite_wins_most_knockouts(kind, hold, outcomes):
    strength = {agent: 250.0 if agent == "agent007" else 0.0 for agent in field(11).agents}
    won = 0
    for seed in range(40):
        _, results = hold(
            kind(), field(11), lambda pair, number, s=seed: outcomes["draw"](pair, (s, number), strength), seed=seed
        )
        won += kind().verdict(field(11), results).order[0] == "agent007"
    assert won >= 34


@pytest.mark.parametrize("kind", [Knockout, DoubleElimination])
def test_wrong_input(kind):
    with pytest.raises(InputError, match=r"pairs_per_round of a .* must be at least 1, not 0"):
        kind(pairs_per_round=0)
    with pytest.raises(InputError, match=r"extensions of a .* must be at least 0, not -1"):
        kind(extensions=-1)
    with pytest.raises(InputError, match="needs at least two sides"):
        kind().pairs(field(3, sides=1), Results())
