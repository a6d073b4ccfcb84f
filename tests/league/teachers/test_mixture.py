from collections import Counter

import pytest

from games import InputError, Integer, Real, TaskSpace
from league.teachers import Result
from league.teachers.mixture import Mixture

SPACE = TaskSpace({"size": Integer(2, 9, 5), "speed": Real(0.0, 1.0, 0.5)})
FOUR = {"kind": "fixed", "tasks": {"size": 4}}
NINE = {"kind": "fixed", "tasks": {"size": 9}}
EDGE = {"kind": "edge", "pool": 16, "refresh": 10, "window": 50}


def test_shares_are_those_of_the_weights():
    teacher = Mixture(SPACE, 0, teachers={"a": FOUR, "b": NINE, "c": NINE}, weights={"a": 1.5, "b": 0.0, "c": 0.5})
    proposals = teacher.ask(4000)
    seen = Counter(p.origin for p in proposals)
    assert set(seen) == {"a/fixed", "c/fixed"}
    assert seen["a/fixed"] / 4000 == pytest.approx(0.75, abs=0.03)
    assert Counter(p.task["size"] for p in proposals) == {4: seen["a/fixed"], 9: seen["c/fixed"]}


def test_by_default_all_weigh_the_same():
    seen = Counter(p.origin for p in Mixture(SPACE, 1, teachers={"a": FOUR, "b": NINE}).ask(4000))
    assert seen["a/fixed"] / 4000 == pytest.approx(0.5, abs=0.03)


def test_each_is_told_what_came_of_its_own_tasks():
    """The one at the edge would be misled by the other's results: they are all won."""
    teacher = Mixture(SPACE, 0, teachers={"edge": EDGE, "any": {"kind": "uniform"}})
    for _ in range(400):
        (p,) = teacher.ask(1)
        gained = float(p.task["speed"] > 0.5) if p.origin.startswith("edge") else 1.0
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=gained, length=1))
    figures = teacher.metrics()
    assert figures["edge/told"] == figures["edge/asked"]
    assert figures["any/told"] == figures["any/asked"]
    near = [abs(p.task["speed"] - 0.5) < 0.15 for p in teacher.ask(400) if p.origin == "edge/edge"]
    assert sum(near) / len(near) > 0.7


def test_a_sketch_is_weighted_by_the_shares():
    teacher = Mixture(
        SPACE, 0, teachers={"edge": EDGE, "any": {"kind": "uniform"}}, weights={"edge": 0.25, "any": 0.75}
    )
    for p in teacher.ask(400):
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=float(p.task["speed"] > 0.5), length=1))
    inner = teacher.inner["edge"].sketch()
    assert inner
    assert [s["weight"] for s in teacher.sketch()] == pytest.approx([0.25 * s["weight"] for s in inner])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"a": 1.0}, "must give one for each teacher, and 'b' has none"),
        ({"a": 1.0, "bb": 1.0}, r"weights name 'bb', but no teacher does; did you mean 'b'\?"),
        ({"a": 1.0, "b": -0.5}, "the weight of 'b' must be 0 or above, not -0.5"),
        ({"a": 1.0, "b": float("nan")}, "the weight of 'b' must be 0 or above, not nan"),
        ({"a": 0.0, "b": 0.0}, "one of the weights must be above 0"),
    ],
)
def test_wrong_weights(weights, message):
    with pytest.raises(InputError, match=message):
        Mixture(SPACE, 0, teachers={"a": FOUR, "b": NINE}, weights=weights)


def test_the_inner_one_is_named_when_it_is_wrong():
    with pytest.raises(InputError, match="teacher 'mixture', b: teacher 'edge': window must be at least 2, not 1"):
        Mixture(SPACE, 0, teachers={"a": FOUR, "b": {"kind": "edge", "window": 1}})
