import json

import numpy as np
import pytest

from games import Categorical, InputError, Integer, Real, TaskSpace
from league.teachers import Result
from league.teachers.box import Box

SPACE = TaskSpace({"x": Real(-2.0, 8.0, 0.0), "n": Integer(1, 7, 3), "map": Categorical(("a", "b", "c"), "a")})


def tasks(teacher, n=2000):
    return [p.task for p in teacher.ask(n)]


def tell(teacher, value, n):
    for p in teacher.ask(n):
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=value, length=1))


def test_all_of_the_box_and_nothing_else():
    found = tasks(Box(SPACE, 0, low={"x": 1.0, "n": 2, "map": "b"}, high={"x": 3.5, "n": 4}))
    x = np.array([t["x"] for t in found])
    assert x.min() >= 1.0
    assert x.max() <= 3.5
    assert np.histogram(x, 5, (1.0, 3.5))[0] / 2000 == pytest.approx([0.2] * 5, abs=0.04)
    for name, values in {"n": (2, 3, 4), "map": ("b", "c")}.items():
        share = [sum(t[name] == v for t in found) / 2000 for v in values]
        assert share == pytest.approx([1 / len(values)] * len(values), abs=0.04), "both bounds are included"


@pytest.mark.parametrize("values", [{"n": n} for n in range(1, 8)] + [{"map": m} for m in "abc"] + [{"x": 0.5}])
def test_a_box_of_one_value(values):
    (name,) = values
    assert {t[name] for t in tasks(Box(SPACE, 0, low=values, high=values), 500)} == {values[name]}


def test_it_widens_with_each_result():
    teacher = Box(SPACE, 0, low={"x": 2.0, "n": 3}, high={"x": 3.0, "n": 3}, over=200)
    assert teacher.metrics()["width"] == 0.0
    tell(teacher, 0.0, 100)
    low, high = teacher.bounds
    assert low == pytest.approx([0.2, 1 / 7, 0.0]), "half of the way from 0.4 and 2/7 to 0"
    assert high == pytest.approx([0.75, (3 / 7 + 1) / 2, 1.0])
    assert teacher.sketch() == [{"low": low.tolist(), "high": high.tolist(), "weight": 1.0}]
    tell(teacher, 0.0, 500)
    assert (teacher.bounds == [[0.0] * 3, [1.0] * 3]).all()
    assert teacher.metrics()["width"] == 1.0


def test_it_widens_only_while_the_learner_copes():
    teacher = Box(SPACE, 0, low={"x": 2.0}, high={"x": 3.0}, over=10, above=0.5, newest=4)
    tell(teacher, 1.0, 3)
    assert teacher.width == 0.0, "too few to say"
    tell(teacher, 1.0, 2)
    assert teacher.width == 0.2
    tell(teacher, 0.0, 8)
    assert teacher.width == pytest.approx(0.3), "three of four were good once more"
    tell(teacher, 0.5, 8)
    assert teacher.width == pytest.approx(0.3), "it must be above"


def test_state():
    teacher = Box(SPACE, 0, low={"x": 2.0}, over=100, above=0.5, newest=3)
    tell(teacher, 1.0, 30)
    again = Box(SPACE, 1, low={"x": 2.0}, over=100, above=0.5, newest=3)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for _ in range(100):
        assert again.ask(1) == teacher.ask(1)
        tell(again, 0.4, 1)
        tell(teacher, 0.4, 1)
    assert again.state_dict() == teacher.state_dict()


def test_spaces_of_one_task():
    for space in (TaskSpace(), TaskSpace({"x": Real(2.0, 2.0, 2.0), "n": Integer(1, 1, 1)})):
        values = dict(space.task())
        teacher = Box(space, 0, low=values, high=values, over=5)
        tell(teacher, 1.0, 10)
        assert {*tasks(teacher, 20)} == {space.task()}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"low": {"y": 0.0}}, "teacher 'box': low has an unknown parameter 'y'"),
        ({"high": {"maps": "a"}}, r"teacher 'box': high has an unknown parameter 'maps'; did you mean 'map'\?"),
        ({"low": {"x": -3.0}}, "teacher 'box': low of 'x' must be a number from -2.0 to 8.0, not -3.0"),
        ({"high": {"map": "d"}}, "teacher 'box': high of 'map' must be one of 'a', 'b', 'c', not 'd'"),
        ({"low": {"n": 5}, "high": {"n": 4}}, "teacher 'box': low of 'n' is above its high"),
        ({"over": -1}, "over must be 0 or above, not -1"),
        ({"over": 5, "newest": 0}, "newest must be at least 1, not 0"),
        ({"above": 0.5}, "above says when the box widens, so over must be above 0"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        Box(SPACE, 0, **options)
