from collections import Counter
from itertools import groupby, islice

import pytest

from games import InputError
from league.formats import Field, Gauntlet, Results


def field(n, **options):
    return Field(agents=tuple(f"agent{k}" for k in range(n)), **options)


@pytest.mark.parametrize("n", range(2, 41))
@pytest.mark.parametrize("challengers", [1, 2, 5])
def test_challengers_meet_everybody_and_the_others_only_them(n, challengers):
    if challengers >= n:
        return
    pairs = list(Gauntlet(challengers=challengers, encounters=1).pairs(field(n), Results()))
    assert len(pairs) == challengers * n - challengers * (challengers + 1) // 2
    names = field(n).agents
    expected = {frozenset((names[a], names[b])) for a in range(challengers) for b in range(n) if a != b}
    assert {frozenset(pair.group) for pair in pairs} == expected
    for _, round_ in groupby(pairs, key=lambda pair: pair.round):
        seats = [agent for pair in round_ for agent in pair.group]
        assert len(set(seats)) == len(seats)
    for name in names[:challengers]:  # who begins the first game of a pair
        first, second = (sum(pair.group[k] == name for pair in pairs) for k in (0, 1))
        assert abs(first - second) <= 1


def test_encounters_swap_who_begins_and_go_through_the_conditions():
    pairs = list(Gauntlet(encounters=2).pairs(field(5, conditions=3), Results()))
    assert len(pairs) == 4 * 2 * 3
    assert [pair.group for pair in pairs[:4]] == [pair.group[::-1] for pair in pairs[4:8]]
    assert set(Counter(frozenset(pair.group) for pair in pairs).values()) == {6}
    assert [pair.round for pair in pairs] == sorted(pair.round for pair in pairs)


def test_no_end_but_that_of_the_budget():
    endless = Gauntlet(encounters=None).pairs(field(4), Results())
    assert len(list(islice(endless, 100))) == 100


def test_the_ratings_say_it_all():
    assert Gauntlet().verdict(field(3), Results()) is None


def test_wrong_input():
    with pytest.raises(InputError, match="challengers of a gauntlet must be at least 1, not 0"):
        Gauntlet(challengers=0)
    with pytest.raises(InputError, match="encounters of a gauntlet must be at least 1, not 0"):
        Gauntlet(encounters=0)
    with pytest.raises(InputError, match="3 challengers needs more agents than 3"):
        Gauntlet(challengers=3).pairs(field(3), Results())
    with pytest.raises(InputError, match="a gauntlet needs at least two sides"):
        Gauntlet().pairs(field(3, sides=1), Results())
