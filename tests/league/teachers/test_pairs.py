from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from games import Categorical, InputError, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.pairs import Pairs

SPACE = TaskSpace({"x": Real(0.0, 1.0, 0.5), "map": Categorical(("a", "b"), "a")})
EDGE = {"kind": "edge", "measure": {"low": 0.0, "high": 1.0}}


def result(proposal, value=0.5, **of):
    of = {"opponents": proposal.opponents} | of
    return Result(id=proposal.id, learner="me", score=0.5, total_return=value, length=1, **of)


def test_task_and_class_together():
    proposals = Pairs(SPACE, 0, inner={"kind": "uniform"}, opponents=("self", "past", "elo -200")).ask(3000)
    assert all(SPACE.task(p.task) == p.task and set(p.task) == {"x", "map"} for p in proposals)
    seen = Counter((p.opponents, p.task["map"]) for p in proposals)
    assert len(seen) == 6
    assert min(seen.values()) / 3000 == pytest.approx(1 / 6, abs=0.03)
    assert {p.origin for p in proposals} == {"uniform"}


def test_each_class_has_an_edge_of_its_own():
    """Strong opponents are beaten on easy tasks at best, weak ones on all but the hardest."""
    teacher = Pairs(SPACE, 0, inner=EDGE, opponents=("weak", "strong"))
    limit = {"weak": 0.8, "strong": 0.2}
    drawn: dict[str, list[float]] = {"weak": [], "strong": []}
    for _ in range(2000):
        (p,) = teacher.ask(1)
        teacher.tell(result(p, float(p.task["x"] < limit[p.opponents])))
        if p.origin == "edge":
            drawn[p.opponents].append(p.task["x"])
    weak, strong = (np.array(x[len(x) // 4 :]) for x in drawn.values())
    assert min(len(weak), len(strong)) > 300
    assert np.median(weak) - np.median(strong) > 0.35
    for x, edge in ((weak, 0.8), (strong, 0.2)):
        assert np.mean(np.abs(x - edge) < 0.2) > np.mean(np.abs(1.0 - x - edge) < 0.2) + 0.2


def test_the_inner_teacher_does_not_hear_of_another_class():
    teacher = Pairs(SPACE, 0, inner={"kind": "uniform"}, opponents=("self", "past"))
    heard = []
    teacher.inner["inner"].tell = heard.append
    proposals = teacher.ask(40)
    for k, p in enumerate(proposals):
        teacher.tell(result(p) if k % 2 else result(p, opponents="fixed" if k % 4 else ""))
    assert [r.id for r in heard] == [p.id for p in proposals[1::2]]
    assert {r.opponents for r in heard} == {""}, "the class is part of the task by then"
    figures = teacher.metrics()
    assert (figures["told"], figures["missed"]) == (40, 20)


def test_a_parameter_of_the_same_name_stays_the_games():
    space = TaskSpace({"opponents": Real(0.0, 1.0, 0.5)})
    (p,) = Pairs(space, 0, inner={"kind": "uniform"}, opponents=("self",)).ask(1)
    assert p.opponents == "self"
    assert set(p.task) == {"opponents"}
    assert isinstance(p.task["opponents"], float)


def test_inner_tasks_may_name_the_class():
    tasks = [{"x": 0.25, "opponents": "past"}, {"x": 0.75}]
    teacher = Pairs(SPACE, 0, inner={"kind": "fixed", "tasks": tasks}, opponents=("self", "past"))
    assert [(p.task["x"], p.opponents) for p in teacher.ask(2)] == [(0.25, "past"), (0.75, "self")]
    assert teacher.max_seats(SimpleNamespace(max_seats=7)) == 7


def test_a_sketch_has_the_coordinates_of_the_task_space():
    teacher = Pairs(SPACE, 0, inner=EDGE, opponents=("self", "past"))
    teacher.inner["inner"].sketch = lambda: [
        {"point": [0.1, 0.2, 0.3], "weight": 0.5},
        {"mean": [0.1, 0.2, 0.3], "covariance": [[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]], "weight": 0.3},
        {"low": [0.0, 0.1, 0.2], "high": [0.5, 0.6, 0.7], "weight": 0.2},
    ]
    assert teacher.sketch() == [
        {"point": [0.1, 0.2], "weight": 0.5},
        {"mean": [0.1, 0.2], "covariance": [[1.0, 2.0], [2.0, 4.0]], "weight": 0.3},
        {"low": [0.0, 0.1], "high": [0.5, 0.6], "weight": 0.2},
    ]


def test_the_measure_of_the_inner_teacher_is_read_from_its_part():
    teacher = Pairs(SPACE, 0, inner=EDGE, opponents=("self",))
    assert teacher.inner["inner"].meter._measure == Measure(low=0.0, high=1.0)


@pytest.mark.parametrize("opponents", [(), ("self", "self"), ("", "past"), "self", (3,)])
def test_wrong_classes(opponents):
    with pytest.raises(InputError, match="teacher 'pairs' needs opponents: different classes of them, at least one"):
        Pairs(SPACE, 0, inner=EDGE, opponents=opponents)


def test_a_wrong_inner_teacher():
    with pytest.raises(InputError, match=r"teacher 'pairs', inner: unknown teacher 'egde'; did you mean 'edge'\?"):
        Pairs(SPACE, 0, inner={"kind": "egde"}, opponents=("self",))
