import json
import random

import numpy as np
import pytest

from games import InputError, Real, TaskSpace
from league.teachers import Measure, Result, Uniform
from league.teachers.sfl import Sfl, learnability
from league.teachers.toy_world import ToyWorld, trial

SPACE = TaskSpace({"x": Real(0.0, 1.0, 0.5), "y": Real(0.0, 1.0, 0.5)})
SMALL = {"candidates": 50, "rollouts": 4, "keep": 10, "every": 100}


def result(p, success=0.0, **of):
    values = {"id": p.id, "learner": "me", "score": 0.5, "total_return": success, "length": 1, "success": success}
    return Result(**(values | of))


def teach(teacher, n, chance=lambda task: task["x"], learner="me", seed=0):
    luck, played = random.Random(seed), []
    for _ in range(n):
        (p,) = teacher.ask(1, learner)
        teacher.tell(result(p, float(luck.random() < chance(p.task)), learner=learner))
        played.append(p)
    return played


def test_it_beats_random_in_the_toy_world():
    curves = []
    for make in (
        lambda space: Sfl(space, 0, measure=Measure(low=0.0, high=1.0), candidates=60, rollouts=2, keep=10, every=200),
        lambda space: Uniform(space, 0),
    ):
        world = ToyWorld(side=5)
        curves.append(trial(make(world.space), world, episodes=5000)[-1])
    assert curves[0] > 1.5 * curves[1]


def test_it_trains_on_what_is_sometimes_solved():
    """Solved below 0.45, not above 0.55, and in between at times."""
    teacher = Sfl(SPACE, 0, **SMALL)
    played = teach(teacher, 200 + 100, lambda task: min(max(5.5 - 10 * task["x"], 0.0), 1.0))
    assert [p.origin for p in played[:200]] == ["candidate"] * 200
    assert not any(p.train_allowed for p in played[:200])
    assert all(p.train_allowed for p in played[200:])
    learnable = [p.task["x"] for p in played if p.origin == "learnable"]
    assert 0.3 < len(learnable) / 100 < 0.7
    assert all(0.44 < x < 0.56 for x in learnable)
    assert {p.origin for p in played[200:]} == {"learnable", "uniform"}
    assert {p.origin for p in teach(teacher, 200)} == {"candidate"}, "the next search"


def test_the_buffer_is_the_best_by_the_slow_way():
    teacher, luck, successes = Sfl(SPACE, 1, **SMALL), random.Random(0), {}
    for _ in range(200):
        (p,) = teacher.ask(1, "me")
        success = float(luck.random() < p.task["y"])
        successes.setdefault(tuple(p.task.values()), []).append(success)
        teacher.tell(result(p, success))
    value = {task: np.var(s, ddof=1) for task, s in successes.items()}
    kept = {tuple(point) for point in teacher._pupils["me"].buffer.tolist()}
    assert kept
    assert min(value[task] for task in kept) >= max([v for t, v in value.items() if t not in kept])


def test_learnability_is_the_sample_variance():
    rng = np.random.default_rng(0)
    for n in (2, 3, 10):
        successes = rng.random((20, n)) < 0.4
        found = learnability(successes.mean(axis=1), np.full(20, n))
        np.testing.assert_allclose(found, successes.var(axis=1, ddof=1))
    assert learnability(np.array([np.nan, 1.0]), np.array([0, 1])).tolist() == [-1.0, -1.0]


@pytest.mark.parametrize(("faithful", "kept"), [(False, 0), (True, 10)])
def test_what_is_never_solved_is_no_buffer(faithful, kept):
    teacher = Sfl(SPACE, 0, **SMALL, faithful=faithful)
    teach(teacher, 200, lambda task: 0.0)
    assert len(teacher._pupils["me"].buffer) == kept
    teach(teacher, 50, lambda task: 0.0)


def test_lost_results_do_not_hold_it_up():
    teacher = Sfl(SPACE, 0, **SMALL, patience=30)
    luck = random.Random(3)
    for k, p in enumerate(teacher.ask(200, "me")):
        if k % 3 == 0:
            teacher.tell(result(p, float(luck.random() < 0.5)))
    waiting = teacher.ask(31, "me")
    assert {p.origin for p in waiting[:30]} == {"uniform"}
    assert "learnable" in {p.origin for p in teacher.ask(100, "me")}
    assert 0 < len(teacher._pupils["me"].buffer) <= 10


def test_a_late_result_of_an_old_search_changes_nothing():
    teacher = Sfl(SPACE, 0, **SMALL, patience=0)
    late = teacher.ask(200, "me")
    teacher.ask(1, "me")
    teach(teacher, 100)
    teacher.ask(1, "me")  # the second search has begun
    for p in late:
        teacher.tell(result(p, 1.0))
    assert teacher._pupils["me"].scoring.count.sum() == 0


def test_each_learner_has_its_own():
    teacher = Sfl(SPACE, 0, **SMALL)
    teach(teacher, 200, lambda task: float(task["x"] < 0.5) / 2, learner="a")
    teach(teacher, 200, lambda task: float(task["x"] >= 0.5) / 2, learner="b", seed=1)
    drawn = {n: [p.task["x"] for p in teacher.ask(90, n) if p.origin == "learnable"] for n in "ab"}
    assert max(drawn["a"]) < 0.5 <= min(drawn["b"])
    other = Sfl(SPACE, 0, **SMALL)
    for p in other.ask(200, "a"):
        other.tell(result(p, 1.0, learner="b"))
    assert other._pupils["a"].scoring.count.sum() == 0, "results of others say nothing"
    teacher.forget("a")
    assert {p.origin for p in teacher.ask(200, "a")} == {"candidate"}


def test_it_goes_on_from_its_state():
    for n in (90, 250, 320):
        teacher = Sfl(SPACE, 3, **SMALL)
        teach(teacher, n)
        again = Sfl(SPACE, 9, **SMALL)
        again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
        for one in (teacher, again):
            teach(one, 61)
        assert again.ask(100, "me") == teacher.ask(100, "me")
        assert again.state_dict() == teacher.state_dict()


def test_a_sketch_shows_the_buffer():
    teacher = Sfl(SPACE, 0, **SMALL)
    assert teacher.sketch() == []
    teach(teacher, 200, lambda task: 0.5)
    shapes = teacher.sketch()
    assert json.loads(json.dumps(shapes)) == shapes
    assert sum(s["weight"] for s in shapes) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rollouts": 1}, "rollouts must be at least 2, not 1"),
        ({"keep": 0}, "keep must be at least 1"),
        ({"share": 1.5}, "share must be from 0 to 1, not 1.5"),
        ({"patience": -1}, "patience must be at least 0"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        Sfl(SPACE, 0, **options)
