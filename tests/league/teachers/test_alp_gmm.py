import json

import numpy as np
import pytest

from games import Categorical, InputError, Integer, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.alp_gmm import AlpGmm
from league.teachers.gaussian_teacher import widths
from league.teachers.toy_world import ToyWorld, trial

SPACE = TaskSpace({"x": Real(0.0, 1.0, 0.5), "y": Real(0.0, 1.0, 0.5)})
UNIT = Measure(low=0.0, high=1.0)


def tell(teacher, reward, n, **of):
    for _ in range(n):
        (p,) = teacher.ask(1)
        gained = reward(np.array([p.task["x"], p.task["y"]]))
        teacher.tell(Result(**({"id": p.id, "learner": "me", "score": 0.5, "total_return": gained, "length": 1} | of)))


def points(teacher, n=400, origin=None):
    asked = teacher.ask(n)
    return np.array([[p.task["x"], p.task["y"]] for p in asked if origin in (None, p.origin)])


def test_the_toy_world():
    """By the reference 71.0 with a deviation of 1.4 with a history of 500 and 34.4 with all of it."""
    world = ToyWorld(side=10)
    assert trial(AlpGmm(world.space, 0, measure=UNIT), world, episodes=20_000)[-1] > 55.0


def test_a_long_history_is_stale():
    world = ToyWorld(side=10)
    assert trial(AlpGmm(world.space, 0, measure=UNIT, history=20_000), world, episodes=20_000)[-1] < 50.0


def test_uniform_before_the_first_fit_and_for_a_share_after():
    teacher = AlpGmm(SPACE, 0, measure=UNIT, fit_rate=50)
    assert {p.origin for p in teacher.ask(30)} == {"bootstrap"}
    tell(teacher, lambda p: p[0], 50)
    origins = [p.origin for p in teacher.ask(1000)]
    assert origins.count("uniform") / 1000 == pytest.approx(0.2, abs=0.05)
    assert set(origins) == {"uniform", "component"}


def test_tasks_go_where_results_change():
    teacher, clock = AlpGmm(SPACE, 0, measure=UNIT), iter(range(10**6))
    tell(teacher, lambda p: (next(clock) % 2) * 0.8 if p[1] > 0.7 else 0.5, 1500)
    assert np.mean(points(teacher, origin="component")[:, 1] > 0.6) > 0.8


@pytest.mark.parametrize("faithful", [False, True])
def test_the_progress_is_that_of_a_look_at_everything(faithful):
    """A slow and plain version of algorithm 1."""
    teacher = AlpGmm(SPACE, 0, measure=UNIT, fit_rate=700, faithful=faithful)
    rng, told = np.random.default_rng(1), []
    for _ in range(650):
        (p,) = teacher.ask(1)
        x, r = np.array([p.task["x"], p.task["y"]]), rng.random()
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=r, length=1))
        known = told if faithful else told[-500:]
        gaps = [((x - y) ** 2).sum() for y, _ in known]
        expected = abs(r - known[int(np.argmin(gaps))][1]) if len(known) > 5 else 0.0
        told.append((x, r))
        assert teacher._rows[len(told) - 1, 2] == pytest.approx(expected)


def test_opponents_and_learners_are_told_apart():
    """Every result against the strong is 0 and against the weak 1: nobody makes progress."""

    def progress(apart):
        teacher, rng = AlpGmm(SPACE, 0, measure=UNIT, fit_rate=300, apart=apart), np.random.default_rng(0)
        for _ in range(250):
            strong = rng.random() < 0.5
            tell(teacher, lambda p, strong=strong: 0.0 if strong else 1.0, 1, opponents="strong" if strong else "weak")
        return teacher._rows[:250, 2].mean()

    assert progress(True) == 0.0
    assert progress(False) > 0.3


def test_what_is_forgotten_is_no_neighbour():
    teacher = AlpGmm(SPACE, 0, measure=UNIT, fit_rate=100)
    tell(teacher, lambda p: 0.0, 40)
    teacher.forget("me")
    tell(teacher, lambda p: 1.0, 40)
    assert teacher._rows[:80, 2].max() == 0.0


def test_pairs_of_learner_and_opponents_are_bounded():
    teacher = AlpGmm(SPACE, 0, measure=UNIT)
    for k in range(100):
        tell(teacher, lambda p: 0.5, 1, learner=f"l{k}")
    assert len(teacher._histories) == 16
    assert ("l99", "") in teacher._histories


def test_published_units_are_those_of_the_parameters():
    space = TaskSpace({"x": Real(0.0, 6.0, 1.0), "n": Integer(1, 4, 1), "c": Categorical(("a", "b"), "a")})
    assert widths(space).tolist() == [6.0, 4.0, 2.0]
    assert AlpGmm(space, 0)._units.tolist() == [1.0, 1.0, 1.0]
    assert AlpGmm(space, 0, faithful=True)._units.tolist() == [6.0, 4.0, 2.0]


@pytest.mark.parametrize("options", [{}, {"faithful": True}, {"history": 20_000}])
def test_a_state_goes_through_json(options):
    one, other = (AlpGmm(SPACE, seed, fit_rate=60, components=(2, 4), **options) for seed in (0, 1))
    rng = np.random.default_rng(0)
    tell(one, lambda p: float(p[0]) * rng.random(), 155)
    other.load_state_dict(json.loads(json.dumps(one.state_dict())))
    for _ in range(3):
        a, b = one.ask(40), other.ask(40)
        assert a == b
        for k, (p, q) in enumerate(zip(a, b, strict=True)):
            for teacher, proposal in ((one, p), (other, q)):
                teacher.tell(Result(id=proposal.id, learner="me", score=0.5, total_return=(k * 7 % 5) / 5, length=1))
    assert json.dumps(one.state_dict()) == json.dumps(other.state_dict())


def test_a_sketch_is_what_is_drawn_from():
    teacher = AlpGmm(SPACE, 0, measure=UNIT, fit_rate=100, random=0.0)
    assert teacher.sketch() == []
    tell(teacher, lambda p: float(p[0] > 0.5), 300)
    shapes = teacher.sketch()
    assert sum(shape["weight"] for shape in shapes) == pytest.approx(1.0)
    mean = sum(shape["weight"] * np.array(shape["mean"]) for shape in shapes)
    np.testing.assert_allclose(points(teacher, 2000).mean(axis=0), mean, atol=0.08)
    json.dumps(shapes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fit_rate": 5}, "fit_rate must be at least 10, not 5"),
        ({"components": (5, 2)}, "components must be the least and the greatest number, such as 2 and 10, not (5, 2)"),
        ({"random": 1.5}, "random must be from 0 to 1, not 1.5"),
        ({"criterion": "mdl"}, "criterion must be aic, bic or aicc, not 'mdl'"),
        ({"history": 5}, "history must be from 6 to 20000, not 5"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(InputError) as error:
        AlpGmm(SPACE, 0, **options)
    assert str(error.value) == f"teacher 'alp_gmm': {message}"
