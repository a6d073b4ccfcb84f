from itertools import product

import numpy as np
import pytest

from games import Task
from league.teachers import Result
from league.teachers.toy_world import ToyWorld, trial


def at(*cell, side=10, irrelevant=0):
    values = [(i + 0.5) / side for i in cell] + [0.9] * irrelevant
    return Task({f"x{k}": value for k, value in enumerate(values)})


def plain(side, dimensions, visits):
    """The rules of the reference, word by word."""
    c = dict.fromkeys(product(range(side), repeat=dimensions), 0)
    for i in visits:
        before = product(*[{k, max(0, k - 1)} for k in i])
        if all(k == 0 for k in i) or any(j != i and c[j] >= 75 for j in before):
            c[i] = min(100, c[i] + 1)
        yield c[i] / 100
    yield 100 * np.mean([value > 75 for value in c.values()])


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_it_is_the_plain_world(dimensions):
    rng = np.random.default_rng(dimensions)
    visits = [tuple(int(k) for k in rng.integers(3, size=dimensions)) for _ in range(6000)]
    world = ToyWorld(side=3, dimensions=dimensions, irrelevant=1)
    *returns, mastered = plain(3, dimensions, visits)
    assert [world.play(at(*cell, side=3, irrelevant=1)) for cell in visits] == returns
    assert world.mastered == pytest.approx(mastered)


def test_75_visits_unlock_and_76_master():
    world = ToyWorld()
    for _ in range(74):
        world.play(at(0, 0))
    assert world.play(at(1, 1)) == 0.0
    world.play(at(0, 0))
    assert world.play(at(1, 1)) == 0.01
    assert world.mastered == 0.0
    world.play(at(0, 0))
    assert world.mastered == 1.0


def test_the_end_of_a_range_belongs_to_the_last_cell():
    world = ToyWorld(side=2, dimensions=1)
    world.competence[:] = [75, 3]
    assert world.play(Task({"x0": 1.0})) == 0.04


class Asker:
    """Sets the first cell in three ways."""

    def __init__(self):
        self.told = []

    def ask(self, n, learner=""):
        from league.teachers import Proposal

        number = len(self.told)
        way = {0: {}, 1: {"train_allowed": False}, 2: {"player": "random"}}[number % 3]
        return [Proposal(number, at(0, 0), "test", **way)]

    def tell(self, result: Result):
        self.told.append(result)


def test_what_is_only_scored_teaches_nothing_and_others_play_without_competence():
    teacher, world = Asker(), ToyWorld()
    assert trial(teacher, world, episodes=6, every=3) == [0.0, 0.0]
    assert [r.total_return for r in teacher.told] == [0.01, 0.01, 0.0, 0.02, 0.02, 0.0]
    assert [r.learner for r in teacher.told] == ["toy", "toy", "random"] * 2
