import itertools

import pytest

from games.markov.resource import nash

TABLE = {  # population: occupancy of the landmarks worth 0.5 .. 3.0, its welfare, the most possible, share per agent
    3: ((0, 0, 0, 1, 1, 1), 7.5, 7.5, 2.50),
    4: ((0, 0, 0, 1, 1, 2), 7.5, 9.0, 1.875),
    6: ((0, 0, 1, 1, 2, 2), 9.0, 10.5, 1.50),
    9: ((0, 1, 1, 2, 2, 3), 10.0, 10.5, 1.11),
    12: ((0, 1, 2, 2, 3, 4), 10.0, 10.5, 0.83),
    18: ((0, 1, 2, 4, 5, 6), 10.0, 10.5, 0.56),
    24: ((1, 2, 3, 5, 6, 7), 10.5, 10.5, 0.44),
    48: ((2, 4, 7, 9, 12, 14), 10.5, 10.5, 0.22),
}


@pytest.mark.parametrize("population", TABLE)
def test_known_equilibria(population):
    crowd, welfare, best, share = TABLE[population]

    assert nash.occupancy(population) == crowd
    assert nash.welfare(crowd) == welfare
    assert nash.max_welfare(population) == best
    assert welfare / population == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize("population", range(1, 49))
def test_the_greedy_assignment_is_an_equilibrium(population):
    crowd = nash.occupancy(population)

    assert sum(crowd) == population
    assert nash.is_equilibrium(crowd)
    assert nash.welfare(crowd) <= nash.max_welfare(population)


def test_is_equilibrium_against_every_deviation_of_every_small_assignment():
    values = (0.5, 1.0, 1.5)
    verdicts = set()
    for places in itertools.product(range(3), repeat=4):
        crowd = [places.count(landmark) for landmark in range(3)]
        stable = all(
            values[here] / crowd[here] >= values[there] / (crowd[there] + 1)
            for here in places
            for there in range(3)
            if there != here
        )
        assert nash.is_equilibrium(crowd, values) == stable
        verdicts.add(stable)

    assert verdicts == {True, False}


def test_best_welfare_is_that_of_the_best_assignment():
    for population in (1, 2, 3, 4):
        crowds = ([places.count(m) for m in range(6)] for places in itertools.product(range(6), repeat=population))
        assert nash.max_welfare(population) == max(nash.welfare(crowd) for crowd in crowds)
