from types import SimpleNamespace

import numpy as np
import pytest

from games import InputError, Integer, Real, TaskSpace
from league.teachers import Proposal, Result
from league.teachers.per_learner import PerLearner

SPACE = TaskSpace({"size": Integer(2, 9, 5), "speed": Real(0.0, 1.0, 0.5)})
EDGE = {"kind": "edge", "pool": 32, "refresh": 10, "window": 100}


def tell(teacher, proposal, learner, value=0.5):
    teacher.tell(Result(id=proposal.id, learner=learner, score=0.5, total_return=value, length=1))


def test_each_learner_is_taught_at_its_own_edge():
    teacher = PerLearner(SPACE, 0, inner=EDGE)
    edges = {"slow": 0.2, "fast": 0.8}
    drawn: dict[str, list[float]] = {"slow": [], "fast": []}
    for _ in range(500):
        for learner, edge in edges.items():
            (p,) = teacher.ask(1, learner)
            tell(teacher, p, learner, float(p.task["speed"] < edge))
            drawn[learner].append(p.task["speed"])
    for learner, edge in edges.items():
        assert np.mean(np.abs(np.array(drawn[learner][150:]) - edge) < 0.2) > 0.55, "of any, it were 0.4"
        assert np.mean(np.abs(1.0 - np.array(drawn[learner][150:]) - edge) < 0.2) < 0.3
    figures = teacher.metrics()
    assert figures["slow/told"] == figures["fast/told"] == 500
    assert figures["learners"] == 2
    assert sum(shape["weight"] for shape in teacher.sketch()) <= 1.0 + 1e-9


def test_it_does_not_matter_who_asks_first():
    one, two = (PerLearner(SPACE, 0, inner={"kind": "uniform"}) for _ in range(2))
    first = [p.task for p in one.ask(5, "b")]
    assert [p.task for p in one.ask(5, "a")] == [p.task for p in two.ask(5, "a")]
    assert [p.task for p in two.ask(5, "b")] == first
    assert [p.task for p in PerLearner(SPACE, 0, inner={"kind": "uniform"}).ask(5, "a")] != first
    assert {p.origin for p in one.ask(5, "a")} == {"uniform"}


def test_results_of_others_in_the_match_are_not_passed_on():
    teacher = PerLearner(SPACE, 0, inner={"kind": "uniform"})
    (p,) = teacher.ask(1, "a")
    teacher.ask(1, "b")
    tell(teacher, p, "b")
    tell(teacher, p, "a")
    figures = teacher.metrics()
    assert (figures["told"], figures["others"]) == (2, 1)
    assert (figures["a/told"], figures["b/told"], figures["b/ignored"]) == (1, 0, 0)


def test_a_task_that_was_made_for_nobody_takes_all_results():
    teacher = PerLearner(SPACE, 0, inner={"kind": "uniform"})
    (p,) = teacher.ask(1)
    tell(teacher, p, "a")
    tell(teacher, p, "b")
    assert teacher.metrics()["/told"] == 2


def test_whoever_plays_in_the_learners_place_is_heard():
    teacher = PerLearner(SPACE, 0, inner={"kind": "uniform"})
    teacher.ask(1, "a")
    inner = teacher.inner["a"]
    ask, inner.ask = (
        inner.ask,
        lambda n, learner: [Proposal(p.id, p.task, p.origin, player="random") for p in ask(n, learner)],
    )
    (p,) = teacher.ask(1, "a")
    assert p.player == "random"
    tell(teacher, p, "an agent's id")
    assert inner.metrics()["told"] == 1


def test_so_many_have_one_and_who_asked_longest_ago_loses_it():
    teacher = PerLearner(SPACE, 0, inner={"kind": "uniform"}, most=2)
    (a,) = teacher.ask(1, "a")
    teacher.ask(1, "b")
    teacher.ask(1, "a")
    (c,) = teacher.ask(1, "c")
    assert [*teacher.inner] == ["a", "c"]
    (b,) = teacher.ask(1, "b")
    assert [*teacher.inner] == ["c", "b"]
    assert teacher.metrics()["dropped"] == 2
    teacher.ask(1, "a")
    tell(teacher, a, "a")  # the new one has made another task under this number
    tell(teacher, c, "c")
    tell(teacher, b, "b")
    assert {name: t.metrics()["told"] for name, t in teacher.inner.items()} == {"a": 0, "b": 1}
    assert len(teacher.state_dict()["inner"]) == 2


def test_only_one_is_told_to_forget():
    teacher = PerLearner(SPACE, 0, inner=EDGE)
    for learner in ("a", "b"):
        for p in teacher.ask(30, learner):
            tell(teacher, p, learner, p.task["speed"])
    before = {name: t.state_dict() for name, t in teacher.inner.items()}
    teacher.forget("a")
    teacher.forget("nobody")
    assert [*teacher.inner] == ["a", "b"]
    assert teacher.inner["a"].state_dict() != before["a"]
    assert teacher.inner["b"].state_dict() == before["b"]


def test_room_is_that_of_the_inner_teacher():
    game = SimpleNamespace(seats=lambda task: ("seat",) * task["size"], max_seats=9)
    assert PerLearner(SPACE, 0, inner={"kind": "fixed", "tasks": {"size": 4}}).max_seats(game) == 4


def test_wrong_options():
    with pytest.raises(InputError, match="teacher 'per_learner': most must be at least 1, not 0"):
        PerLearner(SPACE, 0, inner=EDGE, most=0)
    with pytest.raises(InputError, match="teacher 'per_learner', inner: teacher 'edge': window must be at least 2"):
        PerLearner(SPACE, 0, inner={"kind": "edge", "window": 0})
